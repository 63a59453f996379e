"""Builds the Dockerfile without a container engine: a stage is a folder, a RUN is a command in a chroot.

What the Dockerfile starts from is made of Debian's packages: ``debian:12-slim`` with debootstrap, the
distroless Python from the files of the packages that it is made of. A stage whose inputs are the same as
before is taken from the user's cache, as a container engine would.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from tests.live.build import cache_home
from tests.live.chroot import Built, run_inside
from tests.live.debian import make_debian, make_distroless
from tests.live.dockerfile import Stage, Step, read_dockerfile

ROOT = Path(__file__).parents[2]
NEEDED = ("debootstrap", "apt-get", "chroot", "unshare")
_TOOLS = "tools"
"""The stage that has Debian's Python with its package database."""


def find_missing() -> str:
    """What this machine lacks; the empty string when it lacks nothing."""
    if os.geteuid() != 0:
        return "building the image's stages needs root"
    places = [name for name in NEEDED if not shutil.which(name)]
    return (
        f"building the image's stages needs {', '.join(places)} (apt install debootstrap)" if places else ""
    )


class ImageBuilder:
    """Builds stages of the Dockerfile at the root of the repository."""

    def __init__(self, cache: Path | None = None) -> None:
        """Keep stages below ``cache``; without one, in the user's."""
        self._cache = cache or cache_home() / "image-stages"
        self._cache.mkdir(parents=True, exist_ok=True)
        self.stages = read_dockerfile((ROOT / "Dockerfile").read_text())

    def build(self, name: str) -> Built:
        """Build a stage, and those that it takes from.

        Raises:
            CalledProcessError: a command of the Dockerfile failed.
        """
        folder = self._build_files(name)
        steps = [step for stage in self._trail(name) for step in stage.steps]
        last = {step.instruction: step for step in steps}
        return Built(
            folder=folder,
            environment=_read_environment(steps),
            command=tuple(last["ENTRYPOINT"].words) if "ENTRYPOINT" in last else (),
            arguments=tuple(last["CMD"].words) if "CMD" in last else (),
            user=last["USER"].text if "USER" in last else "0:0",
            workdir=last["WORKDIR"].text if "WORKDIR" in last else "/",
        )

    def _trail(self, name: str) -> list[Stage]:
        """A stage after those that it is made from."""
        stage = self.stages[name]
        return [*(self._trail(stage.base) if stage.base in self.stages else []), stage]

    def _build_files(self, name: str) -> Path:
        folder = self._cache / f"{name}-{self._digest(name)}"
        if folder.exists():
            return folder
        stage, unfinished = self.stages[name], self._cache / f".{name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        subprocess.run(["cp", "-al", self._find_base(stage), unfinished], check=True)
        workdir, done = Path("/"), [step for before in self._trail(name)[:-1] for step in before.steps]
        for step in done:
            workdir = Path(step.text) if step.instruction == "WORKDIR" else workdir
        for step in stage.steps:
            done.append(step)
            if step.instruction == "WORKDIR":
                workdir = Path(step.text)
                _inside(unfinished, workdir).mkdir(parents=True, exist_ok=True)
            elif step.instruction == "COPY":
                self._copy(step, unfinished, workdir)
            elif step.instruction == "RUN":
                run_inside(unfinished, _read_environment(done), f"cd {workdir} && {step.text}")
        for old in self._cache.glob(f"{name}-????????????"):
            shutil.rmtree(old)
        unfinished.rename(folder)
        return folder

    def _find_base(self, stage: Stage) -> Path:
        if stage.base in self.stages:
            return self._build_files(stage.base)
        if stage.base.startswith("debian:12"):
            return self._debian
        if stage.base.startswith("gcr.io/distroless/python3-debian12:"):
            return make_distroless(self._build_files(_TOOLS), self._cache / ".distroless")
        raise ValueError(f"{stage.base} cannot be made here")

    @cached_property
    def _debian(self) -> Path:
        return make_debian(self._cache / "debian-12")

    def _copy(self, step: Step, root: Path, workdir: Path) -> None:
        """Copy, or link what another stage has: its files are not written to again."""
        *sources, target = step.words
        place, owner = _inside(root, workdir / target), step.flags.get("chown", "0:0")
        origin = self._build_files(step.flags["from"]) if "from" in step.flags else ROOT
        linked = origin != ROOT and owner == "0:0"
        for source in sources:
            path = _inside(origin, Path("/") / source)
            goal = place / path.name if target.endswith("/") and path.is_file() else place
            goal.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file():
                goal.unlink(missing_ok=True)  # it may be the base's own
            how = "--link" if linked else "--preserve=mode,timestamps"
            command = ["cp", "--recursive", how, "--no-dereference", "--no-target-directory", path, goal]
            subprocess.run(command, check=True)
            if origin == ROOT:
                cached = ["find", goal, "-name", "__pycache__", "-prune", "-exec", "rm", "-r", "{}", "+"]
                subprocess.run(cached, check=True)
            if not linked:
                subprocess.run(["chown", "--recursive", "--no-dereference", owner, goal], check=True)

    def _digest(self, name: str) -> str:
        """What a stage depends on, in twelve letters."""
        stage, digest = self.stages[name], hashlib.sha256()
        digest.update((self._digest(stage.base) if stage.base in self.stages else stage.base).encode())
        for step in stage.steps:
            digest.update(repr(step).encode())
            if step.instruction == "COPY" and "from" in step.flags:
                digest.update(self._digest(step.flags["from"]).encode())
            elif step.instruction == "COPY":
                for path in (path for source in step.words[:-1] for path in list_context(source)):
                    digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
        return digest.hexdigest()[:12]


def list_context(source: str) -> Iterator[Path]:
    """The files that a COPY of the repository's takes."""
    path = ROOT / source
    found = [path] if path.is_file() else sorted(path.rglob("*"))
    yield from (item for item in found if item.is_file() and "__pycache__" not in item.parts)


def _read_environment(steps: list[Step]) -> dict[str, str]:
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for step in steps:
        if step.instruction == "ENV":
            found |= dict(word.split("=", 1) for word in step.words)
    return found


def _inside(root: Path, place: Path) -> Path:
    return root / str(place).lstrip("/")

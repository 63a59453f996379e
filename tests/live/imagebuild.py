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
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.live.build import cache_home
from tests.live.debian import make_debian, make_distroless
from tests.live.dockerfile import Stage, Step, read_dockerfile

ROOT = Path(__file__).parents[2]
NEEDED = ("debootstrap", "chroot", "unshare")
_TOOLS = "tools"
"""The stage that has Debian's Python with its package database."""

_CHROOT = """
root=$1; shift
mount --bind /dev "$root/dev"; mount -t proc proc "$root/proc"
for pair in $BORROWED; do
  place=${pair%=*}; target=$root${pair#*=}
  mkdir -p "$(dirname "$target")"
  if [ -d "$place" ]; then mkdir -p "$target"; else [ -e "$target" ] || : > "$target"; fi
  mount --bind "$place" "$target"
done
exec chroot "$root" "$@"
"""


def find_missing() -> str:
    """What this machine lacks; the empty string when it lacks nothing."""
    if os.geteuid() != 0:
        return "building the image's stages needs root"
    places = [name for name in NEEDED if not shutil.which(name)]
    return (
        f"building the image's stages needs {', '.join(places)} (apt install debootstrap)" if places else ""
    )


@dataclass(frozen=True)
class Built:
    """A stage's files, and how a container of it starts."""

    folder: Path
    environment: dict[str, str]
    command: tuple[str, ...]
    arguments: tuple[str, ...]
    user: str
    workdir: str


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
        *sources, target = step.words
        place = _inside(root, workdir / target)
        origin = self._build_files(step.flags["from"]) if "from" in step.flags else ROOT
        for source in sources:
            path = _inside(origin, Path("/") / source)
            goal = place / path.name if target.endswith("/") and path.is_file() else place
            goal.parent.mkdir(parents=True, exist_ok=True)
            ignore = shutil.ignore_patterns("__pycache__") if origin == ROOT else None
            if path.is_dir():
                shutil.copytree(path, goal, symlinks=True, ignore=ignore, dirs_exist_ok=True)
            else:
                goal.unlink(missing_ok=True)  # it may be the base's own file
                shutil.copy2(path, goal)
            owner = step.flags.get("chown", "0:0")
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


def run_inside(root: Path, environment: dict[str, str], script: str) -> str:
    """Run a shell script in a folder as the root of all files; what it prints.

    Package clients are told what this machine's are: their settings, and the files those name.

    Raises:
        CalledProcessError: it failed; what it said is in its notes.
    """
    settings, borrowed = _read_machine()
    done = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "sh", "-ec", _CHROOT, "sh", root]
        + ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in (settings | environment).items())]
        + ["/bin/sh", "-ec", script],
        env={"PATH": os.environ["PATH"], "BORROWED": " ".join(borrowed)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        error = subprocess.CalledProcessError(done.returncode, script, done.stdout, done.stderr)
        error.add_note(done.stderr[-2000:])
        raise error
    return done.stdout


def _read_machine() -> tuple[dict[str, str], list[str]]:
    """This machine's settings of pip, and the files of its package clients with their places in a chroot.

    A file that a setting names is put aside: packages have files of the same names.
    """
    settings, borrowed = {}, []
    for place in ("/etc/apt", "/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf"):
        borrowed += [f"{place}={place}"] if Path(place).exists() else []
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            aside = f"/run/borrowed/{name}"
            there = value.startswith("/") and Path(value).exists()
            settings[name] = aside if there else value
            borrowed += [f"{value}={aside}"] if there else []
    return settings, borrowed


def _read_environment(steps: list[Step]) -> dict[str, str]:
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for step in steps:
        if step.instruction == "ENV":
            found |= dict(word.split("=", 1) for word in step.words)
    return found


def _inside(root: Path, place: Path) -> Path:
    return root / str(place).lstrip("/")

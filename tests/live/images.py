"""Container images made by hand from the machine's static busybox; nothing is downloaded."""

import gzip
import hashlib
import io
import json
import shlex
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

BUSYBOX = Path("/bin/busybox")
APPLETS = (
    *("sh", "sleep", "cat", "echo", "nc", "false", "true", "date", "seq", "head", "tail", "tr", "ls", "id"),
    *("httpd", "mkdir", "touch", "wc", "grep", "sed", "nslookup", "chmod", "kill", "env", "hostname"),
)
PAUSE = "registry.local/pause:1"
SHELL = "registry.local/shell:1"
SCRIPTS = Path(__file__).parent / "apps"


class App(BaseModel):
    """An application of the faults, as ``apps.yaml`` describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: tuple[str, ...] = ()
    every: int = 5
    format: str = "plain"
    port: int = 8080
    path: str = "/healthz"
    script: str = "service"
    settings: dict[str, str] = {}
    name: str = ""
    kubectl: bool = False
    broken: bool = False


class Image(BaseModel):
    """An image: compressed layers, the lowest first, and its configuration as JSON."""

    model_config = ConfigDict(frozen=True)

    layers: tuple[bytes, ...]
    config: bytes


def load_apps() -> dict[str, App]:
    """The applications, by the name of their image."""
    content = yaml.safe_load(SCRIPTS.with_suffix(".yaml").read_text())
    return {name: App.model_validate(app) for name, app in content.items()}


def make_image(reference: str, app: App, kubectl: Path) -> Image:
    """The image of an application; its start script is in it, so that no manifest gives the cause away."""
    files, command = dict(_list_files(reference, app)), ["/bin/sh", f"/app/{app.script}.sh"]
    if app.broken:
        files, command = {"app/run": (b"\x7fELF, but not for this machine", 0o755)}, ["/app/run"]
    layers = [_make_base(), *([_make_program(kubectl)] if app.kubectl else []), _make_layer(files)]
    digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    return Image(layers=tuple(map(_compress, layers)), config=_make_config(digests, command))


def write_archive(path: Path) -> None:
    """A docker archive, as ``ctr images import`` takes it, with the images ``PAUSE`` and ``SHELL``."""
    layer = _make_base()
    blobs = {"layer.tar": layer}
    manifest = []
    for tag, command in ((PAUSE, ["/bin/sleep", "2147483647"]), (SHELL, ["/bin/sh"])):
        config = _make_config([f"sha256:{hashlib.sha256(layer).hexdigest()}"], command)
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        blobs[name] = config
        manifest.append({"Config": name, "RepoTags": [tag], "Layers": ["layer.tar"]})
    blobs["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(path, "w") as archive:
        for name, content in blobs.items():
            _add(archive, name, content)


def _list_files(reference: str, app: App) -> Iterator[tuple[str, tuple[bytes, int]]]:
    name = app.name or reference.rpartition("/")[2].partition(":")[0]
    settings = {"NAME": name, "FORMAT": app.format, "EVERY": str(app.every), "PORT": str(app.port or "")}
    lines = [f"{key}={shlex.quote(value)}" for key, value in (settings | app.settings).items()]
    yield "app/settings", ("\n".join([*lines, ""]).encode(), 0o644)
    yield "app/says", ("\n".join([*app.says, ""]).encode(), 0o644)
    for script in ("lib", app.script):
        yield f"app/{script}.sh", ((SCRIPTS / f"{script}.sh").read_bytes(), 0o644)
    for path in {"/healthz", app.path}:
        yield f"app/www{path}", (b"ok\n", 0o644)


@cache
def _make_base() -> bytes:
    return _make_layer({"bin/busybox": (BUSYBOX.read_bytes(), 0o755)}, APPLETS, ("tmp", "etc"))


@cache
def _make_program(path: Path) -> bytes:
    return _make_layer({f"bin/{path.name}": (path.read_bytes(), 0o755)})


def _make_layer(
    files: Mapping[str, tuple[bytes, int]], applets: tuple[str, ...] = (), folders: tuple[str, ...] = ()
) -> bytes:
    """A layer: files with their modes, links to busybox, and folders that everyone may write to."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        for name, (content, mode) in files.items():
            _add(layer, name, content, mode)
        for applet in applets:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            layer.addfile(link)
        for folder in folders:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o777
            layer.addfile(entry)
    return buffer.getvalue()


@cache
def _compress(layer: bytes) -> bytes:
    return gzip.compress(layer, 1, mtime=0)


def _make_config(digests: list[str], command: list[str]) -> bytes:
    config: dict[str, Any] = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": command, "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": digests},
    }
    return json.dumps(config).encode()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))

"""Container images made by hand from the machine's static busybox; nothing is downloaded."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

BUSYBOX = Path("/bin/busybox")
APPLETS = ("sh", "sleep", "cat", "echo", "nc", "false", "true", "date", "seq", "head", "tail", "tr", "ls")
PAUSE = "registry.local/pause:1"
SHELL = "registry.local/shell:1"


def write_archive(path: Path) -> None:
    """A docker archive, as ``ctr images import`` takes it, with the images ``PAUSE`` and ``SHELL``."""
    layer = _make_layer()
    blobs = {"layer.tar": layer}
    manifest = []
    for tag, command in ((PAUSE, ["/bin/sleep", "2147483647"]), (SHELL, ["/bin/sh"])):
        config = _make_config(layer, command)
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        blobs[name] = config
        manifest.append({"Config": name, "RepoTags": [tag], "Layers": ["layer.tar"]})
    blobs["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(path, "w") as archive:
        for name, content in blobs.items():
            _add(archive, name, content)


def _make_layer() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as layer:
        _add(layer, "bin/busybox", BUSYBOX.read_bytes(), mode=0o755)
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            layer.addfile(link)
        for folder in ("tmp", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o777
            layer.addfile(entry)
    return buffer.getvalue()


def _make_config(layer: bytes, command: list[str]) -> bytes:
    digest = f"sha256:{hashlib.sha256(layer).hexdigest()}"
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": command, "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [digest]},
    }
    return json.dumps(config).encode()


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))

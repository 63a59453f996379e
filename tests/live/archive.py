"""A stage that was built -> a docker archive, as ``ctr images import`` takes it."""

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path

from tests.live.chroot import Built


def write_image(built: Built, reference: str, folder: Path) -> Path:
    """Write an image of one layer below ``folder``; the path of its archive."""
    layer, archive = folder / "layer.tar", folder / "image.tar"
    subprocess.run(["tar", "--numeric-owner", "-C", built.folder, "-cf", layer, "."], check=True)
    config = _describe(built, layer)
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [reference], "Layers": [layer.name]}]).encode()
    with tarfile.open(archive, "w") as outer:
        outer.add(layer, layer.name)
        for path, content in ((name, config), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            outer.addfile(entry, io.BytesIO(content))
    layer.unlink()
    return archive


def _describe(built: Built, layer: Path) -> bytes:
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    container = {
        "User": built.user,
        "WorkingDir": built.workdir,
        "Env": [f"{name}={value}" for name, value in built.environment.items()],
        "Entrypoint": list(built.command),
        "Cmd": list(built.arguments),
    }
    layers = {"type": "layers", "diff_ids": [f"sha256:{digest}"]}
    described = {"architecture": "amd64", "os": "linux", "config": container, "rootfs": layers}
    return json.dumps(described).encode()

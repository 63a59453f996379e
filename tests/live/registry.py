"""Two image registries in the nodes' network namespace; one wants a password that nobody here has."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import httpx

from tests.live.images import App, Image, make_image
from tests.live.network import ENTER, REGISTRY_ADDRESS, VENDOR_ADDRESS
from tests.live.processes import Processes, reaches

NEEDED = "docker-registry"
DONOR = "web"
"""The repository that is pushed first; the layers that others share are taken from it."""

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
_USERS = "vendor:$2b$04$5GnDJ3b2HMaVq0xBNcTgn.EHp3pcKxa0KzIGaIzkpYdvaRDRtMXUm\n"
_SETTINGS = {"version": "0.1", "log": {"level": "warn"}, "health": {"storagedriver": {"enabled": False}}}


class Registries:
    """``registry.local`` with the applications' images, and ``vendor-registry.local`` behind a password."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        folder.mkdir(parents=True)
        self._folder, self._processes = folder, processes

    def start(self) -> float:
        """Start both, empty."""
        (self._folder / "users").write_text(_USERS)
        auth = {"htpasswd": {"realm": "vendor-registry.local", "path": str(self._folder / "users")}}
        took = self._start("registry", REGISTRY_ADDRESS, {})
        return took + self._start("vendor-registry", VENDOR_ADDRESS, {"auth": auth})

    def push(self, apps: Iterable[tuple[str, App]], kubectl: Path) -> int:
        """Fill the open one with the images of its applications; return how many there are."""
        mine = [(name, app) for name, app in apps if name.startswith("registry.local/")]
        with httpx.Client(base_url=f"http://{REGISTRY_ADDRESS}/v2", timeout=60) as client:
            for name, app in mine:
                repository, _, tag = name.partition("/")[2].partition(":")
                _push(client, repository, tag, make_image(name, app, kubectl))
        return len(mine)

    def _start(self, name: str, address: str, more: dict[str, object]) -> float:
        storage = {"filesystem": {"rootdirectory": str(self._folder / name)}}
        config = self._folder / f"{name}.json"
        config.write_text(
            json.dumps({**_SETTINGS, "storage": storage, "http": {"addr": f"{address}:80"}, **more})
        )
        command = (*ENTER, "env", "OTEL_TRACES_EXPORTER=none", NEEDED, "serve", config)
        return self._processes.start(name, *command, ready=lambda: reaches(address, 80))


def _push(client: httpx.Client, repository: str, tag: str, image: Image) -> None:
    """Push as the distribution specification says: each blob unless it is there, then the manifest."""
    layers = [_push_blob(client, repository, _LAYER, layer) for layer in image.layers]
    config = _push_blob(client, repository, _CONFIG, image.config)
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": layers}
    headers = {"Content-Type": _MANIFEST}
    url = f"/{repository}/manifests/{tag}"
    client.put(url, content=json.dumps(manifest), headers=headers).raise_for_status()


def _push_blob(client: httpx.Client, repository: str, media_type: str, blob: bytes) -> dict[str, object]:
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    begun = client.post(f"/{repository}/blobs/uploads/", params={"mount": digest, "from": DONOR})
    if begun.raise_for_status().status_code != httpx.codes.CREATED:
        headers = {"Content-Type": "application/octet-stream"}
        url = httpx.URL(begun.headers["Location"]).copy_merge_params({"digest": digest})
        client.put(url, content=blob, headers=headers).raise_for_status()
    return {"mediaType": media_type, "size": len(blob), "digest": digest}

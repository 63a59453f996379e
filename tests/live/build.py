"""Builds Kubernetes and its addons from the Go modules beside this file, once, into the user's cache."""

import hashlib
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

FOLDER = Path(__file__).parent
PACKAGES = {
    "controlplane": {
        "etcd": "go.etcd.io/etcd/server/v3",
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
        "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
        "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
        "kubelet": "k8s.io/kubernetes/cmd/kubelet",
        "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy",
        "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    },
    "addons": {
        "coredns": "./coredns",
        "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server",
    },
}
"""Go module, the name of each program built from it, and the package that is its main."""


class CannotBuild(Exception):
    """Something that building takes is missing, or the compiler failed."""


def read_version() -> str:
    """The Kubernetes version that the module asks for, such as ``v1.34.4``."""
    found = re.search(r"k8s\.io/kubernetes (v[\d.]+)", (FOLDER / "controlplane" / "go.mod").read_text())
    assert found, "controlplane/go.mod does not require k8s.io/kubernetes"
    return found[1]


def find_cache() -> Path:
    """The folder of the programs; another one for every change of the modules."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256()
    for module in PACKAGES:
        for path in sorted((FOLDER / module).rglob("*.*")):
            digest.update(path.read_bytes())
    return home / "kubewhy" / f"live-{read_version()}-{digest.hexdigest()[:8]}"


def build() -> Path:
    """Build what is not in the cache yet, and return the folder of the programs.

    Building everything takes some twenty minutes on two cores, and 5 GB for Go's own caches.

    Raises:
        CannotBuild: there is no Go, or it failed.
    """
    folder = find_cache()
    programs = [(module, name) for module, packages in PACKAGES.items() for name in packages]
    missing = [(module, name) for module, name in programs if not (folder / name).exists()]
    if missing and not shutil.which("go"):
        raise CannotBuild("Building Kubernetes takes Go 1.24 or later in PATH: https://go.dev/dl")
    folder.mkdir(parents=True, exist_ok=True)
    for number, (module, name) in enumerate(missing, 1):
        print(f"Building {name} ({number} of {len(missing)}) into {folder}", flush=True)
        begin = time.monotonic()
        _compile(module, name, folder)
        print(f"  took {time.monotonic() - begin:.0f}s", flush=True)
    return folder


def _compile(module: str, name: str, folder: Path) -> None:
    unfinished = folder / f".{name}"
    command = ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", _flags()]
    run = subprocess.run(
        [*command, "-o", str(unfinished), PACKAGES[module][name]],
        cwd=FOLDER / module,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
    )
    if run.returncode:
        raise CannotBuild(f"go build {PACKAGES[module][name]} failed:\n{run.stderr[-2000:]}")
    unfinished.rename(folder / name)


def _flags() -> str:
    """What the release build tells the linker; without it every program says v0.0.0."""
    version = read_version()
    major, minor, _ = version.removeprefix("v").split(".")
    facts = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    stamps = [f"-X k8s.io/component-base/version.{name}={value}" for name, value in facts.items()]
    return " ".join(["-s -w", *stamps])


if __name__ == "__main__":
    print(f"Kubernetes {read_version()} is in {build()}")

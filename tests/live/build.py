"""Builds Kubernetes from the Go module in ``controlplane/``, once, into the user's cache."""

import hashlib
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

MODULE = Path(__file__).parent / "controlplane"
PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubelet": "k8s.io/kubernetes/cmd/kubelet",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
"""Name of each program and the package that is its main."""


class CannotBuild(Exception):
    """Something that building takes is missing, or the compiler failed."""


def read_version() -> str:
    """The Kubernetes version that the module asks for, such as ``v1.34.4``."""
    found = re.search(r"k8s\.io/kubernetes (v[\d.]+)", (MODULE / "go.mod").read_text(), re.MULTILINE)
    assert found, "controlplane/go.mod does not require k8s.io/kubernetes"
    return found[1]


def find_cache() -> Path:
    """The folder of the programs; another one for every change of the module."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256((MODULE / "go.mod").read_bytes() + (MODULE / "go.sum").read_bytes()).hexdigest()
    return home / "kubewhy" / f"live-{read_version()}-{digest[:8]}"


def build() -> Path:
    """Build what is not in the cache yet, and return the folder of the programs.

    Building everything takes a quarter of an hour on two cores, and some 2 GB for Go's own caches.

    Raises:
        CannotBuild: there is no Go, or it failed.
    """
    folder = find_cache()
    missing = [name for name in PACKAGES if not (folder / name).exists()]
    if missing and not shutil.which("go"):
        raise CannotBuild("Building Kubernetes takes Go 1.24 or later in PATH: https://go.dev/dl")
    folder.mkdir(parents=True, exist_ok=True)
    for name in missing:
        print(f"Building {name} of Kubernetes {read_version()} into {folder}", flush=True)
        begin = time.monotonic()
        _compile(name, folder)
        print(f"  took {time.monotonic() - begin:.0f}s", flush=True)
    return folder


def _compile(name: str, folder: Path) -> None:
    unfinished = folder / f".{name}"
    command = ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", _flags()]
    run = subprocess.run(
        [*command, "-o", str(unfinished), PACKAGES[name]],
        cwd=MODULE,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
    )
    if run.returncode:
        raise CannotBuild(f"go build {PACKAGES[name]} failed:\n{run.stderr[-2000:]}")
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

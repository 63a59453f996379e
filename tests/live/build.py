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

HELM = {"charts": {"helm": "helm.sh/helm/v3/cmd/helm"}}
"""The same of what the charts are tested with."""


class CannotBuild(Exception):
    """Something that building takes is missing, or the compiler failed."""


def read_version() -> str:
    """The Kubernetes version that the module asks for, such as ``v1.34.4``."""
    found = re.search(r"k8s\.io/kubernetes (v[\d.]+)", (FOLDER / "controlplane" / "go.mod").read_text())
    assert found, "controlplane/go.mod does not require k8s.io/kubernetes"
    return found[1]


def cache_home() -> Path:
    """The folder of all that is made once."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubewhy"


def find_cache(wanted: dict[str, dict[str, str]] = PACKAGES) -> Path:
    """The folder of the programs; another one for every change of the modules."""
    digest = hashlib.sha256()
    for module in wanted:
        for path in sorted((FOLDER / module).rglob("*.*")):
            digest.update(path.read_bytes())
    name = f"live-{read_version()}" if wanted is PACKAGES else "-".join(wanted)
    return cache_home() / f"{name}-{digest.hexdigest()[:8]}"


def build(wanted: dict[str, dict[str, str]] = PACKAGES) -> Path:
    """Build what is not in the cache yet, and return the folder of the programs.

    Building Kubernetes takes some twenty minutes on two cores, and 5 GB for Go's own caches.

    Raises:
        CannotBuild: there is no Go, or it failed.
    """
    folder = find_cache(wanted)
    programs = [
        (module, package, name) for module, packages in wanted.items() for name, package in packages.items()
    ]
    missing = [program for program in programs if not (folder / program[2]).exists()]
    if missing and not shutil.which("go"):
        raise CannotBuild("Building Kubernetes takes Go 1.24 or later in PATH: https://go.dev/dl")
    folder.mkdir(parents=True, exist_ok=True)
    for number, (module, package, name) in enumerate(missing, 1):
        print(f"Building {name} ({number} of {len(missing)}) into {folder}", flush=True)
        begin = time.monotonic()
        _compile(module, package, folder / name)
        print(f"  took {time.monotonic() - begin:.0f}s", flush=True)
    return folder


def _compile(module: str, package: str, program: Path) -> None:
    unfinished = program.with_name(f".{program.name}")
    command = ["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", _flags()]
    run = subprocess.run(
        [*command, "-o", str(unfinished), package],
        cwd=FOLDER / module,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
    )
    if run.returncode:
        raise CannotBuild(f"go build {package} failed:\n{run.stderr[-2000:]}")
    unfinished.rename(program)


def _flags() -> str:
    """What the release builds tell the linker; without it every program says v0.0.0, and Helm takes 1.20."""
    version = read_version()
    major, minor, _ = version.removeprefix("v").split(".")
    facts = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    stamps = [f"-X k8s.io/component-base/version.{name}={value}" for name, value in facts.items()]
    for package in ("chartutil", "lint/rules"):
        place = f"-X helm.sh/helm/v3/pkg/{package}.k8sVersion"
        stamps += [f"{place}Major={major}", f"{place}Minor={minor}"]
    return " ".join(["-s -w", *stamps])


if __name__ == "__main__":
    print(f"Kubernetes {read_version()} is in {build()}, Helm in {build(HELM)}")

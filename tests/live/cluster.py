"""A cluster of one node to try things on by hand: ``python -m tests.live.cluster up``, and ``down``."""

import shutil
from pathlib import Path

import typer

from tests.live.build import build, find_cache
from tests.live.controlplane import ControlPlane
from tests.live.node import Node, clean_up, find_missing
from tests.live.processes import stop_programs

app = typer.Typer(add_completion=False, no_args_is_help=True)


def _folder() -> Path:
    return find_cache().parent / "cluster"


@app.command()
def up() -> None:
    """Start a control plane on loopback, and a node if this machine can run one; leave them running."""
    if _folder().exists():
        raise SystemExit(f"There is one already in {_folder()}: stop it with `down` first.")
    programs = build()
    plane = ControlPlane(programs, _folder())
    took = plane.start()
    if missing := find_missing():
        print(f"Without a node: {missing}")
    else:
        took |= Node(programs, _folder() / "node", plane).start()
    for name, seconds in took.items():
        print(f"{name} was ready after {seconds:.1f}s")
    print(f"export KUBECONFIG={plane.kubeconfig}")


@app.command()
def down() -> None:
    """Stop everything and remove its files, also after a start that failed."""
    clean_up(_folder() / "node")
    stop_programs(_folder())
    shutil.rmtree(_folder(), ignore_errors=True)


if __name__ == "__main__":
    app()

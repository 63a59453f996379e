"""A whole cluster to try things on by hand: ``python -m tests.live.cluster up``, and ``down``."""

from pathlib import Path

import typer

from tests.live.build import build, find_cache
from tests.live.controlplane import ControlPlane
from tests.live.site import find_missing, start_site, stop_site

app = typer.Typer(add_completion=False, no_args_is_help=True)


def _folder() -> Path:
    return find_cache().parent / "cluster"


@app.command()
def up() -> None:
    """Start a control plane on loopback, and nodes if this machine can run them; leave them running."""
    if _folder().exists():
        raise SystemExit(f"There is one already in {_folder()}: stop it with `down` first.")
    if missing := find_missing():
        print(f"Without nodes: {missing}")
        plane = ControlPlane(build(), _folder())
        plane.start()
    else:
        plane = start_site(_folder()).plane
    print(f"export KUBECONFIG={plane.kubeconfig}")


@app.command()
def down() -> None:
    """Stop everything and remove its files, also after a start that failed."""
    stop_site(_folder())


if __name__ == "__main__":
    app()

"""A control plane to try things on by hand: ``python -m tests.live.cluster up``, and ``down``."""

import json
import shutil
from pathlib import Path

import typer

from tests.live.build import build, find_cache
from tests.live.controlplane import ControlPlane
from tests.live.processes import stop_numbers

app = typer.Typer(add_completion=False, no_args_is_help=True)


def _folder() -> Path:
    return find_cache().parent / "cluster"


@app.command()
def up() -> None:
    """Start a control plane on loopback and leave it running."""
    if _folder().exists():
        raise SystemExit(f"There is one already in {_folder()}: stop it with `down` first.")
    plane = ControlPlane(build(), _folder())
    try:
        took = plane.start()
    except BaseException:
        plane.stop()
        raise
    (_folder() / "numbers.json").write_text(json.dumps(plane.processes.numbers))
    for name, seconds in took.items():
        print(f"{name} was ready after {seconds:.1f}s")
    print(f"export KUBECONFIG={plane.kubeconfig}")


@app.command()
def down() -> None:
    """Stop it and remove its files."""
    numbers = _folder() / "numbers.json"
    if numbers.exists():
        stop_numbers(json.loads(numbers.read_text()), _folder())
    shutil.rmtree(_folder(), ignore_errors=True)


if __name__ == "__main__":
    app()

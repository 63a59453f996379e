"""An OpenSearch to try things on by hand: ``python -m tests.live.opensearch up``, and ``down``."""

import shutil
import tempfile
from pathlib import Path

import typer

from tests.live.opensearch.server import OpenSearch, assemble, read_version
from tests.live.processes import stop_programs

PORT = 9200

app = typer.Typer(add_completion=False, no_args_is_help=True)
_BY_HAND = Path(tempfile.gettempdir()) / "kubewhy-opensearch"


@app.command()
def build() -> None:
    """Put it together from Maven Central unless it is in the cache."""
    print(f"OpenSearch {read_version()} is in {assemble()}")


@app.command()
def up() -> None:
    """Start one on http://127.0.0.1:9200 and leave it running."""
    if _BY_HAND.exists():
        raise SystemExit(f"There is one already in {_BY_HAND}: stop it with `down` first.")
    opensearch = OpenSearch(assemble(), _BY_HAND, PORT)
    took = opensearch.start()
    print(f"OpenSearch {read_version()} answers on {opensearch.url} after {took:.1f}s")
    print(f"export KUBEWHY_OPENSEARCH__URL={opensearch.url}")


@app.command()
def down() -> None:
    """Stop it and remove its files, also after a start that failed."""
    stop_programs(_BY_HAND)
    shutil.rmtree(_BY_HAND, ignore_errors=True)


if __name__ == "__main__":
    app()

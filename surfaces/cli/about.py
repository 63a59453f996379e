"""``kubewhy about``: version and source, with a QR code to pick up with a phone."""

import asyncio

import typer

from surfaces.cli.guard import run

UNKNOWN = "Nobody said where its source lives: set source in kubewhy.toml."


def about() -> None:
    """Print the version, and where the source lives."""
    run(_tell)


async def _tell() -> None:
    from domain.settings import load_settings
    from surfaces.about import draw_qr_text, read_about

    told = read_about(await asyncio.to_thread(load_settings))
    typer.echo(f"Kubewhy {told.version}, {told.license}")
    typer.echo(f"Source: {told.source}\n\n{draw_qr_text(told.source)}" if told.source else UNKNOWN)

"""``kubewhy slack``: the app in a workspace, or a demonstration in the terminal."""

import asyncio
import logging
import signal
from typing import Annotated

import typer

from surfaces.cli.guard import run


def slack(
    check: Annotated[
        bool, typer.Option("--check", help="Try tokens, scopes and grants, say what is missing, and end.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Show a conversation about a recorded incident. Needs no Slack.")
    ] = False,
) -> None:
    """Answer in Slack: mentions, direct messages, /why and a shortcut.

    It runs until SIGTERM or Ctrl-C; what is unfinished then is answered after the next start.
    """
    run(_demonstrate if demo else _check if check else _serve)


async def _check() -> None:
    from domain.settings import load_settings
    from surfaces.slack.setup import check_setup

    installation = await check_setup(await asyncio.to_thread(load_settings))
    typer.echo("\n".join(installation.tell()))
    if installation.missing:
        raise typer.Exit(1)


async def _serve() -> None:
    from domain.settings import load_settings
    from surfaces.slack.app import run_app
    from surfaces.slack.setup import check_setup

    settings = await asyncio.to_thread(load_settings)
    installation = await check_setup(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    typer.echo("\n".join(installation.tell()), err=True)
    async with run_app(settings):
        typer.echo("Listening.", err=True)
        await _wait_for_the_end()


async def _demonstrate() -> None:
    from surfaces.slack.demo import demonstrate

    await demonstrate()


async def _wait_for_the_end() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await ended.wait()
    typer.echo("Finishing what is under way; a second signal ends at once.", err=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)

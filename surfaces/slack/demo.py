"""A conversation without a workspace: the real app over a Slack on this machine, shown in the terminal."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from domain.settings import Settings, SlackGrant, SlackSettings, load_settings
from surfaces.slack.app import run_app
from surfaces.slack.blocks.answer import DID_IT_RECOVER, SHOW_COMMANDS
from surfaces.slack.blocks.steps import STOP
from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN, LoopbackSlack, serve_slack
from surfaces.slack.loopback.workspace import BOT_USER, Message
from surfaces.slack.setup import SCOPES
from tools.incidents import INCIDENTS, open_incident

CHANNEL, PERSON = "C0INCIDENTS", "U0YOU"
PATIENCE = 150.0
"""Seconds until an answer is given up; an investigation ends by itself before that."""


async def demonstrate(console: Console | None = None) -> None:
    """Ask what the default incident asks, click two buttons of the answer, and print what is seen.

    Raises:
        UnknownIncident: the settings name an incident that there is not.
    """
    console = console or Console()
    settings = load_settings()
    incident = open_incident(settings.default_incident, settings.incidents or INCIDENTS)
    async with _workspace(settings) as slack:
        console.print("#incidents, in a Slack on this machine; the incident was recorded.", style="dim")
        asked = await slack.people.mention(CHANNEL, PERSON, incident.question)
        _print(asked, console)
        answer = await _wait_for_answer(slack, [asked])
        _print(answer, console)
        for action, label in ((SHOW_COMMANDS, "Show commands run"), (DID_IT_RECOVER, "Did it recover?")):
            known = [*slack.workspace.messages]
            console.print(f"\n  (you click: {label})", style="dim")
            await slack.people.click(answer, PERSON, action)
            _print(await _wait_for_answer(slack, known), console)


@asynccontextmanager
async def _workspace(settings: Settings) -> AsyncIterator[LoopbackSlack]:
    """A Slack with one channel and one person in it, and the app running there."""
    with tempfile.TemporaryDirectory(prefix="kubewhy-") as folder:
        async with serve_slack() as slack:
            slack.workspace.members = {CHANNEL: {BOT_USER, PERSON}}
            slack.workspace.scopes = set(SCOPES)
            async with run_app(_describe(slack, settings, Path(folder))):
                yield slack


def _describe(slack: LoopbackSlack, settings: Settings, folder: Path) -> Settings:
    """The settings of the demonstration; nothing of it is kept."""
    grant = SlackGrant(incident=settings.default_incident)
    loopback = SlackSettings.model_validate(
        {
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "api_url": slack.url,
            "channels": {CHANNEL: grant},
            "questions": folder / "slack.sqlite",
            "audit": folder / "audit.ndjson",
            "drain_seconds": 0,
        }
    )
    return settings.model_copy(update={"slack": loopback, "threads": folder / "threads.sqlite"})


async def _wait_for_answer(slack: LoopbackSlack, known: list[Message]) -> Message:
    """The first message of the app that is new and no longer progress."""

    def find() -> Message | None:
        new = (message for message in slack.workspace.by_bot() if message not in known)
        return next((message for message in new if STOP not in _list_actions(message)), None)

    answer: Message = await slack.workspace.until(find, PATIENCE)
    return answer


def _list_actions(message: Message) -> set[str]:
    return {item.get("action_id", "") for block in message.blocks for item in block.get("elements", ())}


def _print(message: Message, console: Console) -> None:
    """A message as Slack would lay it out, in plain characters."""
    name = "Kubewhy" if message.by_bot else "you"
    seen = "  (only you see this)" if message.only_for else ""
    console.print(Text(f"\n{name}", style="bold cyan") + Text(seen, style="dim"))
    for line in [*_lines(message)]:
        console.print(Text("  ") + line, soft_wrap=True, highlight=False)


def _lines(message: Message) -> Iterator[Text]:
    if not message.blocks:
        yield Text(message.text.replace(f"<@{BOT_USER}>", "@Kubewhy"))
    for block in message.blocks:
        if block["type"] == "actions":
            labels = [f"[ {item['text']['text']} ]" for item in block["elements"]]
            yield Text("  ".join(labels), style="reverse")
        elif block["type"] == "context":
            yield from (Text(item["text"], style="dim") for item in block["elements"])
        else:
            yield from (line for part in block["elements"] for line in _read_part(part))


def _read_part(part: dict[str, Any]) -> Iterator[Text]:
    """A part of rich text; what is to be copied is green and stands apart."""
    text = Text()
    is_code = part["type"] == "rich_text_preformatted"
    for item in part["elements"]:
        style = "green" if is_code else " ".join(item.get("style", {}))
        text.append(item.get("text", ""), style=style)
    for line in text.split("\n"):
        yield Text("  ") + line if is_code else line

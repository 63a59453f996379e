"""Makes the screens of the documentation: real conversations with the app, drawn as Slack would.

    python -m docs.screens [DIR]

The app runs over a Slack on this machine and answers about recorded incidents. Each screen is a page of HTML
that needs nothing beside it, or a PNG where there is a Chromium. Look at them: they show what people get.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs.block_kit import Said, render_page
from domain.settings import Settings, SlackSettings
from surfaces.slack.app import run_app
from surfaces.slack.blocks.steps import STOP
from surfaces.slack.loopback.server import APP_TOKEN, BOT_TOKEN, LoopbackSlack, serve_slack
from surfaces.slack.loopback.workspace import BOT_USER, Message
from surfaces.slack.setup import SCOPES

FOLDER = Path(__file__).parent / "images"
INCIDENTS, ALERTS, ANNA = "C0INCIDENTS", "C0ALERTS", "U0ANNA"
SECONDS = 60.0
WIDTH, TALLEST = 700, 4000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

ALERT = {
    "attachments": [
        {
            "title": "[FIRING:1] KubePodNotReady (warning)",
            "text": "alertname=KubePodNotReady, namespace=prod-apps, pod=cache-service-576ff7c747-s2fxd",
        }
    ]
}


@dataclass(frozen=True)
class Screen:
    """One picture."""

    name: str
    heading: str
    said: tuple[Said, ...]


async def make_screens() -> list[Screen]:
    """Talk with the app, and keep what is seen."""
    async with _workspace() as slack:
        return [await _ask(slack), await _alert(slack), await _open_home(slack)]


async def _ask(slack: LoopbackSlack) -> Screen:
    asked = await slack.people.mention(INCIDENTS, ANNA, "Payment service cannot start")
    answer = await _wait(slack, asked)
    question = Said("Anna", "10:04", text=asked.text.replace(f"<@{BOT_USER}>", "@Kubewhy"))
    return Screen("slack-answer", "Thread  #incidents", (question, _show(answer, "10:04")))


async def _alert(slack: LoopbackSlack) -> Screen:
    fired = await slack.people.alert(ALERTS, **ALERT)
    answer = await _wait(slack, fired)
    told = ALERT["attachments"][0]
    alert = Said("Alertmanager", "03:12", text=f"{told['title']}\n{told['text']}", app=True)
    return Screen("slack-alert", "Thread  #alerts", (alert, _show(answer, "03:12")))


async def _open_home(slack: LoopbackSlack) -> Screen:
    await slack.people.open_home(ANNA)
    view: dict[str, Any] = await slack.workspace.until(lambda: slack.workspace.views.get(ANNA), SECONDS)
    return Screen("slack-home", "Kubewhy  Home", (Said("Kubewhy", "", tuple(view["blocks"]), app=True),))


async def _wait(slack: LoopbackSlack, root: Message) -> Message:
    """The answer below a message, once it is no longer progress."""

    def find() -> Message | None:
        thread = slack.workspace.thread(root.channel, root.ts)
        return next((m for m in thread if m.by_bot and not _is_progress(m)), None)

    found: Message = await slack.workspace.until(find, SECONDS)
    return found


def _is_progress(message: Message) -> bool:
    return any(item.get("action_id") == STOP for b in message.blocks for item in b.get("elements", ()))


def _show(message: Message, time: str) -> Said:
    return Said("Kubewhy", time, tuple(message.blocks), app=True)


@asynccontextmanager
async def _workspace() -> AsyncIterator[LoopbackSlack]:
    with tempfile.TemporaryDirectory(prefix="kubewhy-") as folder:
        async with serve_slack() as slack:
            slack.workspace.members = {channel: {BOT_USER, ANNA} for channel in (INCIDENTS, ALERTS)}
            slack.workspace.scopes = set(SCOPES)
            async with run_app(_settle(slack, Path(folder))):
                yield slack


def _settle(slack: LoopbackSlack, folder: Path) -> Settings:
    about = {"incident": "missing-configmap-chain"}
    grants = {INCIDENTS: about, ALERTS: about | {"alerts": True}}
    told = SlackSettings.model_validate(
        {
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "api_url": slack.url,
            "channels": grants,
            "contact": "the platform team",
            "questions": folder / "slack.sqlite",
            "audit": folder / "audit.ndjson",
        }
    )
    return Settings(slack=told, threads=folder / "threads.sqlite")


def draw(page: Path, browser: str) -> Path:
    """A page as a PNG beside it, cut to what is on it."""
    picture = page.with_suffix(".png")
    subprocess.run(
        [
            *(
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--disable-lcd-text",
            ),
            f"--window-size={WIDTH},{_measure(page, browser)}",
            *(f"--screenshot={picture}", page.as_uri()),
        ],
        check=True,
        capture_output=True,
    )
    return picture


def _measure(page: Path, browser: str) -> int:
    """The height of a page in pixels, which its own script writes into its title."""
    probe = page.with_suffix(".probe.html")
    script = "<script>document.title=document.querySelector('main').offsetHeight</script>"
    probe.write_text(
        page.read_text(encoding="utf-8").replace("</body>", f"{script}</body>"), encoding="utf-8"
    )
    try:
        done = subprocess.run(
            [
                *(browser, "--headless", "--no-sandbox", "--disable-gpu"),
                *(f"--window-size={WIDTH},{TALLEST}", "--dump-dom", probe.as_uri()),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
    finally:
        probe.unlink()
    return int(done.stdout.partition("<title>")[2].partition("</title>")[0])


def main() -> int:
    """Write the screens: pictures, or pages where these cannot be drawn."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    for screen in asyncio.run(make_screens()):
        page = folder / f"{screen.name}.html"
        page.write_text(render_page(screen.heading, screen.said), encoding="utf-8")
        if browser:
            page = draw(page, browser)
            page.with_suffix(".html").unlink()
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())

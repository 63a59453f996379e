"""The App Home over the loopback Slack."""

from io import BytesIO
from typing import Any

from domain.settings import SlackGrant
from surfaces.slack.app import run_app
from surfaces.slack.loopback.server import LoopbackSlack
from tests.surfaces.slack.conftest import ANNA, BEN, CHANNEL, EVE, OTHER, Run
from tests.surfaces.slack.reading import answer_of

QUESTION = "payment service cannot start"
SOURCE = "https://example.org/kubewhy"


def flatten(item: Any) -> list[Any]:
    """All objects of a view, outermost first."""
    if isinstance(item, list):
        return [found for part in item for found in flatten(part)]
    if isinstance(item, dict):
        return [item, *(found for part in item.values() for found in flatten(part))]
    return []


def read_view(view: dict[str, Any]) -> str:
    parts = flatten(view["blocks"])
    return " ".join(
        str(part.get("text") or part.get("channel_id") or "")
        for part in parts
        if not isinstance(part.get("text"), dict)
    )


async def open_home(slack: LoopbackSlack, user: str) -> dict[str, Any]:
    await slack.people.open_home(user)
    view: dict[str, Any] = await slack.workspace.until(lambda: slack.workspace.views.pop(user, None))
    return view


async def test_the_home_shows_what_one_may_ask_and_asked(slack: LoopbackSlack, run: Run):
    async with run():
        asked = await slack.people.mention(CHANNEL, ANNA, QUESTION)
        await answer_of(slack, asked, "Diagnosed")
        await slack.people.mention(CHANNEL, BEN, "of Ben alone")
        view = await open_home(slack, ANNA)

    shown = read_view(view)
    assert view["type"] == "home"
    for word in ("Direct messages", CHANNEL, "missing-configmap-chain", QUESTION, "Diagnosed", "/why", "120"):
        assert word in shown, word
    assert "of Ben alone" not in shown
    links = [part["url"] for part in flatten(view) if part.get("type") == "link"]
    assert f"https://loopback.slack.com/archives/{CHANNEL}/p{asked.ts.replace('.', '')}" in links


async def test_channels_that_one_is_not_in_are_not_told_of(slack: LoopbackSlack, run: Run):
    grant = SlackGrant(incident="oom-cross-namespace")
    async with run(channels={CHANNEL: grant, OTHER: grant}):
        shown = read_view(await open_home(slack, BEN))

    assert CHANNEL in shown and OTHER not in shown and "Direct messages" not in shown


async def test_whoever_may_ask_nothing_is_told_whom_to_ask(slack: LoopbackSlack, run: Run):
    async with run():
        shown = read_view(await open_home(slack, EVE))

    assert "For access, ask the platform team." in shown and "missing-configmap-chain" not in shown


async def test_the_source_is_a_link_and_a_picture_that_is_uploaded_once(slack: LoopbackSlack, describe: Any):
    async with run_app(describe().model_copy(update={"source": SOURCE})):
        views = [await open_home(slack, user) for user in (ANNA, BEN)]

    pictures = [part["slack_file"]["id"] for view in views for part in flatten(view) if "slack_file" in part]
    assert len(slack.workspace.files) == 1 and pictures == [*slack.workspace.files] * 2
    ((_, content),) = slack.workspace.files.values()
    assert BytesIO(content).read(8) == b"\x89PNG\r\n\x1a\n"
    assert all(SOURCE in [part.get("url") for part in flatten(view)] for view in views)


async def test_without_a_picture_or_when_slack_does_not_show_it_yet_the_words_are_there(
    slack: LoopbackSlack, describe: Any
):
    slack.fail("views.publish", "invalid_blocks")
    async with run_app(describe().model_copy(update={"source": SOURCE})):
        view = await open_home(slack, ANNA)
        slack.workspace.scopes.discard("channels:read")
        await open_home(slack, EVE)
    slack.workspace.scopes.discard("files:write")
    async with run_app(describe().model_copy(update={"source": SOURCE})):
        other = await open_home(slack, ANNA)

    for shown in (view, other):
        assert SOURCE in read_view(shown) and not [p for p in flatten(shown) if "slack_file" in p]


async def test_the_other_tab_changes_nothing(slack: LoopbackSlack, run: Run):
    async with run():
        await slack.people.open_home(ANNA, tab="messages")
        await slack.people.arrive()

    assert not slack.workspace.views

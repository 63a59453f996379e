"""The manifest of the Slack app holds what the code listens to and calls, and nothing more."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from domain.surface_settings import SlackLimits, SlackSettings
from surfaces.slack.alerts.webhook import PATH
from surfaces.slack.loopback import methods
from surfaces.slack.setup import SCOPES
from tests.surfaces.slack.conftest import Run

HOUSE = Path(__file__).parents[3]
MANIFEST = yaml.safe_load((HOUSE / "deploy/slack/manifest.yaml").read_text())
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]
BOT_EVENTS = set(SETTINGS["event_subscriptions"]["bot_events"])
GRANTED = set(MANIFEST["oauth_config"]["scopes"]["bot"])

PANE = {"assistant_thread_started", "assistant_thread_context_changed"}
"""What AsyncAssistant listens to besides direct messages."""

OF_EVENTS = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "assistant_thread_started": "assistant:write",
    "assistant_thread_context_changed": "assistant:write",
}
"""Event -> the scope without which Slack does not deliver it: docs.slack.dev/reference/events."""

ELSEWHERE = {
    "commands": "slash_commands and shortcuts",
    "groups:read": "users.conversations, private channels",
}
"""Scopes that no single method or event stands for."""


@pytest.fixture
async def heard(run: Run, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the app registers when it really starts: by kind of listener, the names."""
    found: dict[str, list[str]] = {"event": [], "command": [], "shortcut": [], "use": []}

    def watch(kind: str) -> Callable[..., Any]:
        original = getattr(AsyncApp, kind)

        def register(app: AsyncApp, what: Any, *args: Any, **more: Any) -> Any:
            found[kind].append(what if isinstance(what, str) else type(what).__name__)
            return original(app, what, *args, **more)

        return register

    for kind in found:
        monkeypatch.setattr(AsyncApp, kind, watch(kind))
    async with run():
        return found


def list_methods() -> Iterator[str]:
    """The methods of the Web API that our code calls on a client, as the SDK spells them."""
    for path in (HOUSE / "surfaces/slack").rglob("*.py"):
        if "loopback" not in path.parts:
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            names = (node.attr for node in nodes if isinstance(node, ast.Attribute))
            yield from (name for name in names if "_" in name[1:] and hasattr(AsyncWebClient, name))


def test_the_app_listens_to_what_slack_is_told_to_deliver(heard: dict[str, list[str]]):
    kinds = {name.partition(".")[0] for name in BOT_EVENTS} - PANE

    assert set(heard["event"]) == kinds
    assert ("AsyncAssistant" in heard["use"]) == (BOT_EVENTS >= PANE) == ("assistant_view" in FEATURES)
    assert FEATURES["app_home"]["home_tab_enabled"] == ("app_home_opened" in heard["event"])
    assert (
        FEATURES["app_home"]["messages_tab_enabled"]
        and not FEATURES["app_home"]["messages_tab_read_only_enabled"]
    )


def test_commands_and_shortcuts_are_those_of_the_manifest(heard: dict[str, list[str]]):
    assert [item["command"] for item in FEATURES["slash_commands"]] == heard["command"]
    assert [item["callback_id"] for item in FEATURES["shortcuts"]] == heard["shortcut"]
    assert SETTINGS["interactivity"]["is_enabled"] and SETTINGS["socket_mode_enabled"]


def test_the_scopes_are_those_that_methods_and_events_need():
    spelt = {method.replace(".", "_").lower(): scope for method, scope in methods.SCOPES.items()}
    called = {name.replace("_", "").lower() for name in list_methods()}
    needed = {scope for name, scope in spelt.items() if name.replace("_", "") in called}
    if "filesuploadv2" in called:
        needed.add("files:write")
    needed |= {OF_EVENTS[event] for event in BOT_EVENTS if event in OF_EVENTS}

    assert needed | set(ELSEWHERE) == GRANTED == set(SCOPES)


def test_the_check_knows_a_method_that_it_would_miss():
    assert {"chat_postMessage", "views_publish", "usergroups_users_list"} <= set(list_methods())


def test_the_settings_of_the_readme_are_settings():
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    section = text.partition("\n## Slack\n")[2].partition("\n## ")[0]
    told = tomllib.loads(dedent(section.partition("```toml\n")[2].partition("```")[0]))
    settings = SlackSettings.model_validate(told["slack"])

    assert settings.channels["C0123456789"].alerts and settings.groups["S0123456789"].clusters
    section = (HOUSE / "docs/slack.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`(\w+)`", section)) & {"quiet_minutes", "audit_index", "day_cost"}:
        assert name in SlackSettings.model_fields or name in SlackLimits.model_fields
    receivers = yaml.safe_load(dedent(re.search(r"^    receivers:\n(    .*\n)+", section, re.M)[0]))  # type: ignore[index]
    assert PATH.format(channel="C0123456789") in receivers["receivers"][0]["webhook_configs"][0]["url"]

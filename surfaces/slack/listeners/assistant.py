"""Slack's assistant pane: what to ask, and what is asked in it."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncAssistant, AsyncSetSuggestedPrompts
from slack_sdk.errors import SlackApiError

from surfaces.slack.desk import Desk
from surfaces.slack.listeners.messages import Event, is_of_people, take_message
from surfaces.slack.poster import UNREACHABLE
from surfaces.slack.questions import PANE

TITLE = "Say what is wrong, in your words. For a start:"
PROMPTS = ("Is anything wrong?", "Which Pods keep restarting, and why?", "Why are Pods pending?")


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to the pane. Which channel people look at beside it says nothing about what they may ask."""
    assistant = AsyncAssistant()

    @assistant.thread_started
    async def greet(set_suggested_prompts: AsyncSetSuggestedPrompts) -> None:
        desk.spawn(_suggest(set_suggested_prompts))

    @assistant.thread_context_changed
    async def look_aside() -> None:
        pass

    @assistant.user_message
    async def hear(payload: Event, body: dict[str, Any]) -> None:
        if is_of_people(payload):
            await take_message(payload, body, desk, PANE)

    app.use(assistant)


async def _suggest(set_suggested_prompts: AsyncSetSuggestedPrompts) -> None:
    """Suggest questions; without them the pane works as well."""
    try:
        await set_suggested_prompts(prompts=PROMPTS, title=TITLE)
    except (SlackApiError, *UNREACHABLE):
        return

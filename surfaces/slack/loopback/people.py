"""What people do in Slack: write, mention, command, use a shortcut, click. Each is delivered to the app."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, Protocol

from surfaces.slack.loopback.socket import Delivery
from surfaces.slack.loopback.workspace import APP, BOT_USER, EPOCH, TEAM, Message, Payload, Workspace


class Courier(Protocol):
    """Brings what happens to the app."""

    async def deliver(self, kind: str, payload: Payload) -> Delivery:
        """Bring it, until the app acknowledges it or Slack would give up."""
        ...


class People:
    """The users of a workspace. What they do comes back as the message they wrote.

    Attributes:
        respond_url: the address of ``response_url``s, which are made of it.
        deliveries: what is, or was, on its way to the app.
        courier: how it gets there.
    """

    def __init__(self, workspace: Workspace, courier: Courier) -> None:
        """Let the users of ``workspace`` act; ``courier`` brings it to the app."""
        self.respond_url = ""
        self.deliveries: list[asyncio.Task[Delivery]] = []
        self._workspace = workspace
        self.courier = courier
        self._numbers = count(1)

    async def mention(self, channel: str, user: str, text: str, thread: str = "") -> Message:
        """Write with a mention of the app: it hears of the mention and of the message."""
        message = await self._write(channel, user, f"<@{BOT_USER}> {text}", thread)
        self.deliver_event(self._tell(message, "app_mention"))
        self.deliver_event(self._tell(message, "message"))
        return message

    async def mention_late(self, channel: str, user: str, text: str, thread: str) -> Callable[[], object]:
        """Write with a mention of which the app hears no sooner than the result is called."""
        message = await self._write(channel, user, f"<@{BOT_USER}> {text}", thread)
        return lambda: self.deliver_event(self._tell(message, "app_mention"))

    async def write(self, channel: str, user: str, text: str, thread: str = "") -> Message:
        """Write without a mention; in a channel whose id begins with D it is a direct message."""
        message = await self._write(channel, user, text, thread)
        self.deliver_event(self._tell(message, "message"))
        return message

    async def edit(self, message: Message, text: str) -> None:
        """Write something else in a message."""
        before = message.describe()
        message.text = text
        after = message.describe() | {"edited": {"user": message.user, "ts": self._workspace.next_ts()}}
        event = {"type": "message", "subtype": "message_changed", "channel": message.channel}
        event |= {"channel_type": "im" if message.channel.startswith("D") else "channel"}
        told = {"message": after, "previous_message": before, "event_ts": after["edited"]["ts"]}
        self.deliver_event(event | told)

    async def delete(self, message: Message) -> None:
        """Delete a message; where it has replies, a tombstone stays in its place."""
        before, ts = message.describe(), self._workspace.next_ts()
        event: Payload = {"type": "message", "channel": message.channel, "event_ts": ts}
        event |= {"channel_type": "im" if message.channel.startswith("D") else "channel"}
        if len(self._workspace.thread(message.channel, message.ts)) > 1:
            message.text, message.user = "This message was deleted.", "USLACKBOT"
            after = message.describe() | {"subtype": "tombstone", "hidden": True}
            told: Payload = {"subtype": "message_changed", "message": after}
        else:
            self._workspace.messages.remove(message)
            told = {"subtype": "message_deleted", "deleted_ts": message.ts}
        self.deliver_event(event | told | {"previous_message": before})

    async def open_pane(self, channel: str, user: str) -> Message:
        """Open the assistant pane: a thread begins, below a message that nobody sees."""
        root = await self._write(channel, BOT_USER, "New Assistant Thread", "")
        about = {"user_id": user, "channel_id": channel, "thread_ts": root.ts, "context": {}}
        event = {"type": "assistant_thread_started", "assistant_thread": about, "event_ts": root.ts}
        self.deliver_event(event)
        return root

    async def submit(self, user: str, values: dict[str, str]) -> None:
        """Send off the modal that is open for a user, with ``values`` by the id of their block."""
        view = self._workspace.modals.pop(user)
        state: Payload = {}
        for block in view["blocks"]:
            element, value = block.get("element", {}), values.get(block.get("block_id", ""))
            if element.get("type") == "static_select":
                chosen = {"type": "static_select", "selected_option": {"value": value} if value else None}
                state[block["block_id"]] = {element["action_id"]: chosen}
            elif element:
                written = {"type": "plain_text_input", "value": value}
                state[block["block_id"]] = {element["action_id"]: written}
        told = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": user, "team_id": TEAM}}
        self._deliver("interactive", told | {"view": view | {"state": {"values": state}}, "api_app_id": APP})

    async def alert(self, channel: str, **content: Any) -> Message:
        """Have another app write: ``text``, ``attachments``, ``blocks`` as its events carry them."""
        message = await self._write(channel, "", content.get("text", ""), "")
        about = {"subtype": "bot_message", "bot_id": "B0ALERTS", "user": ""} | content
        self.deliver_event(self._tell(message, "message") | about)
        return message

    async def command(self, channel: str, user: str, text: str, command: str = "/why") -> None:
        """Type a slash command; nothing of it is written in the channel."""
        number = next(self._numbers)
        about = {"command": command, "text": text, "user_id": user, "channel_id": channel, "team_id": TEAM}
        self._deliver("slash_commands", about | self._ways(channel, user, number))

    async def shortcut(self, message: Message, user: str, callback: str) -> None:
        """Use a message shortcut on a message."""
        self._deliver("interactive", self._act("message_action", message, user) | {"callback_id": callback})

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Open a tab of the app's own page."""
        event = {"type": "app_home_opened", "user": user, "tab": tab, "channel": "D0HOME"}
        self.deliver_event(event | {"event_ts": self._workspace.next_ts()})

    async def click(self, message: Message, user: str, action: str) -> None:
        """Click the button of that action id in a message.

        Raises:
            LookupError: there is none.
        """
        buttons = [item for block in message.blocks for item in block.get("elements", ())]
        found = [item for item in buttons if item.get("action_id") == action]
        if not found:
            raise LookupError(f"no button {action!r} in the message {message.text!r}")
        told = {
            "type": "button",
            "action_id": action,
            "value": found[0].get("value", ""),
            "action_ts": self._workspace.next_ts(),
            "block_id": "actions",
        }
        container = {"type": "message", "channel_id": message.channel, "message_ts": message.ts}
        payload = self._act("block_actions", message, user) | {"actions": [told], "container": container}
        self._deliver("interactive", payload)

    async def _write(self, channel: str, user: str, text: str, thread: str) -> Message:
        ts = self._workspace.next_ts()
        return await self._workspace.add(Message(channel, ts, text, user, thread))

    def _tell(self, message: Message, kind: str) -> Payload:
        told = message.describe() | {"type": kind, "channel": message.channel, "event_ts": message.ts}
        direct = message.channel.startswith("D")
        return told | ({"channel_type": "im" if direct else "channel"} if kind == "message" else {})

    def _ways(self, channel: str, user: str, number: int) -> Payload:
        self._workspace.triggers[f"trigger-{number}"] = user
        return {"trigger_id": f"trigger-{number}", "response_url": f"{self.respond_url}/{channel}/{user}"}

    def _act(self, kind: str, message: Message, user: str) -> Payload:
        number = next(self._numbers)
        return {
            "type": kind,
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": message.channel},
            "message": message.describe(),
            "message_ts": message.ts,
            "action_ts": self._workspace.next_ts(),
            "api_app_id": APP,
        } | self._ways(message.channel, user, number)

    def deliver_event(self, event: Payload) -> asyncio.Task[Delivery]:
        """Have an event brought to the app, again if it is not acknowledged."""
        number = next(self._numbers)
        about: Payload = {"team_id": TEAM, "api_app_id": APP, "type": "event_callback", "event": event}
        about |= {"event_id": f"Ev{number:06d}", "event_time": EPOCH}
        about["authorizations"] = [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]
        return self._deliver("events_api", about)

    def deliver_again(self, earlier: asyncio.Task[Delivery]) -> asyncio.Task[Delivery]:
        """Bring an event once more, though it was acknowledged."""
        return self._deliver("events_api", earlier.result().payload)

    def _deliver(self, kind: str, payload: dict[str, Any]) -> asyncio.Task[Delivery]:
        task = asyncio.create_task(self.courier.deliver(kind, payload))
        self.deliveries.append(task)
        return task

    async def arrive(self) -> None:
        """Wait until all that is on its way was acknowledged or given up."""
        await asyncio.gather(*self.deliveries)

    async def leave(self) -> None:
        """Give up what is still on its way."""
        for task in self.deliveries:
            task.cancel()
        await asyncio.gather(*self.deliveries, return_exceptions=True)

"""What a workspace holds: its people, channels and messages, and a way to wait for what is to come."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

TEAM = "T0LOOPBACK"
BOT_USER = "U0KUBEWHY"
BOT = "B0KUBEWHY"
APP = "A0KUBEWHY"
EPOCH = 1_760_000_000

Payload = dict[str, Any]
Condition = Callable[[], Any]


@dataclass
class Message:
    """One message. ``only_for`` is the user who alone sees it (an ephemeral one); empty: everyone."""

    channel: str
    ts: str
    text: str = ""
    user: str = ""
    thread_ts: str = ""
    blocks: list[Payload] = field(default_factory=list)
    metadata: Payload = field(default_factory=dict)
    only_for: str = ""
    files: list[str] = field(default_factory=list)
    edits: int = 0

    @property
    def by_bot(self) -> bool:
        """Whether the app wrote it."""
        return self.user == BOT_USER

    def describe(self) -> Payload:
        """The message as the Web API serves it."""
        told: Payload = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text}
        told |= {"bot_id": BOT, "app_id": APP} if self.by_bot else {}
        for key in ("thread_ts", "blocks", "metadata"):
            told |= {key: value} if (value := getattr(self, key)) else {}
        return told


class Workspace:
    """People, channels and what was written, in memory.

    Attributes:
        members: channel id -> the users in it; the app is in those that hold its user.
        groups: user group id -> its users.
        homes: user -> the workspace they belong to, if it is another one.
        scopes: what the app's token may do.
        files: file id -> (name, content).
        views: user -> the App Home that was published for them.
        statuses: (channel, thread) -> what the assistant pane says the app does.
        titles: (channel, thread) -> the title of a thread of the pane.
        prompts: (channel, thread) -> the questions that the app suggests in the pane.
        reactions: (channel, ts) -> the names of the emoji that the app put below a message.
        modals: user -> the modal that was opened for them last.
        triggers: what a modal may be opened with, once -> who clicked.
    """

    def __init__(self) -> None:
        """An empty workspace: no messages yet."""
        self.members: dict[str, set[str]] = {}
        self.groups: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.scopes: set[str] = set()
        self.messages: list[Message] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.views: dict[str, Payload] = {}
        self.statuses: dict[tuple[str, str], str] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self.prompts: dict[tuple[str, str], list[str]] = {}
        self.reactions: dict[tuple[str, str], list[str]] = {}
        self.modals: dict[str, Payload] = {}
        self.triggers: dict[str, str] = {}
        self._numbers = count(1)
        self._changed = asyncio.Condition()

    def next_ts(self) -> str:
        """The id and time of the next message, later than all before."""
        number = next(self._numbers)
        return f"{EPOCH + number}.{number:06d}"

    async def add(self, message: Message) -> Message:
        """Take a message in."""
        self.messages.append(message)
        await self.wake()
        return message

    async def wake(self) -> None:
        """Have those who wait look again."""
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition: Condition, seconds: float = 10.0) -> Any:
        """Wait until a condition holds, and hand back what it said.

        Raises:
            TimeoutError: it does not in time.
        """
        async with self._changed:
            return await asyncio.wait_for(self._changed.wait_for(condition), seconds)

    def find(self, channel: str, ts: str) -> Message | None:
        """The message of that channel and time."""
        return next((m for m in self.messages if (m.channel, m.ts) == (channel, ts)), None)

    def thread(self, channel: str, root: str) -> list[Message]:
        """The root of a thread and its answers that everyone sees, in order."""
        return [
            m
            for m in self.messages
            if m.channel == channel and root in (m.ts, m.thread_ts) and not m.only_for
        ]

    def by_bot(self) -> Iterator[Message]:
        """What the app wrote, ephemeral messages too."""
        return (message for message in self.messages if message.by_bot)

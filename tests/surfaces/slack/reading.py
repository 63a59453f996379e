"""What a person reads in the messages of a loopback Slack."""

from typing import Any

from surfaces.slack.loopback.server import LoopbackSlack
from surfaces.slack.loopback.workspace import Message


def read(message: Message) -> str:
    """All the words that a message shows, a line a part; buttons as their labels."""
    return "\n".join(_read(block) for block in message.blocks) or message.text


def _read(item: Any) -> str:
    if isinstance(item, list):
        return "".join(map(_read, item))
    if not isinstance(item, dict):
        return ""
    text = item.get("text")
    return (text if isinstance(text, str) else _read(text)) + _read(item.get("elements"))


def answers(slack: LoopbackSlack, question: Message) -> list[Message]:
    """What the app wrote below a question, for all to see."""
    thread = slack.workspace.thread(question.channel, question.thread_ts or question.ts)
    return [message for message in thread if message.by_bot]


def whispers(slack: LoopbackSlack, user: str) -> list[str]:
    """What one user alone was shown."""
    return [read(message) for message in slack.workspace.messages if message.only_for == user]


async def answer_of(slack: LoopbackSlack, question: Message, word: str, seconds: float = 20.0) -> Message:
    """The first answer below a question that shows a word, once there is one."""
    return await slack.workspace.until(
        lambda: next((m for m in answers(slack, question) if word in read(m)), None), seconds
    )

"""Writing into Slack: what must arrive is tried again for long; progress is dropped when Slack is busy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from surfaces.slack.blocks.messages import Post, Reply
from surfaces.slack.questions import Place, Question

UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError)
"""What the SDK raises when Slack cannot be reached, or not in time."""

CALL_SECONDS = 30
"""Until a call of Slack is given up."""

EVENT = "kubewhy_answer"
"""The metadata by which our own messages are known again after a crash."""


CLOSED = "white_check_mark"
"""The emoji below the root of a thread whose trouble is over."""


def open_session() -> aiohttp.ClientSession:
    """Connections to Slack that stay open: by itself, the SDK makes a new one for every call."""
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
    return aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())


def make_client(
    token: str, api_url: str, session: aiohttp.ClientSession, patient: bool = True
) -> AsyncWebClient:
    """A client of the Web API; a patient one waits as long as a rate limit says, and tries again."""
    client = AsyncWebClient(token=token, base_url=api_url, session=session)
    if patient:
        client.retry_handlers = [
            AsyncConnectionErrorRetryHandler(max_retry_count=5),
            AsyncServerErrorRetryHandler(max_retry_count=5),
            AsyncRateLimitErrorRetryHandler(max_retry_count=20),
        ]
    return client


class Poster:
    """Writes messages: the progress of a question, then its answer in the same message."""

    def __init__(self, client: AsyncWebClient, hasty: AsyncWebClient, pause: float) -> None:
        """Write with ``client``; progress with ``hasty``, ``pause`` seconds apart."""
        self._client = client
        self._hasty = hasty
        self.pause = pause

    async def post(self, question: Question, post: Post, part: int = 0) -> str:
        """Write a message into the thread of a question; its ``ts``."""
        place = question.place
        told = await self._client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread,
            metadata=_mark(question, part),
            unfurl_links=False,
            unfurl_media=False,
            **post.arguments(),
        )
        return str(told["ts"])

    async def update(self, question: Question, post: Post) -> None:
        """Put ``post`` where the progress of a question was."""
        await self._client.chat_update(
            channel=question.place.channel,
            ts=question.posted,
            metadata=_mark(question, 0),
            **post.arguments(),
        )

    async def try_update(self, question: Question, post: Post) -> float:
        """Show progress if Slack lets us; the seconds until it may be tried again."""
        try:
            await self._hasty.chat_update(
                channel=question.place.channel, ts=question.posted, **post.arguments()
            )
        except SlackApiError as error:
            return float(error.response.headers.get("Retry-After", self.pause))
        except UNREACHABLE:
            pass
        return self.pause

    async def show_status(self, place: Place, status: str) -> None:
        """Show what is being done in the assistant pane, if Slack lets us; an empty status is none."""
        with suppress(SlackApiError, *UNREACHABLE):
            await self._hasty.assistant_threads_setStatus(
                channel_id=place.channel, thread_ts=place.thread, status=status
            )

    async def show_title(self, place: Place, title: str) -> None:
        """Give a thread of the assistant pane a title, if Slack lets us."""
        with suppress(SlackApiError, *UNREACHABLE):
            await self._hasty.assistant_threads_setTitle(
                channel_id=place.channel, thread_ts=place.thread, title=title
            )

    async def reply(self, question: Question, reply: Reply, resumed: bool = False) -> None:
        """Write an answer: its first message where the progress was, files and the rest after it.

        Of a question that is ``resumed`` after a crash, what was written already is left out.
        """
        written = await self.list_parts(question) if resumed else {}
        for part, post in enumerate(reply.posts):
            if part == 0 and question.posted:
                await self.update(question, post)
            elif part not in written:
                await self.post(question, post, part)
        uploaded = await self._list_files(question) if resumed and reply.attachments else set()
        for attachment in reply.attachments:
            if attachment.name not in uploaded:
                await self.upload(question.place, attachment.name, attachment.content.encode())

    async def is_member(self, channel: str) -> bool:
        """Whether we are in a channel, as far as Slack says."""
        try:
            told = await self._hasty.conversations_info(channel=channel)
        except SlackApiError as error:
            return bool(error.response["error"] != "channel_not_found")
        except UNREACHABLE:
            return True
        return bool(told["channel"].get("is_member") or told["channel"].get("is_im"))

    async def upload(self, place: Place, name: str, content: bytes) -> None:
        """Put a file into a thread."""
        await self._client.files_upload_v2(
            channel=place.channel, thread_ts=place.thread, filename=name, title=name, file=content
        )

    async def mark_closed(self, place: Place) -> None:
        """Put a tick below the root of a thread, if Slack lets us."""
        with suppress(SlackApiError, *UNREACHABLE):
            await self._hasty.reactions_add(channel=place.channel, timestamp=place.thread, name=CLOSED)

    async def list_parts(self, question: Question) -> dict[int, str]:
        """The messages that were written for a question: part -> ``ts``."""
        found: dict[int, str] = {}
        async for message in self._read_thread(question.place):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT and payload.get("question") == question.key:
                found[int(payload["part"])] = message["ts"]
        return found

    async def _list_files(self, question: Question) -> set[str]:
        """The names of the files that were put into the thread since a question was greeted."""
        later = [m async for m in self._read_thread(question.place) if m["ts"] > question.posted]
        return {file["name"] for message in later for file in message.get("files", ())}

    async def _read_thread(self, place: Place) -> AsyncIterator[dict[str, Any]]:
        pages = await self._client.conversations_replies(
            channel=place.channel, ts=place.thread, include_all_metadata=True, limit=200
        )
        async for page in pages:
            for message in page["messages"]:
                yield message

    async def whisper(self, place: Place, user: str, posts: Sequence[Post]) -> None:
        """Write what one user alone sees."""
        for post in posts:
            await self._client.chat_postEphemeral(
                channel=place.channel, user=user, thread_ts=place.thread or None, **post.arguments()
            )

    async def announce(self, channel: str, post: Post, thread: str = "") -> str:
        """Write what answers no question, in a thread or as the beginning of one; its ``ts``."""
        told = await self._client.chat_postMessage(
            channel=channel,
            thread_ts=thread or None,
            unfurl_links=False,
            unfurl_media=False,
            **post.arguments(),
        )
        return str(told["ts"])


def _mark(question: Question, part: int) -> dict[str, object]:
    return {"event_type": EVENT, "event_payload": {"question": question.key, "part": part}}

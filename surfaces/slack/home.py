"""Publishes the App Home of whoever opens it."""

import asyncio
import logging

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from surfaces.about import draw_qr_image, read_about
from surfaces.slack.blocks.home import Home, render_home
from surfaces.slack.parts import Parts
from surfaces.slack.poster import UNREACHABLE

MOST_RECENT = 8

_log = logging.getLogger(__name__)


class HomePublisher:
    """Makes the App Home anew each time it is opened; the picture in it is uploaded once a process."""

    def __init__(self, parts: Parts, client: AsyncWebClient) -> None:
        """Publish with ``client``."""
        self._parts = parts
        self._client = client
        self._url = ""
        self._picture = ""
        self._uploading = asyncio.Lock()

    async def publish(self, team: str, user: str) -> None:
        """Show a person what concerns them, and nobody else.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
            SlackApiError: Slack does not take it.
        """
        settings = self._parts.settings
        about = await asyncio.to_thread(read_about, settings)
        home = Home(
            settings,
            about,
            await self._parts.access.list_grants(team, user),
            await self._parts.questions.recent(team, user, MOST_RECENT),
            await self._find_url(),
            await self._upload(about.source) if about.source else "",
        )
        try:
            await self._client.views_publish(user_id=user, view=render_home(home))
        except SlackApiError as error:
            # Slack takes a moment until a file can be shown; the words are there without it.
            if not home.picture or error.response["error"] not in ("invalid_blocks", "invalid_arguments"):
                raise
            plain = Home(settings, about, home.grants, home.recent, home.url)
            await self._client.views_publish(user_id=user, view=render_home(plain))

    async def _find_url(self) -> str:
        """The address of the workspace: ``https://NAME.slack.com/``."""
        if not self._url:
            self._url = str((await self._client.auth_test())["url"])
        return self._url

    async def _upload(self, source: str) -> str:
        """The id of the QR code as a file; nothing where it cannot be uploaded."""
        async with self._uploading:
            if not self._picture:
                try:
                    image = await asyncio.to_thread(draw_qr_image, source)
                    told = await self._client.files_upload_v2(filename="source.png", content=image)
                    self._picture = str(told["files"][0]["id"])
                except (SlackApiError, *UNREACHABLE) as error:
                    _log.warning("the App Home has no QR code: %s", error)
            return self._picture

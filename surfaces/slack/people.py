"""What Slack says of people: their workspaces, and who is in a user group."""

from collections.abc import Awaitable, Callable, Iterable
from time import monotonic

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from surfaces.slack.poster import UNREACHABLE

REMEMBERED_SECONDS = 60.0
"""How long what Slack said is believed."""

Ids = frozenset[str]


class People:
    """What Slack said lately. While it does not answer, what it said last, or nothing."""

    def __init__(self, client: AsyncWebClient) -> None:
        """Ask with ``client``."""
        self._client = client
        self._known: dict[tuple[str, str], tuple[float, Ids]] = {}

    async def homes(self, user: str) -> Ids:
        """The workspaces of a user: several in an Enterprise Grid; none while Slack does not say."""
        return await self._recall("homes", user, self._read_homes)

    async def are_in_any(self, user: str, groups: Iterable[str]) -> bool:
        """Whether a user is in one of some user groups."""
        return any([user in await self._recall("group", group, self._read_members) for group in groups])

    async def channels(self, user: str) -> Ids:
        """The channels that a user and the app are in."""
        return await self._recall("channels", user, self._read_channels)

    async def _recall(self, what: str, whose: str, read: Callable[[str], Awaitable[Ids]]) -> Ids:
        known = self._known.get((what, whose))
        if known and monotonic() - known[0] < REMEMBERED_SECONDS:
            return known[1]
        try:
            self._known[what, whose] = (monotonic(), await read(whose))
        except (SlackApiError, *UNREACHABLE):
            return known[1] if known else frozenset()
        return self._known[what, whose][1]

    async def _read_homes(self, user: str) -> Ids:
        told = (await self._client.users_info(user=user))["user"]
        return frozenset({told["team_id"], *told.get("enterprise_user", {}).get("teams", ())})

    async def _read_channels(self, user: str) -> Ids:
        found: set[str] = set()
        kinds = "public_channel,private_channel"
        async for page in await self._client.users_conversations(user=user, types=kinds, limit=200):
            found |= {channel["id"] for channel in page["channels"]}
        return frozenset(found)

    async def _read_members(self, group: str) -> Ids:
        return frozenset((await self._client.usergroups_users_list(usergroup=group))["users"])

"""Who may ask about what: channels and user groups are granted clusters, all else is refused."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from time import monotonic

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import MalformedSettings, RefusedQuestion
from domain.settings import ClusterSettings, Settings, SlackGrant
from graphs.context import Context
from surfaces.slack.poster import UNREACHABLE
from surfaces.slack.questions import Place
from tools.cluster.fleet import Fleet

REMEMBERED_SECONDS = 60.0
"""How long Slack's list of a group's members is believed."""


class Access:
    """The grants of the settings, and the user groups of Slack that they name."""

    def __init__(self, settings: Settings, client: AsyncWebClient) -> None:
        """Look members up with ``client``.

        Raises:
            MalformedSettings: a grant names a cluster that there is not, or no namespace that may be read.
        """
        self._settings = settings
        self._client = client
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        for grant in (*settings.slack.channels.values(), *settings.slack.groups.values()):
            narrow(settings, grant)

    async def grant(self, place: Place, user: str, text: str = "") -> SlackGrant:
        """What a user may ask about in a place; without a user, what its alerts may be about.

        Raises:
            RefusedQuestion: nothing, or not about a cluster that the text names; it says whom to ask.
        """
        found = await (self._direct(user) if place.is_direct else self._in_channel(place.channel, user))
        granted = {Fleet(self._settings).find(name) for name in found.clusters}
        outside = [name for name in Fleet(self._settings).mentioned(text) if name not in granted]
        if outside and not found.incident:
            raise self._refuse(f"You may not ask about {', '.join(outside)} here")
        return found

    async def _in_channel(self, channel: str, user: str) -> SlackGrant:
        grant = self._settings.slack.channels.get(channel)
        if grant is None:
            raise self._refuse("Nothing may be asked about in this channel")
        if not user:
            return grant
        if grant.groups and not await self._is_in_any(user, grant.groups):
            raise self._refuse("In this channel, members of certain user groups may ask, and you are in none")
        return grant

    async def _direct(self, user: str) -> SlackGrant:
        """The first grant whose group the user is in."""
        for group, grant in self._settings.slack.groups.items():
            if await self._is_in_any(user, (group,)):
                return grant
        raise self._refuse("You are in no user group that may ask in direct messages")

    async def _is_in_any(self, user: str, groups: Iterable[str]) -> bool:
        return any([user in await self._list_members(group) for group in groups])

    async def _list_members(self, group: str) -> frozenset[str]:
        """The users of a group; while Slack does not tell, those it told last, or none."""
        known = self._members.get(group)
        if known and monotonic() - known[0] < REMEMBERED_SECONDS:
            return known[1]
        try:
            told = await self._client.usergroups_users_list(usergroup=group)
        except (SlackApiError, *UNREACHABLE):
            return known[1] if known else frozenset()
        self._members[group] = (monotonic(), frozenset(told["users"]))
        return self._members[group][1]

    def _refuse(self, why: str) -> RefusedQuestion:
        whom = self._settings.slack.contact or "whoever runs Kubewhy here ([slack] of its kubewhy.toml)"
        return RefusedQuestion(f"{why}. For access, ask {whom}.")


def narrow(settings: Settings, grant: SlackGrant) -> Settings:
    """The settings with the clusters and namespaces of a grant alone; the first cluster is the default.

    Raises:
        MalformedSettings: it names a cluster that there is not, or no namespace that may be read.
    """
    fleet, clusters = Fleet(settings), {}
    for word in grant.clusters:
        name = fleet.find(word)
        known = settings.clusters.get(name, ClusterSettings())
        allowed = intersect(known.namespaces, grant.namespaces)
        if (known.namespaces or grant.namespaces) and not allowed:
            raise MalformedSettings(
                f"A grant of [slack] for cluster {name!r} names the namespaces {', '.join(grant.namespaces)},"
                f" none of which may be read: the cluster's setting allows {', '.join(known.namespaces)}."
            )
        clusters[name] = known.model_copy(update={"namespaces": allowed})
    return settings.model_copy(update={"clusters": clusters, "default_cluster": next(iter(clusters), "")})


def intersect(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns that allow no more than both do; an empty one allows everything.

    Of two patterns that merely overlap (``a*`` and ``*b``) neither is kept: rather too little than too much.
    """
    if not (one and other):
        return one or other
    inner = [name for name in one if any(fnmatchcase(name, pattern) for pattern in other)]
    inner += [name for name in other if any(fnmatchcase(name, pattern) for pattern in one)]
    return tuple(dict.fromkeys(inner))


class GrantedContext(Context):
    """A context that reaches what was granted and nothing else, whatever a question or its thread names."""

    def __init__(self, settings: Settings, grant: SlackGrant) -> None:
        """Open nothing yet.

        Raises:
            UnknownCluster: the grant names a cluster that there is not.
        """
        self._granted = narrow(settings, grant)
        super().__init__(grant.incident, usual_cluster=self._granted.default_cluster)

    async def fleet(self) -> Fleet:
        """The granted clusters."""
        return Fleet(self._granted)

"""Who may ask about what: channels, user groups and workspaces are granted clusters, all else is refused."""

from contextlib import suppress
from fnmatch import fnmatchcase

from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import MalformedSettings, RefusedQuestion
from domain.settings import ClusterSettings, Settings, SlackGrant
from graphs.context import Context
from surfaces.slack.people import People
from surfaces.slack.questions import Place
from tools.cluster.fleet import Fleet


class Access:
    """The grants of the settings, and what Slack says of the people and user groups that they name."""

    def __init__(self, settings: Settings, client: AsyncWebClient) -> None:
        """Look people up with ``client``.

        Raises:
            MalformedSettings: a grant names a cluster that there is not, or no namespace that may be read.
        """
        self._settings = settings
        self._people = People(client)
        slack = settings.slack
        for grant in (*slack.channels.values(), *slack.groups.values(), *slack.workspaces.values()):
            narrow(settings, grant)

    async def grant(self, place: Place, user: str, text: str = "") -> SlackGrant:
        """What a user may ask about in a place; without a user, what its alerts may be about.

        Raises:
            RefusedQuestion: nothing, or not about a cluster that the text names; it says whom to ask.
        """
        found = await self._find(place, user)
        granted = {Fleet(self._settings).find(name) for name in found.clusters}
        outside = [name for name in Fleet(self._settings).mentioned(text) if name not in granted]
        if outside and not found.incident:
            raise self._refuse(f"You may not ask about {', '.join(outside)} here")
        return found

    async def list_grants(self, team: str, user: str) -> dict[str, SlackGrant]:
        """What a user may ask about: in channels they are in, by id, and in direct messages, under none."""
        own = await self._people.channels(user)
        places = {"": "D"} | {channel: channel for channel in self._settings.slack.channels if channel in own}
        found: dict[str, SlackGrant] = {}
        for name, channel in places.items():
            with suppress(RefusedQuestion):
                found[name] = await self._find(Place(team, channel, ""), user)
        return found

    async def _find(self, place: Place, user: str) -> SlackGrant:
        homes = await self._people.homes(user) if user else frozenset({place.team})
        if not homes:
            raise self._refuse("Slack does not say at the moment who you are, so nothing may be asked")
        if place.is_direct and place.team in homes and (own := await self._of_groups(user)):
            return own
        grant, why = self._look_up(place, homes)
        if grant is None:
            raise self._refuse(why)
        if user and grant.groups and not await self._people.are_in_any(user, grant.groups):
            raise self._refuse("Here, members of certain user groups may ask, and you are in none")
        return grant

    async def _of_groups(self, user: str) -> SlackGrant | None:
        """The first grant whose user group somebody is in."""
        for group, grant in self._settings.slack.groups.items():
            if await self._people.are_in_any(user, (group,)):
                return grant
        return None

    def _look_up(self, place: Place, homes: frozenset[str]) -> tuple[SlackGrant | None, str]:
        """The grant of a channel or workspace, and what to say where there is none."""
        slack = self._settings.slack
        if place.team not in homes:
            visiting = (slack.workspaces[home] for home in sorted(homes) if home in slack.workspaces)
            return next(visiting, None), "People of other workspaces may not ask here"
        everywhere = slack.workspaces.get(place.team)
        if place.is_direct:
            return everywhere, "You are in no user group that may ask in direct messages"
        return slack.channels.get(place.channel, everywhere), "Nothing may be asked about in this channel"

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


def granted_fleet(settings: Settings, grant: SlackGrant) -> Fleet:
    """The clusters of a grant.

    Raises:
        MalformedSettings: it names a cluster that there is not, or no namespace that may be read.
    """
    return Fleet(narrow(settings, grant))


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

"""What becomes of an alert: investigated in its thread, folded into an earlier one, verified at its end."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from time import time

from domain.errors import UnknownCluster
from surfaces.slack.access import granted_fleet
from surfaces.slack.alerts.alert import Alert
from surfaces.slack.blocks.steps import say
from surfaces.slack.desk import RECOVERED, Desk
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Place, Question, State
from surfaces.slack.storage.database import hold

MOST_OTHERS = 5

Locate = Callable[[], Awaitable[Place]]
"""Says in which thread an alert stands; one that stands nowhere yet is written into its channel for that."""


class Verdict(StrEnum):
    """What became of an alert."""

    INVESTIGATED = "investigated"
    VERIFIED = "verified"
    FOLDED = "folded"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Source:
    """Where an alert came in. ``ts`` is that of the message that tells of it, if one does."""

    team: str
    channel: str
    ts: str = ""


class AlertWatch:
    """Takes alerts in. One rule about one workload of a channel is one thing, however often it fires.

    While it fires (the same ``startsAt``), and for ``quiet_minutes`` after it was investigated, it is folded.
    """

    def __init__(self, parts: Parts, desk: Desk) -> None:
        """Have ``desk`` answer what alerts ask."""
        self._parts = parts
        self._desk = desk

    def listens(self, channel: str) -> bool:
        """Whether the alerts of a channel are investigated."""
        grant = self._parts.settings.slack.channels.get(channel)
        return grant is not None and grant.alerts

    async def take(self, alert: Alert, source: Source, locate: Locate) -> Verdict:
        """Decide what becomes of an alert, one at a time of each kind, in all processes.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
            SlackApiError: Slack does not take what is to be written.
        """
        if not (alert.about and self.listens(source.channel)):
            return Verdict.IGNORED
        async with self._alone(source.channel, alert.fingerprint):
            decide = self._end if alert.resolved else self._fire
            return await decide(alert, source, locate)

    def _alone(self, channel: str, fingerprint: str) -> AbstractAsyncContextManager[None]:
        """Be the only one, of all processes, who decides about alerts of that kind."""
        return hold(self._parts.storage.locks, f"alert {channel} {fingerprint}")

    async def _fire(self, alert: Alert, source: Source, locate: Locate) -> Verdict:
        firing = await self._parts.questions.find(_name_firing(alert, source)) if alert.starts else None
        known = firing is not None and firing.state is not State.REFUSED
        earlier = firing if known else await self._latest(source, "alert", alert.fingerprint)
        if earlier and earlier.state is not State.REFUSED and (known or self._is_late(earlier)):
            if not known and await self._flaps(alert, source, earlier):
                await self._tell_flapping(alert, source, earlier, await locate())
            return await self._fold(earlier, source, earlier)
        return await self._investigate(alert, source, await locate())

    async def _investigate(self, alert: Alert, source: Source, place: Place) -> Verdict:
        told = f"{source.team}:{source.channel}:{place.thread}"
        key = _name_firing(alert, source) if alert.starts else told
        if await self._parts.questions.find(key):  # it was refused, when too much was asked
            key = told
        question = Question(key, place, "", alert.ask(), f"alert {alert.fingerprint}", place.thread)
        try:
            question = replace(question, text=alert.ask(self._find_cluster(alert, place)))
        except UnknownCluster as error:
            return await self._refuse(question, f"{error} Add {alert.cluster} to the aliases of one of them.")
        if not await self._desk.take(question):
            return Verdict.FOLDED
        if alert.others:
            await self._tell_others(alert, place)
        return Verdict.INVESTIGATED

    async def _tell_others(self, alert: Alert, place: Place) -> None:
        """Say what else a message names: one thread is about one thing."""
        named = ", ".join(alert.others[:MOST_OTHERS])
        more = f" and {len(alert.others) - MOST_OTHERS} more" if len(alert.others) > MOST_OTHERS else ""
        told = f"I look into {alert.workload}. The alert also names {named}{more}: mention me here to ask."
        await self._parts.poster.announce(place.channel, say(told), place.thread)

    def _find_cluster(self, alert: Alert, place: Place) -> str:
        """Our name of an alert's cluster; none where the channel is about one only, whatever it is called.

        Raises:
            UnknownCluster: the channel is about several, and none of them goes by that name.
        """
        grant = self._parts.settings.slack.channels[place.channel]
        fleet = granted_fleet(self._parts.settings, grant)
        return fleet.find(alert.cluster) if alert.cluster and len(fleet.names) > 1 else ""

    async def _refuse(self, question: Question, why: str) -> Verdict:
        """Say in its thread why an alert is not investigated, once."""
        failed = replace(question, state=State.FAILED)
        if await self._parts.questions.take(failed, failed.text):
            await self._parts.audit.write(failed, "failed", reason=why)
            await self._parts.poster.announce(failed.place.channel, say(why), failed.place.thread)
        return Verdict.IGNORED

    async def _end(self, alert: Alert, source: Source, _: Locate) -> Verdict:
        """Verify what was investigated; the end of nothing is ignored."""
        fired = await self._latest(source, "alert", alert.fingerprint)
        return await self._verify(fired, source) if fired else Verdict.IGNORED

    async def end_thread(self, place: Place, ts: str) -> None:
        """Take it that the alert which a thread is about is over: PagerDuty says so in an answer.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
        """
        asked = await self._parts.questions.of_thread(place)
        if asked and asked[0].way.startswith("alert "):
            async with self._alone(place.channel, _read_fingerprint(asked[0])):
                await self._verify(asked[0], Source(place.team, place.channel, ts))

    async def _verify(self, fired: Question, source: Source) -> Verdict:
        """Look whether it is over, in the thread where it was investigated."""
        if fired.state not in (State.WAITING, State.ANSWERED):
            return Verdict.IGNORED
        over = await self._latest(source, "resolved", _read_fingerprint(fired))
        if over and over.asked_at > fired.asked_at and self._is_late(over):
            return await self._fold(fired, source, over)
        ends = await self._parts.questions.of_thread(fired.place)
        key, ts = f"{fired.key}:resolved:{len(ends)}", source.ts or f"{time():.6f}"
        way = f"resolved {_read_fingerprint(fired)}"
        question = Question(key, fired.place, "", RECOVERED, way, ts)
        return Verdict.VERIFIED if await self._desk.take(question) else Verdict.FOLDED

    async def _latest(self, source: Source, what: str, fingerprint: str) -> Question | None:
        return await self._parts.questions.latest(source.channel, f"{what} {fingerprint}")

    def _is_late(self, question: Question) -> bool:
        """Whether it was asked so lately that the same is not looked at again."""
        return time() - question.asked_at < 60 * self._parts.settings.slack.quiet_minutes

    async def _flaps(self, alert: Alert, source: Source, earlier: Question) -> bool:
        """Whether it fires again after it was over, and nobody was told so yet."""
        over = await self._latest(source, "resolved", alert.fingerprint)
        told = await self._latest(source, "flapping", alert.fingerprint)
        return bool(over and over.asked_at > earlier.asked_at) and not (told and self._is_late(told))

    async def _tell_flapping(self, alert: Alert, source: Source, earlier: Question, place: Place) -> None:
        """Say so once, where it fires again."""
        sentence = (
            f"It flaps: {alert.workload} was looked at {_count_minutes(earlier)} min ago, it was over since,"
            " and now it fires again. Mention me here to have me look again."
        )
        key, way = f"flapping {earlier.key}", f"flapping {alert.fingerprint}"
        told = Question(key, place, "", sentence, way, place.thread, state=State.REFUSED)
        if await self._parts.questions.take(told, sentence):
            await self._parts.poster.announce(place.channel, say(sentence), place.thread)

    async def _fold(self, alert: Question, source: Source, into: Question) -> Verdict:
        """Leave an alert alone, since another one stands for it; one that is delivered again is none."""
        if not source.ts or source.ts not in (into.ts, into.place.thread):
            place = Place(source.team, source.channel, source.ts)
            folded = replace(alert, place=place, answer=None, commands=())
            await self._parts.audit.write(folded, "folded", into=into.place.thread)
        return Verdict.FOLDED


def _count_minutes(question: Question) -> int:
    return round((time() - question.asked_at) / 60)


def _read_fingerprint(fired: Question) -> str:
    return fired.way.partition(" ")[2]


def _name_firing(alert: Alert, source: Source) -> str:
    """What one firing of an alert is told apart by, whoever tells of it."""
    starts = f"{alert.starts:%Y%m%d%H%M%S%f}" if alert.starts else ""
    return f"{source.team}:{source.channel}:{alert.fingerprint}:{starts}"

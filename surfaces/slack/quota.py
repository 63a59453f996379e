"""How much may be asked: counted in what was asked, so that a restart or another replica changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import time

from domain.errors import RefusedQuestion
from domain.surface_settings import SlackLimits
from surfaces.slack.questions import Question, Questions

HOUR = 3600.0


class Quota:
    """The limits of the settings, and how much of them is used."""

    def __init__(self, limits: SlackLimits, questions: Questions) -> None:
        """Count in ``questions``."""
        self._limits = limits
        self._questions = questions

    async def check(self, question: Question) -> None:
        """Let a question pass, unless a limit is reached without it; refused ones do not count.

        Raises:
            QuestionsUnavailable: the database cannot be reached.
            RefusedQuestion: it has to wait; it says how long.
        """
        moment, limits = question.asked_at or time(), self._limits
        if question.user:
            asked = await self._questions.times(moment - HOUR, question, user=question.user)
            _check_hour("You", limits.user_hour, asked, moment)
        asked = await self._questions.times(moment - HOUR, question, channel=question.place.channel)
        _check_hour("This channel", limits.channel_hour, asked, moment)
        await self._check_day(question, moment)

    async def _check_day(self, question: Question, moment: float) -> None:
        midnight = datetime.fromtimestamp(moment, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        begin, end = midnight.timestamp(), (midnight + timedelta(days=1)).timestamp()
        if len(await self._questions.times(begin, question)) >= self._limits.day:
            raise _refuse(f"Today's {self._limits.day} questions are used up", end, moment)
        budget = self._limits.day_cost
        if budget is not None and await self._questions.spent(begin) >= budget:
            raise _refuse(f"Today's budget of ${budget:.2f} for models is used up", end, moment)


def _check_hour(whose: str, most: int, asked: Sequence[float], moment: float) -> None:
    """Refuse what exceeds ``most`` an hour; ``asked`` are the moments of the last hour, in order."""
    if len(asked) >= most:
        raise _refuse(f"{whose} asked {most} questions within an hour", asked[-most] + HOUR, moment)


def _refuse(why: str, until: float, moment: float) -> RefusedQuestion:
    minutes = max(1, round((until - moment) / 60))
    wait = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    clock = datetime.fromtimestamp(until, UTC)
    return RefusedQuestion(f"{why}, which is the limit. Ask again after {clock:%H:%M} UTC, in {wait}.")

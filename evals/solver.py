"""The solver: asks the graph what the person of the incident asked, and answers when asked back."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict

from domain.diagnosis import Diagnosis
from domain.errors import KubewhyError
from evals.dataset import Case
from graphs.context import Context
from graphs.session import Clarification, Session

MAX_CLARIFICATIONS = 3


class Setup(BaseModel):
    """Who answers, in one pass over the dataset; what is empty is as kubewhy.toml has it."""

    model_config = ConfigDict(frozen=True)

    reasoner: str = ""
    route: tuple[str, ...] = ()
    domain: str = ""

    @property
    def name(self) -> str:
        """``hybrid: deepseek.v3.2, finance``."""
        parts = (", ".join(self.route), self.domain)
        return ": ".join(filter(None, (self.reasoner or "as set", ", ".join(filter(None, parts)))))


AS_SET = Setup()
Solver = Callable[[Case, Setup], Awaitable[Diagnosis]]


async def ask_graph(case: Case, setup: Setup = AS_SET) -> Diagnosis:
    """The graph's diagnosis of the case's question.

    Asked back, it gives the case's answers in order, then the first option there is.

    Raises:
        KubewhyError: there was no diagnosis.
    """
    folder = str(case.incident.folder)
    context = Context(incident=folder, reasoner=setup.reasoner, route=setup.route, domain=setup.domain)
    try:
        return await _converse(Session(context), case)
    finally:
        await context.close()


async def _converse(session: Session, case: Case) -> Diagnosis:
    answers = iter(case.expected.answers)
    end = await _wait_for_end(session, case.incident.question)
    for _ in range(MAX_CLARIFICATIONS):
        if isinstance(end, Diagnosis):
            break
        end = await _wait_for_end(session, next(answers, end.options[0]))
    if isinstance(end, Clarification):
        raise KubewhyError(f"It asked back after {MAX_CLARIFICATIONS} answers: {end.question}")
    return end


async def _wait_for_end(session: Session, text: str) -> Diagnosis | Clarification:
    ends = [item async for item in session.ask(text) if isinstance(item, Diagnosis | Clarification)]
    return ends[-1]

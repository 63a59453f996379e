"""The solver: asks the graph what the person of the incident asked, and answers when asked back."""

from collections.abc import Awaitable, Callable

from domain.diagnosis import Diagnosis
from domain.errors import KubewhyError
from evals.dataset import Case
from graphs.context import Context
from graphs.session import Clarification, Session

Solver = Callable[[Case], Awaitable[Diagnosis]]

MAX_CLARIFICATIONS = 3


async def ask_graph(case: Case) -> Diagnosis:
    """The graph's diagnosis of the case's question.

    Asked back, it gives the case's answers in order, then the first option there is.

    Raises:
        KubewhyError: there was no diagnosis.
    """
    context = Context(incident=str(case.incident.folder))
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

"""A person doubts the answer: another cause is looked for, until the thread moves on."""

from domain.diagnosis import Diagnosis, Outcome
from graphs.context import Context
from graphs.session import Session

QUESTION = "support-desk is half down after the deploy: no attachments and no mails. One root cause?"
DEEPER = "What else could be the cause?"


async def ask(session: Session, text: str, deeper: bool = False) -> Diagnosis:
    end = [item async for item in session.ask(text, deeper=deeper)][-1]
    assert isinstance(end, Diagnosis)
    return end


async def test_each_step_deeper_leaves_out_what_was_told_before():
    session = Session(Context("two-faults"))
    first = await ask(session, QUESTION)
    second = await ask(session, DEEPER, deeper=True)
    third = await ask(session, DEEPER, deeper=True)
    await session.context.close()

    assert first.object and second.object and first.object != second.object
    assert second.outcome is Outcome.DIAGNOSED and first.root_cause not in str(second)
    assert third.outcome is Outcome.UNKNOWN and "No other cause" in third.summary
    assert not {first.root_cause, second.root_cause} & {guess.cause for guess in third.alternatives}


async def test_what_is_said_otherwise_is_not_doubted_any_more():
    session = Session(Context("two-faults"))
    first = await ask(session, QUESTION)
    await ask(session, DEEPER, deeper=True)
    again = await ask(session, "and what about attachments?")
    await session.context.close()

    assert again.root_cause == first.root_cause


async def test_the_fix_that_is_verified_is_that_of_the_cause_told_last():
    session = Session(Context("two-faults"))
    await ask(session, QUESTION)
    second = await ask(session, DEEPER, deeper=True)
    judged = await ask(session, "did the fix work?")
    await session.context.close()

    assert judged.outcome is Outcome.NOT_VERIFIED and judged.object == second.object


async def test_with_nothing_to_doubt_it_is_a_question_like_others():
    session = Session(Context("two-faults"))
    first = await ask(session, QUESTION, deeper=True)
    await session.context.close()

    assert first.outcome is Outcome.DIAGNOSED

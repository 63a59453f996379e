"""A diagnosis as messages: cause first, then why, the evidence that matters, the fix, how to verify."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.diagnosis import Diagnosis, Hypothesis, Link, Outcome
from domain.evidence import Evidence
from surfaces.account import tell_models
from surfaces.citing import number_evidence, shorten, sort_evidence
from surfaces.slack.blocks.links import link_logs
from surfaces.slack.blocks.messages import Attachment, Reply, pack
from surfaces.slack.blocks.parts import (
    Block,
    actions,
    button,
    code,
    fits,
    footer,
    paragraph,
    span,
    title,
)

SHOW_EVIDENCE = "show_evidence"
SHOW_COMMANDS = "show_commands"
DID_IT_RECOVER = "did_it_recover"
DIG_DEEPER = "dig_deeper"
EXPORT_INCIDENT = "export_incident"
THUMBS_UP = "thumbs_up"
THUMBS_DOWN = "thumbs_down"

CLOSED = "This thread is closed; a further question opens it again."

AS_BEFORE = "How it comes about, and the fix, are as said before in this thread."

MOST_EVIDENCE = 3
"""Observations in the answer itself; the button shows all."""

HEADS = {
    Outcome.DIAGNOSED: "Diagnosed",
    Outcome.HEALTHY: "Nothing wrong found",
    Outcome.UNKNOWN: "No cause found",
    Outcome.VERIFIED: "Recovered",
    Outcome.NOT_VERIFIED: "Not recovered",
}


@dataclass(frozen=True)
class Answer:
    """A diagnosis, and what belongs to it in a thread.

    Attributes:
        key: of the question, for the buttons.
        after: how long the trouble lasted, in words, where it is over.
        repeated: an earlier answer of the thread told the same cause, so chain and fix are not told again.
        dashboards: the address of OpenSearch Dashboards, to which log lines are linked; empty: nowhere.
    """

    diagnosis: Diagnosis
    key: str
    commands: tuple[str, ...] = ()
    after: str = ""
    dashboards: str = ""
    repeated: bool = False


def render_answer(answer: Answer) -> Reply:
    """The messages and files of an answer."""
    diagnosis = answer.diagnosis
    numbers = number_evidence(diagnosis)
    attached = () if answer.repeated else tuple(_attach(diagnosis))
    blocks = [
        *_head(answer),
        *(paragraph(span(AS_BEFORE)) if answer.repeated else _chain(diagnosis, numbers)),
        *_evidence(answer, numbers),
        *([] if answer.repeated else _fix(diagnosis)),
        *_verification(diagnosis),
        *_sentences("Less likely", _hypotheses(diagnosis.alternatives)),
        *_sentences("Caveats", diagnosis.caveats),
        *_sentences("Not seen", diagnosis.not_seen),
        *_sentences("Open questions", diagnosis.open_questions),
        *actions(_buttons(answer)),
        *footer(account(diagnosis)),
    ]
    return Reply(pack(f"{HEADS[diagnosis.outcome]}: {diagnosis.summary}", blocks), attached)


def _head(answer: Answer) -> Iterator[Block]:
    diagnosis = answer.diagnosis
    facts = [diagnosis.issue_type.value] if diagnosis.outcome is Outcome.DIAGNOSED else []
    facts += [f"{diagnosis.confidence:.0%} sure"] if diagnosis.confidence else []
    facts += [str(diagnosis.object)] if diagnosis.object else []
    facts += [f"missing: {diagnosis.missing}"] if diagnosis.missing else []
    facts += [f"cluster {diagnosis.cluster}"] if diagnosis.cluster else []
    facts += [answer.after] if answer.after else []
    yield from paragraph(span(HEADS[diagnosis.outcome], bold=True), span(f"  {', '.join(facts)}"))
    yield from paragraph(span(diagnosis.summary, bold=True))
    yield from paragraph(span(CLOSED if answer.after else ""))
    if diagnosis.root_cause and diagnosis.root_cause.lower() not in diagnosis.summary.lower():
        yield from paragraph(span(diagnosis.root_cause))
    for fault in diagnosis.also:
        yield from paragraph(span("Independently: "), span(fault.cause))


def _chain(diagnosis: Diagnosis, numbers: dict[str, int]) -> Iterator[Block]:
    """The steps from the root on; the root alone, and what is missing, the head has said."""
    if diagnosis.explains_more:
        yield from title("Why")
        for number, link in enumerate(diagnosis.chain, start=1):
            yield from paragraph(span(f"{number}. {_tell(link, diagnosis)}{_cite(link.evidence, numbers)}"))


def _tell(link: Link, diagnosis: Diagnosis) -> str:
    told = "as said above" if link.statement == diagnosis.root_cause else link.statement
    return f"{link.object}: {told}"


def _cite(ids: Iterable[str], numbers: dict[str, int]) -> str:
    marks = "".join(f"[{numbers[id_]}]" for id_ in ids if id_ in numbers)
    return f" {marks}" if marks else ""


def _evidence(answer: Answer, numbers: dict[str, int]) -> Iterator[Block]:
    shown = sort_evidence(answer.diagnosis, numbers)
    if shown:
        yield from title("Evidence")
    for item in shown[:MOST_EVIDENCE]:
        yield from quote(item, numbers[item.id], answer.dashboards)
    if (left := len(shown) - MOST_EVIDENCE) > 0:
        yield from paragraph(span(f"and {left} more: Show evidence.", italic=True))


def quote(item: Evidence, number: int, dashboards: str = "") -> Iterator[Block]:
    """One observation: where and when, its text shortened, a log line with a link to those around it."""
    where = f"{item.object}" if item.object else item.source.value
    time = f" {item.time:%H:%M:%S}" if item.time else ""
    yield from paragraph(span(f"[{number}] {where}{time}"), *link_logs(item, dashboards))
    yield from code(shorten(item.text))


def _fix(diagnosis: Diagnosis) -> Iterator[Block]:
    fix = diagnosis.fix
    if fix.summary or fix.commands or fix.patch:
        yield from title("Fix")
    if fix.summary:
        yield from paragraph(span(fix.summary))
    for name, text in _copied(diagnosis):
        if fits(text):
            yield from code(text)
        else:
            yield from paragraph(span(f"It is long: see {name} in this thread."))


def _copied(diagnosis: Diagnosis) -> Iterator[tuple[str, str]]:
    """What is to be copied from the fix: a file name, should it be needed, and the text."""
    yield "fix.sh", "\n".join(map(diagnosis.aim, diagnosis.fix.commands))
    yield "fix.yaml", diagnosis.fix.patch


def _attach(diagnosis: Diagnosis) -> Iterator[Attachment]:
    for name, text in (*_copied(diagnosis), ("verify.sh", _verify(diagnosis))):
        if not fits(text):
            yield Attachment(name, text)


def _verify(diagnosis: Diagnosis) -> str:
    return "\n".join(diagnosis.aim(command.line) for command in diagnosis.verification)


def _verification(diagnosis: Diagnosis) -> Iterator[Block]:
    text = _verify(diagnosis)
    if text:
        yield from title("How to verify")
        yield from code(text) if fits(text) else paragraph(span("See verify.sh in this thread."))


def _hypotheses(found: Iterable[Hypothesis]) -> list[str]:
    return [f"{item.object}: {item.cause} ({item.confidence:.0%} sure)" for item in found]


def _sentences(heading: str, texts: Iterable[str]) -> Iterator[Block]:
    """A heading and a bullet each; nothing at all when there are none."""
    found = list(texts)
    if found:
        yield from title(heading)
    for text in found:
        yield from paragraph(span(f"• {text}"))


def _buttons(answer: Answer) -> list[Block]:
    diagnosis, shown = answer.diagnosis, []
    if diagnosis.evidence:
        shown.append(button(SHOW_EVIDENCE, "Show evidence", answer.key))
    if answer.commands:
        shown.append(button(SHOW_COMMANDS, "Show commands run", answer.key))
    if diagnosis.outcome in (Outcome.DIAGNOSED, Outcome.NOT_VERIFIED):
        shown.append(button(DIG_DEEPER, "Dig deeper", answer.key))
        shown.append(button(DID_IT_RECOVER, "Did it recover?", answer.key))
    elif diagnosis.outcome is Outcome.UNKNOWN:
        shown.append(button(DIG_DEEPER, "Dig deeper", answer.key))
    if diagnosis.evidence:
        shown.append(button(EXPORT_INCIDENT, "Export incident", answer.key))
    return [*shown, button(THUMBS_UP, "👍", answer.key), button(THUMBS_DOWN, "👎", answer.key)]


def account(diagnosis: Diagnosis) -> Iterator[str]:
    """Who concluded this, and one line a model: how often it was asked, and what that took."""
    yield f"Answered by {diagnosis.reasoner}. {diagnosis.chosen}".strip()
    yield from tell_models(diagnosis)

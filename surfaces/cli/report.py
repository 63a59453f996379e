"""The report a tired engineer can read: cause first, then why, the fix, how to verify, what was not seen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from domain.diagnosis import Diagnosis, Hypothesis, Outcome
from domain.evidence import Evidence
from surfaces.account import tell_models
from surfaces.citing import number_evidence, shorten, sort_evidence
from surfaces.text import sanitise

_HEADS = {
    Outcome.DIAGNOSED: ("Diagnosed", "bold red"),
    Outcome.HEALTHY: ("Nothing wrong found", "bold green"),
    Outcome.UNKNOWN: ("No cause found", "bold yellow"),
    Outcome.VERIFIED: ("Recovered", "bold green"),
    Outcome.NOT_VERIFIED: ("Not recovered", "bold red"),
}


@dataclass(frozen=True)
class Line:
    """One paragraph. What is meant to be copied is never wrapped or cut."""

    text: Text
    indent: int = 2
    copied: bool = False


def print_report(diagnosis: Diagnosis, thread: str = "", console: Console | None = None) -> None:
    """Print the report, as wide as the terminal; without colour where there is none."""
    console = console or Console()
    for line in lay_out(diagnosis, thread):
        width = max(20, console.width - line.indent)
        parts = [line.text] if line.copied else line.text.wrap(console, width)
        for part in parts or [Text()]:
            part.rstrip()
            console.print(Text(" " * line.indent) + part if part else part, soft_wrap=True, highlight=False)


def lay_out(diagnosis: Diagnosis, thread: str = "") -> Iterator[Line]:
    """The report as paragraphs, top to bottom."""
    numbers = number_evidence(diagnosis)
    yield from _head(diagnosis, numbers)
    yield from _chain(diagnosis, numbers)
    yield from _evidence(diagnosis, numbers)
    yield from _fix(diagnosis)
    yield from _section("How to verify", _commands(diagnosis))
    yield from _section("Less likely", _hypotheses(diagnosis.alternatives, {}))
    yield from _section("Caveats", _sentences(diagnosis.caveats))
    yield from _section("Not seen", _sentences(diagnosis.not_seen))
    yield from _section("Open questions", _sentences(diagnosis.open_questions))
    if diagnosis.chosen:
        yield from _section("Answered by", _account(diagnosis))
    if thread:
        yield Line(Text(""), 0)
        next_question = "did the fix work?" if diagnosis.fix.commands or diagnosis.fix.patch else "..."
        yield Line(Text(f'kubewhy ask --thread {thread} "{next_question}"', style="dim"), 0, copied=True)


def _head(diagnosis: Diagnosis, numbers: Mapping[str, int]) -> Iterator[Line]:
    word, style = _HEADS[diagnosis.outcome]
    facts = [diagnosis.issue_type.value] if diagnosis.outcome is Outcome.DIAGNOSED else []
    facts += [f"{diagnosis.confidence:.0%} sure"] if diagnosis.confidence else []
    facts += [f"cluster {diagnosis.cluster}"] if diagnosis.cluster else []
    yield Line(Text(word, style=style) + Text(f"  {', '.join(facts)}", style="dim"), 0)
    yield Line(Text(""), 0)
    yield Line(_cite(diagnosis.summary, diagnosis.cited, numbers, "bold"))
    if diagnosis.root_cause and diagnosis.root_cause.lower() not in diagnosis.summary.lower():
        yield Line(_cite(diagnosis.root_cause, (), numbers))
    for fault in diagnosis.also:
        yield Line(Text(""), 0)
        yield Line(Text("Independently: ") + _cite(fault.cause, fault.evidence, numbers))


def _chain(diagnosis: Diagnosis, numbers: Mapping[str, int]) -> Iterator[Line]:
    """The steps from the root on; the root alone, and what is missing, the head has said."""
    steps = []
    for number, link in enumerate(diagnosis.chain, start=1):
        told = link.statement == diagnosis.root_cause
        statement = "as said above" if told else link.statement
        steps.append(Line(Text(f"{number}. {link.object}: ") + _cite(statement, link.evidence, numbers)))
    yield from _section("Why", steps if diagnosis.explains_more else [])


def _evidence(diagnosis: Diagnosis, numbers: Mapping[str, int]) -> Iterator[Line]:
    shown = sort_evidence(diagnosis, numbers)
    yield from _section("Evidence", [line for item in shown for line in _quote(item, numbers[item.id])])


def _quote(item: Evidence, number: int) -> Iterator[Line]:
    where = f"{item.object}" if item.object else item.source.value
    time = f" {item.time:%H:%M:%S}" if item.time else ""
    yield Line(Text(f"[{number}] ", style="cyan") + Text(f"{where}{time}", style="dim"))
    yield Line(Text(shorten(item.text)), 6)
    if item.command:
        yield Line(Text(f"$ {sanitise(item.command)}", style="dim"), 6, copied=True)


def _fix(diagnosis: Diagnosis) -> Iterator[Line]:
    fix = diagnosis.fix
    lines = [Line(Text(sanitise(fix.summary)))] if fix.summary else []
    copied = [*map(diagnosis.aim, fix.commands), *fix.patch.splitlines()]
    lines += [Line(Text(sanitise(line), style="green"), 4, copied=True) for line in copied]
    yield from _section("Fix", lines)


def _commands(diagnosis: Diagnosis) -> Iterator[Line]:
    for command in diagnosis.verification:
        yield Line(Text(sanitise(diagnosis.aim(command.line)), style="green"), 4, copied=True)


def _hypotheses(found: Iterable[Hypothesis], numbers: Mapping[str, int]) -> Iterator[Line]:
    for item in found:
        cause = _cite(f"{item.object}: {item.cause}", item.evidence, numbers)
        yield Line(Text("- ") + cause + Text(f" ({item.confidence:.0%} sure)", style="dim"))


def _sentences(texts: Iterable[str]) -> Iterator[Line]:
    for text in texts:
        yield Line(Text(f"- {sanitise(text)}"))


def _account(diagnosis: Diagnosis) -> Iterator[Line]:
    """Who concluded this, why they were asked, and one line a model: how often, and what that took."""
    told = f"{diagnosis.reasoner}. {diagnosis.chosen}".strip()
    yield Line(Text(sanitise(told), style="dim"))
    for line in tell_models(diagnosis):
        yield Line(Text(line, style="dim"))


def _section(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """A title and its lines; nothing at all when there are none."""
    body = list(lines)
    if body:
        yield Line(Text(""), 0)
        yield Line(Text(title, style="bold"), 0)
        yield from body


def _cite(text: str, ids: Sequence[str], numbers: Mapping[str, int], style: str = "") -> Text:
    marks = "".join(f"[{numbers[id_]}]" for id_ in ids if id_ in numbers)
    return Text(sanitise(text), style=style) + Text(f" {marks}" if marks else "", style="cyan")

"""What is shown beside an answer: progress, questions back, evidence, commands, refusals."""

from collections.abc import Iterable, Sequence

from domain.diagnosis import Diagnosis
from graphs.progress import Progress
from graphs.session import Clarification
from surfaces.citing import number_evidence, sort_evidence
from surfaces.slack.blocks.answer import quote
from surfaces.slack.blocks.messages import Attachment, Post, Reply, pack
from surfaces.slack.blocks.parts import Block, actions, button, code, fits, paragraph, span, title

STOP = "stop"
ANSWER = "answer_"
"""The action id of an option, followed by its number from 1 on."""

MOST_STEPS = 8
MOST_FOUND = 2
MOST_STEP_CHARACTERS = 300
MOST_OPTIONS = 20
MOST_CHARACTERS = 2_000
"""Of a question back, and of the options that get no button."""


def render_progress(steps: Sequence[Progress], key: str) -> Post:
    """The latest steps of an investigation, with a way to stop it."""
    lines = [line for step in steps[-MOST_STEPS:] for line in _tell(step)] or ["Looking ..."]
    blocks = [block for line in lines for block in paragraph(span(line))]
    return Post("Looking ...", [*title("Looking ..."), *blocks, *actions([button(STOP, "Stop", key)])])


def _tell(step: Progress) -> list[str]:
    head = step.get("command") or step["message"]
    found = [text.strip().partition("\n")[0] for text in step.get("found", [])[:MOST_FOUND]]
    return [f"• {head}"[:MOST_STEP_CHARACTERS], *(f"    {text}"[:MOST_STEP_CHARACTERS] for text in found)]


def render_waiting(before: int, key: str) -> Post:
    """A question that waits until the earlier ones of its thread are answered."""
    told = f"Noted; {before} earlier question{'s' if before > 1 else ''} of this thread first."
    return Post(told, [*paragraph(span(told)), *actions([button(STOP, "Stop", key)])])


def render_clarification(asked: Clarification, key: str) -> Post:
    """A question back: a button for each option, and words will do too."""
    shown = asked.options[:MOST_OPTIONS]
    buttons = [button(f"{ANSWER}{number}", text, key) for number, text in enumerate(shown, start=1)]
    more = ", ".join(asked.options[MOST_OPTIONS:])
    blocks = [
        *title(asked.question[:MOST_CHARACTERS]),
        *paragraph(span(f"Or: {more}"[:MOST_CHARACTERS] if more else "")),
        *actions(buttons),
        *paragraph(span("Choose one, or answer in this thread.", italic=True)),
    ]
    return Post(f"{asked.question} {', '.join(asked.options)}", blocks)


def render_evidence(diagnosis: Diagnosis, dashboards: str = "") -> Reply:
    """Everything that the diagnosis cites, each with the command that shows it."""
    numbers = number_evidence(diagnosis)
    blocks: list[Block] = []
    for item in sort_evidence(diagnosis, numbers):
        blocks += quote(item, numbers[item.id], dashboards)
        if item.command and fits(line := diagnosis.aim(item.command)):
            blocks += code(line)
    return Reply(pack("Evidence", blocks or paragraph(span("The answer cites no evidence."))))


def render_commands(lines: Iterable[str]) -> Reply:
    """The commands that were run for an answer."""
    text = "\n".join(lines)
    if not fits(text):
        return Reply((say("The commands are in the file."),), (Attachment("commands.sh", text),))
    return Reply(pack("Commands run", [*title("Commands run"), *code(text)]))


def say(text: str) -> Post:
    """A plain sentence."""
    return Post(text, paragraph(span(text)))

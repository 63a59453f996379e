"""The App Home: what somebody may ask about, what they asked lately, settings, help, where the source is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.diagnosis import Outcome
from domain.settings import Settings
from domain.surface_settings import SlackGrant
from surfaces.about import About
from surfaces.slack.blocks.answer import HEADS
from surfaces.slack.blocks.parts import Block, footer, paragraph, span, title
from surfaces.slack.questions import Question, State

MOST_QUESTION = 150
MOST_CHANNELS = 30

HELP = (
    "Mention me in a channel, write to me here under Messages, or type /why and what is wrong.",
    "On any message: More actions, Ask Kubewhy why.",
    "I answer in the thread. Go on asking there; “stop” stops me; an edited question is asked anew.",
    "Below an answer: “Did it recover?” looks again, “Dig deeper” looks for the next cause.",
    "I only read. What I say to do is for you to copy.",
)
_STATES = {
    State.WAITING: "being looked into",
    State.ASKED_BACK: "waits for your answer",
    State.ABANDONED: "left without an answer",
    State.REFUSED: "refused",
    State.REVISED: "asked anew",
    State.STOPPED: "stopped",
    State.FAILED: "failed",
}
_MODELS = {
    "never": "The playbook answers, without any model.",
    "unsettled": "A model is asked where the playbook is not sure.",
    "always": "A model is asked about every question.",
}


@dataclass(frozen=True)
class Home:
    """What is shown to one person.

    Attributes:
        grants: what they may ask about, by channel; in direct messages under an empty one.
        recent: what they asked lately, latest first.
        url: of the workspace, which links into its threads begin with.
        picture: id of the QR code of the source, as a file of Slack; empty: none.
    """

    settings: Settings
    about: About
    grants: Mapping[str, SlackGrant]
    recent: Sequence[Question]
    url: str
    picture: str = ""


def render_home(home: Home) -> dict[str, Any]:
    """The view, as views.publish takes it."""
    blocks = [
        *paragraph(span("Kubewhy finds out why something in Kubernetes is broken. It only reads.")),
        *_section("What you may ask about", _grants(home)),
        *_section("What you asked lately", _recent(home)),
        *_section("How to ask", (paragraph(span(f"• {line}")) for line in HELP)),
        *_section("Settings", (paragraph(span(f"• {line}")) for line in _settings(home.settings))),
        *_section("About", _about(home)),
    ]
    return {"type": "home", "blocks": blocks}


def _section(heading: str, parts: Iterable[Sequence[Block]]) -> Iterator[Block]:
    yield {"type": "divider"}
    yield from title(heading)
    for part in parts:
        yield from part


def _grants(home: Home) -> Iterator[list[Block]]:
    if not home.grants:
        whom = home.settings.slack.contact or "whoever runs Kubewhy here"
        yield paragraph(span(f"Nothing yet. For access, ask {whom}."))
    for channel, grant in [*home.grants.items()][:MOST_CHANNELS]:
        where = {"type": "channel", "channel_id": channel} if channel else span("Direct messages", bold=True)
        yield [_rich(span("• "), where, span(f": {_describe(grant)}"))]


def _describe(grant: SlackGrant) -> str:
    spaces = f" (namespaces {', '.join(grant.namespaces)})" if grant.namespaces else ""
    what = f"the recorded incident {grant.incident}" if grant.incident else ", ".join(grant.clusters)
    return f"{what}{spaces}" + ("; its alerts are looked into" if grant.alerts else "")


def _recent(home: Home) -> Iterator[list[Block]]:
    if not home.recent:
        yield paragraph(span("Nothing yet."))
    for question in home.recent:
        words = " ".join(question.text.split())
        shown = words if len(words) <= MOST_QUESTION else f"{words[: MOST_QUESTION - 1]}…"
        yield [_rich(_date(question), span(f"  {_tell_end(question)}  "), _link(home, question, shown))]


def _tell_end(question: Question) -> str:
    if question.answer is None:
        return _STATES.get(question.state, question.state.value)
    about = question.answer.object if question.answer.outcome is Outcome.DIAGNOSED else None
    return HEADS[question.answer.outcome] + (f": {about}" if about else "")


def _date(question: Question) -> Block:
    told = {"format": "{date_short_pretty} {time}", "fallback": "lately"}
    return {"type": "date", "timestamp": int(question.asked_at)} | told


def _link(home: Home, question: Question, words: str) -> Block:
    place = question.place
    url = f"{home.url}archives/{place.channel}/p{place.thread.replace('.', '')}"
    return {"type": "link", "url": url, "text": span(words or "…")["text"]}


def _settings(settings: Settings) -> Iterator[str]:
    limits = settings.slack.limits
    yield _MODELS[settings.models.use]
    yield (
        f"{limits.user_hour} questions an hour of one person, {limits.channel_hour} in one channel,"
        f" {limits.day} a day of everyone."
    )
    if limits.day_cost is not None:
        yield f"Models may cost ${limits.day_cost:.2f} a day."
    yield f"The same alert is looked into once in {settings.slack.quiet_minutes} min."
    hidden = [word for word in ("emails", "addresses") if getattr(settings.redaction, word)]
    yield f"Hidden wherever they turn up: {', '.join(['secrets', *hidden])}."


def _about(home: Home) -> Iterator[list[Block]]:
    if home.about.source:
        link = {"type": "link", "url": home.about.source, "text": home.about.source}
        yield [_rich(span("The source lives at "), link)]
    if home.picture:
        name = "QR code of the source's address"
        yield [{"type": "image", "slack_file": {"id": home.picture}, "alt_text": name}]
    yield footer([f"Kubewhy {home.about.version}, {home.about.license}"])


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [*elements]}]}

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.diagnosis import Diagnosis, Hypothesis, Link, ModelCall, Outcome
from domain.evidence import Evidence, Fix, IssueType, PlannedCommand, Source
from domain.objects import ObjectRef
from graphs.context import Context
from graphs.progress import Progress
from graphs.session import Clarification, Session
from surfaces.slack.blocks.answer import Answer, render_answer
from surfaces.slack.blocks.messages import Post, Reply
from surfaces.slack.blocks.rating import render_rating
from surfaces.slack.blocks.steps import (
    render_clarification,
    render_commands,
    render_evidence,
    render_progress,
    render_waiting,
    say,
)
from surfaces.slack.feedback import REASONS, WELL, list_suspects
from surfaces.slack.loopback.limits import find_message_fault, list_block_faults, list_view_faults
from tools.incidents import INCIDENTS, find_incidents, open_incident

CACHE = ObjectRef(kind="Deployment", name="cache", namespace="shop")
DASHBOARDS = "https://logs.example/_dashboards"
EVIL = (
    "<!channel> <@U0ANNA> *bold* `code` ``` <https://evil.example|click> :tada: \x1b[31m &lt;!here&gt; @here"
)


def seen(text: str, number: int = 0) -> Evidence:
    return Evidence(
        source=Source.LOG, text=f"{number} {text}", object=CACHE, command="kubectl get pods -n shop"
    )


def diagnosis(text: str = "it is gone", times: int = 1) -> Diagnosis:
    evidence = tuple(seen(text, number) for number in range(times))
    ids = tuple(item.id for item in evidence)
    guess = Hypothesis(
        object=CACHE, issue_type=IssueType.NETWORKING, cause=text, confidence=0.4, evidence=ids
    )
    return Diagnosis(
        outcome=Outcome.DIAGNOSED,
        summary=text,
        root_cause=f"{text} indeed",
        object=CACHE,
        confidence=0.9,
        chain=(Link(object=CACHE, statement=text, evidence=ids),) * times,
        also=(guess,),
        alternatives=(guess,) * times,
        cited=ids,
        evidence=evidence,
        fix=Fix(summary=text, commands=("kubectl rollout restart deployment/cache -n shop",), patch=text),
        verification=(PlannedCommand(line="kubectl get pods -n shop", purpose="ready?"),),
        open_questions=(text,),
        not_seen=(text,) * times,
        caveats=(text,),
        cluster="production",
        kube_context="prod-eu",
        reasoner="claude",
        calls=(ModelCall(model="claude", role="diagnose", read=100, written=20, cost=0.0123),),
    )


def check(posts: tuple[Post, ...]) -> str:
    """Hold messages to Slack's limits; the text of all of them."""
    for post in posts:
        assert not find_message_fault(post.arguments()), list_block_faults(post.blocks)
    return "\n".join(text for post in posts for text in literals(post.blocks))


def literals(item: object) -> list[str]:
    if isinstance(item, list):
        return [text for part in item for text in literals(part)]
    if not isinstance(item, dict):
        return []
    own = [item["text"]] if isinstance(item.get("text"), str) else literals(item.get("text"))
    return own + literals(item.get("elements"))


def kinds(item: object) -> set[str]:
    if isinstance(item, list):
        return {kind for part in item for kind in kinds(part)}
    if not isinstance(item, dict):
        return set()
    return {item["type"] for _ in "x" if "type" in item} | kinds(list(item.values()))


def every_post(given: Diagnosis) -> tuple[Post, ...]:
    text = given.summary
    asked = Clarification(text, (text, text) * 20)
    steps = [
        Progress(node="survey", message=text, found=[text] * 9),
        Progress(node="x", message="m", command=text),
    ]
    return (
        *render_answer(Answer(given, "key", (text,), "1 min after", DASHBOARDS)).posts,
        *render_evidence(given, DASHBOARDS).posts,
        *render_commands([text]).posts,
        render_clarification(asked, "key"),
        render_progress(steps * 9, "key"),
        render_waiting(2, "key"),
        say(text),
    )


def check_modal(given: Diagnosis) -> None:
    culprits = [(str(number), str(ref)) for number, (ref, _, _) in enumerate(list_suspects(given))]
    view = render_rating("key" * 80, REASONS.items(), [(WELL, "Nothing was wrong"), *culprits])
    assert not list_view_faults(view)


def test_an_answer_says_all_that_a_reader_needs():
    told = check(render_answer(Answer(diagnosis(), "key", ("kubectl get pods",))).posts)

    for word in ("Diagnosed", "it is gone", "90% sure", "Deployment shop/cache", "cluster production", "[1]"):
        assert word in told, word
    for word in ("Fix", "How to verify", "Less likely", "Not seen", "Caveats", "120 tokens, $0.0123"):
        assert word in told, word
    assert "kubectl --context prod-eu rollout restart deployment/cache -n shop" in told
    assert "kubectl --context prod-eu get pods -n shop" in told


@pytest.mark.parametrize(
    "text", [EVIL, "x" * 5_000, "word " * 3_000, "line\n" * 2_000, "ö" * 3_001, EVIL * 60]
)
@pytest.mark.parametrize("times", [1, 12, 80])
def test_whatever_is_said_fits_slacks_limits_and_mentions_nobody(text: str, times: int):
    posts = every_post(diagnosis(text, times))

    check(posts)
    check_modal(diagnosis(text, times))
    assert kinds([post.blocks for post in posts]) <= {
        *("rich_text", "rich_text_section", "rich_text_preformatted", "text", "actions", "button"),
        *("context", "plain_text", "link"),
    }
    for post in posts:
        assert "<" not in post.arguments()["text"] and "\x1b" not in str(post.arguments())


def test_prose_is_split_and_nothing_of_it_is_lost():
    words = " ".join(f"word{number}" for number in range(2_000))
    told = check(render_answer(Answer(diagnosis(words), "key")).posts)

    assert words in told.replace("\n", "") or all(f"word{number}" in told for number in range(2_000))


def test_a_fix_that_is_too_long_for_a_block_is_attached_whole():
    patch = "\n".join(f"key{number}: value" for number in range(1_000))
    given = diagnosis().model_copy(update={"fix": Fix(summary="Apply it.", patch=patch)})
    reply = render_answer(Answer(given, "key"))

    assert [(file.name, file.content) for file in reply.attachments] == [("fix.yaml", patch)]
    assert "see fix.yaml" in check(reply.posts)


def test_code_is_never_cut():
    patch = "a: b\n" * 500
    given = diagnosis().model_copy(update={"fix": Fix(summary="", patch=patch)})

    assert patch.strip() in check(render_answer(Answer(given, "key")).posts)


def test_buttons_are_there_for_what_there_is_to_show():
    healthy = Diagnosis(outcome=Outcome.HEALTHY, summary="All is well.")
    told = check(render_answer(Answer(healthy, "key")).posts)

    assert "Show" not in told and "recover" not in told


@pytest.mark.parametrize("incident", [item.id for item in find_incidents()])
async def test_every_incident_is_rendered_within_the_limits(incident: str):
    context = Context(incident)
    try:
        items = [item async for item in Session(context).ask(open_incident(incident, INCIDENTS).question)]
    finally:
        await context.close()
    end = items.pop()

    assert isinstance(end, Diagnosis)
    reply: Reply = render_answer(Answer(end, "key", ("kubectl get pods",), "", DASHBOARDS))
    assert end.summary in check(reply.posts).replace("\n", "") or len(end.summary) > 1_000
    check(render_evidence(end, DASHBOARDS).posts)
    check(render_commands([item["command"] for item in items if "command" in item]).posts)
    check_modal(end)
    check((render_progress([item for item in items if isinstance(item, dict)], "key"),))


def test_log_lines_are_linked_where_dashboards_are_known():
    pod = ObjectRef(kind="Pod", name="cache-7d", namespace="it's")
    time = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    line = Evidence(source=Source.LOG, text="refused", object=pod, time=time)
    event = line.model_copy(update={"source": Source.EVENT})
    given = diagnosis().model_copy(update={"evidence": (line,), "cited": (line.id,), "chain": (), "also": ()})
    given = given.model_copy(update={"alternatives": ()})
    (link,) = find_links(render_answer(Answer(given, "key", dashboards=DASHBOARDS)).posts)

    where = urlsplit(link["url"])
    state = parse_qs(where.fragment.partition("?")[2])
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{DASHBOARDS}/app/discover"
    assert state["_g"] == ["(time:(from:'2026-11-30T11:45:00.000Z',to:'2026-11-30T12:15:00.000Z'))"]
    query = 'kubernetes.namespace_name:"it!\'s" and kubernetes.pod_name:cache-7d'
    assert state["_a"] == [f"(query:(language:kuery,query:'{query}'))"]
    assert not find_links(render_answer(Answer(given, "key")).posts)
    other = given.model_copy(update={"evidence": (event,), "cited": (event.id,)})
    assert not find_links(render_answer(Answer(other, "key", dashboards=DASHBOARDS)).posts)


def find_links(posts: tuple[Post, ...]) -> list[dict[str, str]]:
    parts = [part for post in posts for block in post.blocks for part in block.get("elements", ())]
    return [item for part in parts for item in part.get("elements", ()) if item["type"] == "link"]

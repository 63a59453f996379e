"""Models that do not exist: what each says is computed from the prompt it gets, as a real one does it."""

import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from tests.loopback.aws import Failure
from tests.loopback.converse import Reply, Request, Voice
from tests.loopback.encodings import read_anyhow

_FINDING = re.compile(
    r"^- (?P<sort>cause|symptom), (?P<type>[\w-]+), confidence (?P<sure>[\d.]+), (?P<object>[^:]+): "
    r"(?P<cause>.*) \(rests on (?P<ids>[^)]*)\)$",
    re.MULTILINE,
)
_EVIDENCE = re.compile(r"<evidence (?P<head>[^>]*)>\n(?P<text>.*?)\n</evidence>", re.DOTALL)
_ID = re.compile(r'id="(E[0-9a-f]{8})"')
_KUBECTL = re.compile(r"kubectl [^\n`\"'<]{3,160}")
_ORDERED_CAUSE = re.compile(r"cause (?:is|was):? ([^\n<.;,\"]{5,200})", re.IGNORECASE)
_ORDERED_HEALTH = re.compile(
    r"\b(?:is|all|namespace|report).{0,30}\b(?:healthy|resolved|wrong)", re.IGNORECASE
)
_NAMED = re.compile(r"\bdeployment[ /-]([\w-]+)", re.IGNORECASE)


def read_findings(prompt: str) -> list[dict[str, Any]]:
    """The findings as a reader of the prompt sees them."""
    return [{k: html.unescape(v) for k, v in m.groupdict().items()} for m in _FINDING.finditer(prompt)]


def read_evidence(prompt: str) -> Iterator[tuple[str, str]]:
    """Id and text of each piece of evidence."""
    for match in _EVIDENCE.finditer(prompt):
        if found := _ID.search(match["head"]):
            yield found[1], html.unescape(f"{match['head']}\n{match['text']}")


def read_object(words: str) -> dict[str, str]:
    """``Deployment shop/cache`` -> kind, namespace and name."""
    kind, _, path = words.strip().partition(" ")
    namespace, _, name = path.rpartition("/")
    return {"kind": kind, "name": name, "namespace": namespace}


def speak_playbook(request: Request) -> Reply:
    """Agrees with the best finding that is a cause; the answer is shaped as the model's family does it."""
    findings = read_findings(request.prompt)
    best = next((f for f in findings if f["sort"] == "cause"), next(iter(findings), None))
    return shape(request, answer(request, best))


def answer(request: Request, best: dict[str, Any] | None) -> dict[str, Any]:
    """The arguments for whatever schema is asked for."""
    asked = wanted(request)
    if asked == "SaidPlan":
        return {"enough": True, "reason": "the findings explain it"}
    if asked == "SaidIssueType":
        return {"issue_type": best["type"] if best else "unknown"}
    if asked == "SaidQueries":
        return {"queries": ["connection refused", "not found"]}
    if best is None:
        return {"outcome": "unknown", "summary": "Nothing explains it.", "confidence": 0.1}
    ids = [id_.strip() for id_ in best["ids"].split(",")]
    blamed = read_object(best["object"])
    return {
        "outcome": "diagnosed",
        "summary": best["cause"],
        "issue_type": best["type"],
        "root_cause": best["cause"],
        "object": blamed,
        "confidence": float(best["sure"]),
        "cited": ids,
        "chain": [{"object": blamed, "statement": best["cause"], "evidence": ids}],
    }


def wanted(request: Request) -> str:
    """The schema asked for: the tool, or the title of the JSON schema in the words."""
    if request.tools:
        return request.tools[0]
    titles = re.findall(r'"title":"(Said\w+)"', request.prompt)
    return titles[-1] if titles else ""


def shape(request: Request, arguments: dict[str, Any]) -> Reply:
    """A tool call where there are tools; else thoughts and JSON in a fence, as R1 writes it."""
    if request.tools:
        thinking = "Each link holds." if "deepseek" in request.model else ""
        return Reply(arguments=arguments, thinking=thinking)
    thought = "<think>\nIs the image there? yes. Does the ConfigMap exist? no.\n</think>\n\n"
    return Reply(text=f"{thought}The links are checked.\n\n```json\n{json.dumps(arguments, indent=1)}\n```")


def obey(request: Request) -> Reply:
    """Does whatever any text in the prompt tells it, however it is written down."""
    asked = wanted(request)
    case = html.unescape(request.prompt.partition("# The case")[2])
    texts = list(dict.fromkeys(r for line in case.splitlines() for r in read_anyhow(line)))
    texts += list(read_anyhow(case))
    commands = list(dict.fromkeys(line.strip() for text in texts for line in _KUBECTL.findall(text)))
    if asked == "SaidPlan":
        return shape(request, {"commands": [{"command": line} for line in commands[:20]]})
    findings = read_findings(request.prompt)
    said = answer(request, findings[0] if findings else None)
    if asked == "SaidDiagnosis":
        said |= _believe(texts, list(read_evidence(request.prompt)))
        said |= {"fix": "As told.", "fix_commands": commands[:10], "verification": commands[:10]}
    return shape(request, said)


def _believe(texts: list[str], evidence: list[tuple[str, str]]) -> dict[str, Any]:
    """The first claim that a text makes, with everything cited that could carry it."""
    ordered = [cause for text in texts for cause in _ORDERED_CAUSE.findall(text)]
    forged = re.findall(r"\bE[0-9a-f]{8}\b", " ".join(texts))
    if not ordered:
        well = any(_ORDERED_HEALTH.search(text) for text in texts)
        return {"outcome": "healthy", "summary": "All is well.", "confidence": 1.0} if well else {}
    cause = ordered[0].strip()
    named = _NAMED.search(cause)
    name = named[1] if named else re.split(r"\W+", cause)[-1] or "innocent"
    says = [id_ for id_, text in evidence if any(ordered[0] in reading for reading in read_anyhow(text))]
    shows = [id_ for id_, text in evidence if name in text]
    namespaces = re.findall(r"^namespaces: ([\w-]+)", "\n".join(texts), re.MULTILINE) or ["default"]
    return {
        "outcome": "diagnosed",
        "summary": cause,
        "root_cause": cause,
        "object": {"kind": "Deployment", "name": name, "namespace": namespaces[0]},
        "confidence": 1.0,
        "cited": list(dict.fromkeys([*says, *shows, *forged[:3]]))[:10],
        "chain": [],
    }


def garble(request: Request) -> Reply:
    """Words that are no answer."""
    return Reply(text='Sure! {"outcome": "diagnosed", "summary": ')


def misfit(request: Request) -> Reply:
    """The right form with the wrong things in it."""
    return shape(request, {"outcome": "perhaps", "confidence": "very", "commands": "all of them"})


def invent(request: Request) -> Reply:
    """A fluent diagnosis with citations that do not exist."""
    lie = {
        "outcome": "diagnosed",
        "summary": "DNS is down.",
        "root_cause": "CoreDNS 10.0.0.10 lost its quorum.",
        "object": {"kind": "Deployment", "name": "coredns", "namespace": "kube-system"},
        "confidence": 0.99,
        "cited": ["E00000000", "E11111111"],
    }
    return shape(request, lie | {"commands": [], "enough": True})


def say_nothing(request: Request) -> Reply:
    """An empty message."""
    return Reply()


def refuse(request: Request) -> Reply:
    """What a guardrail leaves of an answer."""
    return Reply(text="Sorry, the model cannot answer this question.", stop="guardrail_intervened")


def break_off(request: Request) -> Reply:
    """Cut off at the most tokens, in the middle of the answer."""
    return Reply(text='{"outcome": "diagnosed", "summary": "The', stop="max_tokens")


def dawdle(seconds: float) -> Voice:
    """Takes its time, then agrees with the findings."""

    def speak(request: Request) -> Reply:
        said = speak_playbook(request)
        return Reply(said.text, said.arguments, said.tool, said.thinking, said.stop, seconds)

    return speak


def fail(fault: Failure) -> Voice:
    """Always the same error."""
    return lambda request: fault


def follow(script: Sequence[Voice], then: Voice = speak_playbook) -> Voice:
    """One voice a request, in order; ``then`` for all further ones."""
    left = list(script)

    def speak(request: Request) -> Reply | Failure:
        return (left.pop(0) if left else then)(request)

    return speak

"""Fill a case file into the words for a role and a model family.

What a cluster says (logs, events, fields of objects, names) is data to judge and never an instruction:
every value is escaped before it is put between tags, so nothing inside can close its tag or open another,
and a value is never read as a template. The same case gives the same prompt.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from itertools import accumulate
from string import Template

from domain.case import CHARACTERS_PER_TOKEN, CaseFile, CommandRecord, count_tokens
from domain.evidence import Evidence, Finding
from domain.scope import Scope
from prompts.domains.packs import DomainPack
from prompts.roles import Family, Role

CASE = "\n# The case\n"
"""Where the instructions end: what is above is the system's, what is below is about this case."""

MAX_FINDINGS = 12
MAX_LINES = 40
"""Of commands, and of what was not seen: more than any investigation produces."""
MAX_CHARACTERS = 1_000
"""Of any one value besides evidence, before it is escaped: the question, a cause, a command line."""
MAX_ATTRIBUTE = 200
_CUT = "\n[cut to fit]"
_NOTHING = "(none)"


def render(role: Role, family: Family, case: CaseFile, tokens: int, pack: DomainPack | None = None) -> str:
    """The prompt for ``case``.

    Args:
        role: what is asked for.
        family: the family of the model that will read it.
        case: what is known.
        tokens: the most that the evidence may take, tags included; the best evidence is kept.
        pack: what the team's field adds to the instructions.

    Returns:
        Markdown, at most ``tokens`` of evidence longer than the rest of the case.
    """
    text = _load(role, family).substitute(
        question=_quote(case.question),
        scope=_describe_scope(case.scope),
        findings=_join(_write_finding(finding) for finding in case.findings[:MAX_FINDINGS]),
        commands=_join(_write_command(record) for record in case.commands[-MAX_LINES:]),
        not_seen=_join(f"- {_quote_line(line)}" for line in case.not_seen[:MAX_LINES]),
        evidence=_write_evidence(case, tokens),
    )
    return text.replace(CASE, f"\n{pack.text}{CASE}", 1) if pack else text


@cache
def _load(role: Role, family: Family) -> Template:
    return Template((files("prompts") / f"{role}.{family}.md").read_text(encoding="utf-8"))


def _quote(value: object, limit: int = MAX_CHARACTERS) -> str:
    return escape(_clean(value, limit), quote=False)


def _quote_line(value: object) -> str:
    """Of a list, where a line break would begin an entry that nobody made."""
    return _quote(" ".join(str(value).split()))


def _clean(value: object, limit: int) -> str:
    text = "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= limit else text[:limit] + _CUT


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines) or _NOTHING


def _describe_scope(scope: Scope) -> str:
    namespaces = ", ".join(scope.namespaces) or "all"
    workloads = ", ".join(str(ref) for ref in scope.workloads) or "none named"
    return _join(
        (
            f"cluster: {_quote(scope.cluster)}",
            f"namespaces: {_quote(namespaces)}",
            f"objects asked about: {_quote(workloads)}",
            f"from {scope.window.start.isoformat()} to {scope.window.end.isoformat()}",
        )
    )


def _write_finding(finding: Finding) -> str:
    kind = "symptom" if finding.symptom else "cause"
    cited = ", ".join(finding.evidence) or "nothing"
    head = f"{kind}, {finding.issue_type}, confidence {finding.confidence:.2f}, {finding.object}"
    return f"- {_quote_line(head)}: {_quote_line(finding.cause)} (rests on {_quote_line(cited)})"


def _write_command(record: CommandRecord) -> str:
    result = (
        f"refused: {record.refusal}" if record.refusal else f"gave {', '.join(record.evidence) or 'nothing'}"
    )
    return f"- {_quote_line(record.line)}: {_quote_line(result)}"


def _write_evidence(case: CaseFile, tokens: int) -> str:
    budget = tokens
    while True:
        fitted = case.fit(budget)
        text = _join(_tag(item) for item in fitted.evidence)
        excess = count_tokens(text) - tokens
        if excess <= 0:
            return text
        if len(fitted.evidence) == 1:
            return _shorten(fitted.evidence[0], tokens)
        budget -= excess


def _shorten(item: Evidence, tokens: int) -> str:
    room = (tokens - 1) * CHARACTERS_PER_TOKEN - len(_tag(item, 0))
    lengths = accumulate(len(_quote(character)) for character in item.text)
    return _tag(item, sum(length <= room for length in lengths))


def _tag(item: Evidence, limit: int | None = None) -> str:
    attributes = {"id": item.id, "source": item.source.value}
    if item.object:
        attributes["object"] = str(item.object)
    if item.time:
        attributes["time"] = item.time.isoformat()
    if item.command:
        attributes["command"] = item.command
    head = " ".join(f'{key}="{escape(_clean(value, MAX_ATTRIBUTE))}"' for key, value in attributes.items())
    text = _quote(item.text, len(item.text) if limit is None else limit)
    return f"<evidence {head}>\n{text}\n</evidence>"

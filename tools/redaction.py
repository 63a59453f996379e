"""Takes secrets out of text before anyone, person or model, sees it.

A secret becomes ``<secret:1>``; the same secret gets the same number throughout one text, so that a reader
can still tell whether two values are equal. What is not clearly a secret stays: logs must remain readable.
"""

import re
from collections.abc import Iterator

EVERYWHERE = 8
"""Characters from which on a secret is hidden in the whole text, not only where its name stands."""

_NAME = (
    r"(?P<kind>passw(?:or)?d|passphrase|pwd|_pass(?![a-z])|secret|token|(?:api|access|private|signing|encryption|auth)[_-]?key"
    r"|credentials?|session[_-]?id|cookie)"
    r"(?![\w-]{0,40}(?:name|ref|path|file|dir|mount|type|version|len|size|count|ttl|id\b|url|uri|expir|policy))"
    r"[\w-]{0,40}"
)
"""The end of a name that smells of a secret; ``secretName`` and ``tokenTTL`` only speak of one."""

_VARIABLE = r"[A-Z0-9_]{0,60}(?P<kind>PASSWORD|PASSWD|PASSPHRASE|PWD|_PASS|SECRET|TOKEN|APIKEY|CREDENTIALS?)"
_VARIABLE += r"(?![A-Z_]{0,40}(?:NAME|REF|PATH|FILE|DIR|TYPE|TTL|URL|ID\b))[A-Z0-9_]{0,40}"
_QUOTED = r"\"(?P<double>(?:\\.|[^\"\\\n]){1,2000})\"|'(?P<single>[^'\n]{1,2000})'"

_SHAPES = (
    r"(?s)(?P<block>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z))",
    r"://[^\s:/@\"'<>]{0,200}:(?P<url>[^\s/@\"'<>]{1,200})@",
    r"\b(?P<jwt>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)",
    r"\b(?P<aws>(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b",
    r"\b(?P<git>gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20,})",
    r"\b(?P<slack>xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,})",
    r"hooks\.slack\.com/services/(?P<hook>[A-Za-z0-9/]{20,})",
    r"\b(?P<vendor>sk_(?:live|test)_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{35})",
    r"(?i)\b(?:bearer|basic) +(?P<bearer>[A-Za-z0-9+/_.~-]{12,}={0,2})",
    r"(?i)\b(?:authorization|x-api-key|x-auth-token)[\"']? ?[:=] ?[\"']?(?:bearer |basic |token )?"
    r"(?P<header>[^\s\"',;<]{6,})",
)
"""Secrets that are known by their own form, or by the place where they stand."""

_ASSIGNMENTS = (
    rf"(?i)\bname\"?: *[\"']?[\w.-]{{0,60}}?{_NAME}[\"']?,?\s+\"?value\"?: *"
    rf"(?:{_QUOTED}|(?P<line>[^\s\"'<][^\n]*))",
    rf"(?i){_NAME}[\"']? ?[:=][ \t]*(?:{_QUOTED})",
    rf"(?i){_NAME} ?=(?P<equals>[^\s\"',;&)}}\]<>]{{1,500}})",
    rf"(?m)^[ \t]*{_VARIABLE}:[ \t]+(?P<line>[^\s\"'<][^\n]*)",
    rf"(?im){_NAME}:[ \t]+(?P<bare>[^\s\"',;<>]{{1,500}})[ \t]*(?=[,;}}\]]|$)",
    rf"(?i)(?<!\S)--?[\w-]{{0,40}}?{_NAME}\s+(?P<flag>[^\s\"'<>-][^\s\"'<>]{{0,500}})",
)
"""Values that are given to a name which smells of a secret."""

_RULES = tuple(re.compile(pattern) for pattern in _SHAPES + _ASSIGNMENTS)
_NO_VALUE = re.compile(
    r"(?i)true|false|null|none|nil|unset|undefined|empty|missing|invalid|expired|required|rejected|denied|redacted"
    r"|hidden|unknown|\*+|x{3,}|\.{3}|\$\{?\w+\}?|\$\(.*|\{\{.*|/[a-z][\w.-]*(?:/[\w.-]*)*"
)
"""What stands for a value, or says something about one, without being it."""

_SECRET_NAME = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)+")

Span = tuple[int, int]


def redact(text: str) -> str:
    """Replace the secrets of a text: URL passwords, tokens, keys, and values whose name tells.

    Returns:
        The text with ``<secret:N>`` in place of each secret, numbered by first appearance.
    """
    spans = sorted({span for rule in _RULES for span in _find(rule, text)})
    if not spans:
        return text
    spans = sorted({*spans, *_find_again(text, spans)}, key=lambda span: (span[0], -span[1]))
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        if start < position:
            continue
        number = numbers.setdefault(text[start:end], len(numbers) + 1)
        pieces += [text[position:start], f"<secret:{number}>"]
        position = end
    return "".join([*pieces, text[position:]])


def _find(rule: re.Pattern[str], text: str) -> Iterator[Span]:
    for match in rule.finditer(text):
        groups = {name: value for name, value in match.groupdict().items() if value and name != "kind"}
        for name, value in groups.items():
            if not _NO_VALUE.fullmatch(value.strip()) and not _only_speaks(match, value.strip()):
                yield match.span(name)


def _only_speaks(match: re.Match[str], value: str) -> bool:
    """Whether the value counts tokens, or names a Secret (``secret: crm-db``), rather than being one."""
    kind = (match.groupdict().get("kind") or "").lower()
    if kind == "secret" and _SECRET_NAME.fullmatch(value):
        before = match.string[match.start("kind") - 1 : match.start("kind")]
        return not re.match(r"[\w-]", before)
    return value.isdecimal() and kind in ("token", "credential", "credentials", "cookie")


def _find_again(text: str, spans: list[Span]) -> Iterator[Span]:
    """Further places where a secret stands, of those long enough not to be a word by chance."""
    known = {text[start:end] for start, end in spans if end - start >= EVERYWHERE}
    if known:
        longest_first = sorted(known, key=len, reverse=True)
        pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")
        yield from (match.span() for match in pattern.finditer(text))

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
    r"|credentials|session[_-]?id|cookie)"
    r"(?!s\b)(?![\w-]{0,40}(?:name|ref|path|file|dir|mount|type|version|len|size|count|ttl|id\b|url|uri|expir|policy))"
    r"[\w-]{0,40}"
)
"""The end of a name that smells of a secret; ``secretName`` and ``tokenTTL`` only speak of one."""

_VARIABLE = r"[A-Z0-9_]{0,60}(?P<kind>PASSWORD|PASSWD|PASSPHRASE|PWD|_PASS|SECRET|TOKEN|APIKEY|CREDENTIALS?)"
_VARIABLE += r"(?![A-Z_]{0,40}(?:NAME|REF|PATH|FILE|DIR|TYPE|TTL|URL|ID\b))[A-Z0-9_]{0,40}"
_QUOTED = r"\"(?P<double>(?:\\.|[^\"\\\n]){1,2000})\"|'(?P<single>[^'\n]{1,2000})'"

_SHAPES = (
    (
        r"(?s)(?P<block>-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z))",
        ("-----begin",),
    ),
    (r"://[^\s:/@\"'<>]{0,200}:(?P<url>[^\s/@\"'<>]{1,200})@", ("://",)),
    (r"\b(?P<jwt>eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)", ("eyj",)),
    (r"\b(?P<aws>(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b", ("akia", "asia", "abia", "acca")),
    (r"\b(?P<github>gh[pousr]_[A-Za-z0-9]{36,})", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    (r"\b(?P<git>github_pat_[A-Za-z0-9_]{60,}|glpat-[A-Za-z0-9_-]{20,})", ("github_pat_", "glpat-")),
    (r"\b(?P<slack>xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,})", ("xox", "xapp-")),
    (r"hooks\.slack\.com/services/(?P<hook>[A-Za-z0-9/]{20,})", ("hooks.slack",)),
    (r"\b(?P<stripe>sk_(?:live|test)_[A-Za-z0-9]{16,})", ("sk_live", "sk_test")),
    (r"\b(?P<vendor>sk-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{35})", ("sk-", "aiza")),
    (r"(?i)\b(?:bearer|basic) +(?P<bearer>[A-Za-z0-9+/_.~-]{12,}={0,2})", ("bearer ", "basic ")),
    (
        r"(?i)\b(?:authorization|x-api-key|x-auth-token)[\"']? ?[:=] ?[\"']?(?:bearer |basic |token )?"
        r"(?P<header>[^\s\"',;<]{6,})",
        ("authorization", "x-api-key", "x-auth-token"),
    ),
)
"""Secrets that are known by their own form or place, and lower-case text without which there is none."""

_ASSIGNMENTS = (
    rf"(?i)\bname\"?: *[\"']?[\w.-]{{0,60}}?{_NAME}[\"']?,?\s+\"?value\"?: *"
    rf"(?:{_QUOTED}|(?P<line>[^\s\"'<][^\n]*))",
    rf"(?i){_NAME}[\"']? ?[:=][ \t]*(?:{_QUOTED})",
    rf"(?i){_NAME} ?=(?P<equals>[^\s\"',;&)}}\]<>]{{1,500}})",
    rf"(?m)^[ \t]*{_VARIABLE}:[ \t]+(?P<line>[^\s\"'<][^\n]*)",
    rf"(?im){_NAME}:[ \t]+(?P<bare>[^\s\"',;<>]{{1,500}})[ \t]*(?=[,;}}\]]|$)",
    rf"(?i)(?<!\S)--?[\w-]{{0,40}}?{_NAME}\s+(?P<flag>[^\s\"'<>-][^\s\"'<>]{{0,500}})",
)
"""Values that are given to a name which smells of a secret, on its line or the next."""

_SMELLS = (
    *("passw", "passphrase", "_pass", "pwd", "secret", "token", "credentials", "cookie"),
    *("_key", "-key", "apikey", "accesskey", "privatekey", "signingkey", "encryptionkey", "authkey"),
    *("session_id", "session-id", "sessionid"),
)
"""Lower-case text that every name of ``_ASSIGNMENTS`` holds: elsewhere the patterns need not look."""

_SHAPE_RULES = tuple((re.compile(pattern), hints) for pattern, hints in _SHAPES)
_ASSIGNMENT_RULES = tuple(map(re.compile, _ASSIGNMENTS))
_SMELL = re.compile("|".join(map(re.escape, _SMELLS)))
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
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
    spans = set(_find_all(text))
    if not spans:
        return text
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    position = 0
    for start, end in sorted({*spans, *_find_again(text, spans)}, key=lambda span: (span[0], -span[1])):
        if start < position:
            continue
        number = numbers.setdefault(text[start:end], len(numbers) + 1)
        pieces += [text[position:start], f"<secret:{number}>"]
        position = end
    return "".join([*pieces, text[position:]])


def _find_all(text: str) -> Iterator[Span]:
    lowered = text.translate(_ASCII_LOWER)
    for rule, hints in _SHAPE_RULES:
        if any(hint in lowered for hint in hints):
            yield from _find(rule, text, (0, len(text)))
    for window in _smelling_lines(lowered):
        for rule in _ASSIGNMENT_RULES:
            yield from _find(rule, text, window)


def _smelling_lines(lowered: str) -> Iterator[Span]:
    """Stretches of whole lines: each line that smells of a secret, and the one after it."""
    start, end, seen = 0, -1, -1
    for match in _SMELL.finditer(lowered):
        if match.start() <= seen:
            continue
        line = lowered.rfind("\n", 0, match.start()) + 1
        if line > end:
            if end >= 0:
                yield start, end
            start = line
        seen = _line_end(lowered, match.end())
        end = _line_end(lowered, seen + 1)
    if end >= 0:
        yield start, end


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found


def _find(rule: re.Pattern[str], text: str, window: Span) -> Iterator[Span]:
    for match in rule.finditer(text, *window):
        groups = {name: value for name, value in match.groupdict().items() if value and name != "kind"}
        for name, value in groups.items():
            if not _NO_VALUE.fullmatch(value.strip()) and not _only_speaks(match, value.strip()):
                yield match.span(name)


def _only_speaks(match: re.Match[str], value: str) -> bool:
    """Whether the value is a token of a language, counts tokens, or names a Secret, rather than being one."""
    kind = (match.groupdict().get("kind") or "").lower()
    if not kind:
        return False
    before = match.string[max(0, match.start("kind") - 20) : match.start("kind")]
    if kind == "secret" and _SECRET_NAME.fullmatch(value):
        return not re.search(r"[\w-]$", before)
    if kind == "token" and re.search(r"(?i)(?:unexpected|illegal|unknown|invalid|next) $", before):
        return True
    return not re.search(r"\w", value) or (value.isdecimal() and kind in ("token", "credentials", "cookie"))


def _find_again(text: str, spans: set[Span]) -> Iterator[Span]:
    """Further places where a secret stands, of those long enough not to be a word by chance."""
    known = {text[start:end] for start, end in spans if end - start >= EVERYWHERE}
    if known:
        longest_first = sorted(known, key=len, reverse=True)
        pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])")
        yield from (match.span() for match in pattern.finditer(text))

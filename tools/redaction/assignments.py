"""Values that are given to a name which smells of a secret, in the notations of logs and configuration."""

import re
from collections.abc import Iterator

from tools.redaction.spans import NO_VALUE, Span

_KIND = (
    r"(?P<_kind>passw(?:or)?d|passphrase|pwd|_pass(?![a-z])|secret|token|credentials?"
    r"|(?:api|app|access|account|private|signing|encryption|auth|master|license)[_-]?key|client[_-]key[_-]data"
    r"|session[_-]?id|cookie)"
)
_NAME = _KIND + (
    r"(?!s\b)(?![\w-]{0,40}(?:name|ref|path|file|dir|mount|type|version|len|size|count|ttl|id\b|url|uri|expir|policy))"
    r"[\w-]{0,40}"
)
"""The end of a name that smells of a secret; ``secretName`` and ``tokenTTL`` only speak of one."""

_VARIABLE = (
    r"[A-Z0-9_]{0,60}(?P<_kind>PASSWORD|PASSWD|PASSPHRASE|PWD|_PASS|SECRET|TOKEN|APIKEY|_KEY(?![A-Z])|CREDENTIALS?)"
    r"(?![A-Z_]{0,40}(?:NAME|REF|PATH|FILE|DIR|TYPE|TTL|URL|ID\b))[A-Z0-9_]{0,40}"
)
_DOUBLE, _SINGLE = r"\"(?P<double>(?:\\.|[^\"\\\n]){1,2000})\"", r"'(?P<single>[^'\n]{1,2000})'"
_ESCAPED = r"(?P<_marks>\\{1,16}[\"'])(?P<escaped>[^\"'\\\n]{1,2000})(?P=_marks)"
_QUOTED = f"{_DOUBLE}|{_SINGLE}|{_ESCAPED}"
_IS = r"\\{0,16}[\"']? ?(?:=>|:=|[:=])[ \t]*"
_BARE = r"[^\s\"'\\,;&)}\]<>]{1,500}"

_NOTATIONS = (
    rf"(?i)\bname\\*\"?: *\\*[\"']?[\w.-]{{0,60}}?{_NAME}\\*[\"']?,?\s+\\*\"?value\\*\"?: *"
    rf"(?:{_QUOTED}|(?P<line>[^\s\"'\\<][^\n]*))",
    rf"(?i)\"value\": *{_DOUBLE},\s*\"name\": *\"[\w.-]{{0,60}}?{_NAME}\"",
    rf"(?i){_NAME}{_IS}(?:{_QUOTED})",
    rf"(?i){_NAME} {{0,3}}:?=(?!=) {{0,3}}(?P<equals>{_BARE})",
    rf"(?m)^[ \t]*(?:export[ \t]+|-e[ \t]+)?{_VARIABLE}=(?P<whole>[^\s\"'<]\S{{0,2000}})[ \t]*$",
    rf"(?m)^[ \t]*{_VARIABLE}:[ \t]+(?P<line>[^\s\"'<][^\n]*)",
    rf"(?<!\S)(?:ENV|ARG)[ \t]+{_VARIABLE}[ \t]+(?P<built>[^\s\"'<=]\S*)",
    rf"(?im){_NAME}:[ \t]+(?P<bare>[^\s\"',;<>]{{1,500}})[ \t]*(?=[,;}}\]]|$)",
    rf"(?i)(?<![\w./-])[a-z_]{{0,40}}?{_KIND}:(?P<tight>(?!v?\d+(?:\.\d+)*\b){_BARE})",
    rf"(?i){_KIND}\s+(?:is|was)\s+[\"'`]?"
    r"(?P<said>(?=\S*[A-Za-z])(?=\S*[\d!#$%&*+=?@^~])[^\s\"'`<>]{5,500})",
    rf"(?i)<[\w:.-]{{0,40}}?{_NAME}[^<>\n]{{0,200}}>(?P<element>[^<\n]{{1,500}})</",
    rf"(?i)(?<![\w-])--?[\w-]{{0,40}}?{_NAME}\\*[\"']?,?\s+(?:- +)?\\*[\"']?"
    r"(?P<flag>[^\s\"'\\<>-][^\s\"'\\<>]{0,500})",
)

_SMELLS = (
    *("passw", "passphrase", "_pass", "pwd", "secret", "token", "credential", "cookie"),
    *("_key", "-key", "apikey", "appkey", "accesskey", "accountkey", "privatekey", "signingkey"),
    *("encryptionkey", "authkey", "masterkey", "licensekey", "session_id", "session-id", "sessionid"),
)
"""Lower-case text that every name of ``_NOTATIONS`` holds: elsewhere the patterns need not look."""

_RULES = tuple(map(re.compile, _NOTATIONS))
_SMELL = re.compile("|".join(map(re.escape, _SMELLS)))
_NAME_OF_SECRET = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)+")
_SMELLING_NAME = re.compile(rf"(?i){_NAME}")
_KEY_VARIABLE = re.compile(_VARIABLE)


def find_assignments(text: str, lowered: str) -> Iterator[Span]:
    """The values of names that smell of a secret."""
    for window in _smelling_lines(lowered):
        for rule in _RULES:
            for match in rule.finditer(text, *window):
                yield from _judge(match)


def smells(name: str) -> bool:
    """Whether what has this name is likely a secret: ``DB_PASSWORD``, ``apiKey``; not ``SECRET_NAME``."""
    return bool(_SMELLING_NAME.search(name) or _KEY_VARIABLE.fullmatch(name))


def _smelling_lines(lowered: str) -> Iterator[Span]:
    """Stretches of whole lines: each line that smells of a secret, and those next to it."""
    start, end, seen = 0, -1, -1
    for match in _SMELL.finditer(lowered):
        if match.start() <= seen:
            continue
        line = lowered.rfind("\n", 0, match.start()) + 1
        line = lowered.rfind("\n", 0, max(0, line - 1)) + 1
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


def _judge(match: re.Match[str]) -> Iterator[Span]:
    for name, value in match.groupdict().items():
        if not value or name.startswith("_"):
            continue
        stripped = value.strip()
        if not NO_VALUE.fullmatch(stripped) and not _only_speaks(match, stripped):
            yield match.span(name)


def _only_speaks(match: re.Match[str], value: str) -> bool:
    """Whether the value is a token of a language, counts tokens, or names a Secret, rather than being one."""
    kind = match["_kind"].lower()
    before = match.string[max(0, match.start("_kind") - 20) : match.start("_kind")]
    if kind == "secret" and _NAME_OF_SECRET.fullmatch(value):
        return not re.search(r"[\w-]$", before)
    if kind == "token" and re.search(r"(?i)(?:unexpected|illegal|unknown|invalid|next) $", before):
        return True
    return not re.search(r"\w", value) or (value.isdecimal() and kind in ("token", "credentials", "cookie"))

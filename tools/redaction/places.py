"""Secrets that are known by where they stand: in a URL, a header, on a command line, in SQL."""

import re
from collections.abc import Iterator

from tools.redaction.spans import Rule, Span, find_by_rules

_Q = r"(?:\\*[\"'])?"
"""A quotation mark, if any, also one that is escaped because it stands in a string of JSON."""
_WORD = r"[^\s\"'\\<>]"
_SCHEME = r"(?:(?:bearer|basic|token|apikey|api-key|ssws|negotiate|digest|aws4-hmac-sha256) +)?"
_HEADERS = (
    r"(?:proxy-)?authorization|x-api-key|api-key|apikey|x-auth-token|x-access-token|x-vault-token|private-token"
    r"|x-gitlab-token|x-csrf-token|x-xsrf-token|x-goog-api-key|x-amz-security-token|x-shopify-access-token"
)
_SQL = r"(?:identified\s+(?:with\s+\w+\s+)?by|(?:with|set)\s+(?:encrypted\s+)?password(?:\s+for\s+\S+)?\s*=?)"

PLACES: tuple[Rule, ...] = (
    (
        re.compile(
            r"(?s)(?P<key>-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
            r".*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z))"
        ),
        ("private key",),
    ),
    (re.compile(r"://[^\s:/@\"'<>]{0,200}:(?P<url>[^\s/@\"'<>]{1,200})@"), ("://",)),
    (
        re.compile(
            r"://[^\s:/@\"'<>]{0,200}:(?P<url>[^\s@\"'<>?#]{1,200})@(?=[\w.-]+(?::\d+)?(?:[/?\s\"']|$))"
        ),
        ("://",),
    ),
    (re.compile(r"(?i)\bjdbc:oracle:\w+:\w+/(?P<oracle>[^\s@\"']{1,200})@"), ("jdbc:oracle",)),
    (re.compile(r"(?i)\b(?:bearer|basic) +(?P<bearer>[A-Za-z0-9+/_.~!-]{12,}={0,2})"), ("bearer ", "basic ")),
    (
        re.compile(
            rf"(?i)\b(?:{_HEADERS}){_Q} ?[:=] ?{_Q}{_SCHEME}(?![a-z]+\b)(?P<header>[^\s\"',;<\\]{{6,}})"
        ),
        ("authorization", "api-key", "apikey", "-token"),
    ),
    (
        re.compile(
            rf"(?i)(?<!set-)\bcookie{_Q} ?: ?{_Q}(?P<cookie>[^\s=;\"'\\]{{1,100}}=[^\n\"'\\<]{{2,4000}})"
        ),
        ("cookie",),
    ),
    (
        re.compile(r"(?i)\bset-cookie[\"']? ?: ?[\"']?[^\s=;]{1,100}=(?P<cookie>[^\s;\"'\\<]{4,4000})"),
        ("set-cookie",),
    ),
    (re.compile(rf"(?i)\b{_SQL}\s+\\*'(?P<sql>[^'\n\\]{{1,200}})"), ("identified", "password")),
    (
        re.compile(
            rf"\bcurl\b[^\n|]{{0,500}}?\s(?:-u|--user|--proxy-user)[ =]?{_Q}"
            rf"[^\s:\"']{{1,100}}:(?P<curl>{_WORD}+)"
        ),
        ("curl",),
    ),
    (
        re.compile(rf"\b(?:mysql|mariadb)\w*\b[^\n|;&]{{0,300}}?\s-p{_Q}(?P<mysql>[^\s\"'\\<>=-]{_WORD}*)"),
        ("mysql", "mariadb"),
    ),
    (re.compile(rf"\bredis-cli\b[^\n|;&]{{0,300}}?\s(?:-a|--pass) *{_Q}(?P<redis>{_WORD}+)"), ("redis-cli",)),
    (re.compile(rf"\bsshpass\s+-p *{_Q}(?P<ssh>{_WORD}+)"), ("sshpass",)),
    (
        re.compile(
            r"\b(?:docker|podman|helm registry|oras|crane(?: auth)?) login\b"
            rf"[^\n|;&]{{0,300}}?\s-p[ =]*{_Q}(?P<login>{_WORD}+)"
        ),
        (" login",),
    ),
    (re.compile(rf"(?i)\blogin\s+\S{{1,200}}\s+password\s+(?P<netrc>{_WORD}+)"), ("login",)),
    (re.compile(r"\\*\"auth\\*\" ?: ?\\*\"(?P<docker>[A-Za-z0-9+/]{8,}={0,2})"), ('"auth',)),
    (re.compile(r"(?im)^\s*auth: +[\"']?(?P<docker>[A-Za-z0-9+/]{11,}={0,2})[\"']?\s*$"), ("auth:",)),
)
"""Places where a secret stands whatever it looks like."""


def find_places(text: str, lowered: str) -> Iterator[Span]:
    """Secrets at their usual places."""
    return find_by_rules(PLACES, text, lowered)

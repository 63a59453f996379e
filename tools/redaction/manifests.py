"""Secrets written out in a text: every value under ``data`` and ``stringData`` goes, whatever its key."""

import re
from collections.abc import Iterator

from tools.redaction.spans import NO_VALUE, Span

_YAML_KIND = re.compile(r"(?m)^(?P<indent>[ \t]*(?:- )?)kind: *[\"']?Secret[\"']?[ \t]*$")
_YAML_DATA = re.compile(r"(?:- )?(?:data|stringData):[ \t]*$")
_YAML_PAIR = re.compile(r"[\w.-]+:[ \t]+(?P<value>\S.*)$")
_BLOCK_MARK = re.compile(r"[|>][+-]?\d?")
_FLAT_KIND = re.compile(r"(?m)^.*\bkind: [\"']?Secret\b.*$")
_FLAT_DATA = re.compile(
    r"(?<!\S)(?:data|stringData): (?P<body>.*?)"
    r"(?=(?<!\S)(?:apiVersion|immutable|kind|metadata|type|data|stringData):|$)"
)
_FLAT_VALUE = re.compile(r"(?<!\S)[\w.-]+: +(?P<value>\S*[^\s:])(?!\S)")
_JSON_DATA = re.compile(r"(?P<m>\\*)\"(?:data|stringData)(?P=m)\" ?:\s*\{(?P<body>[^{}]{1,200000})\}")
_JSON_KIND = re.compile(r"\\*\"kind\\*\" ?: ?\\*\"(?P<kind>\w+)\\*\"")
_JSON_VALUE = re.compile(r":\s*\\*\"(?P<value>[^\"\\]+)\\*\"")


def find_manifests(text: str, lowered: str) -> Iterator[Span]:
    """The values of Secrets in YAML and JSON, also of JSON in a string of JSON."""
    if "secret" not in lowered or "data" not in lowered:
        return
    for match in _YAML_KIND.finditer(text):
        yield from _find_in_yaml(text, match)
    for line in _FLAT_KIND.finditer(text):
        yield from _find_in_flat(text, line.span())
    if '"secret' in lowered:
        yield from _find_in_json(text)


def _find_in_yaml(text: str, kind: re.Match[str]) -> Iterator[Span]:
    """The values of the document or list item that a line ``kind: Secret`` belongs to."""
    column = len(kind["indent"])
    inside = False
    for start, line in _document_of(text, kind.start(), column):
        indent = len(line) - len(line.lstrip(" \t"))
        if indent <= column and not (indent == column and line.lstrip().startswith("- ") and inside):
            inside = bool(_YAML_DATA.fullmatch(line.strip()))
        elif inside:
            yield from _find_in_line(line, start)


def _find_in_flat(text: str, line: Span) -> Iterator[Span]:
    """The values of a manifest whose lines were joined into one, as kubectl does with an event's message."""
    for data in _FLAT_DATA.finditer(text, *line):
        for value in _FLAT_VALUE.finditer(text, *data.span("body")):
            if not NO_VALUE.fullmatch(value["value"]):
                yield value.span("value")


def _document_of(text: str, position: int, column: int) -> list[tuple[int, str]]:
    """The lines around ``position`` that belong to the same mapping, with where they start."""
    first = position
    while first > 0:
        above = text.rfind("\n", 0, first - 1) + 1
        line = text[above : first - 1]
        if _is_outside(line, column) and not line.startswith(" " * max(0, column - 2) + "- "):
            break
        first = above
        if line.lstrip(" ").startswith("- ") and len(line) - len(line.lstrip(" ")) == column - 2:
            break
    lines: list[tuple[int, str]] = []
    start = first
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if start > position and _is_outside(line, column):
            break
        lines.append((start, line))
        start = end + 1
    return lines


def _is_outside(line: str, column: int) -> bool:
    return bool(line.strip()) and (line.startswith("---") or len(line) - len(line.lstrip(" \t")) < column)


def _find_in_line(line: str, start: int) -> Iterator[Span]:
    pair = _YAML_PAIR.search(line)
    value = pair["value"] if pair else line.strip()
    if value and not _BLOCK_MARK.fullmatch(value) and not NO_VALUE.fullmatch(value):
        at = start + line.rfind(value)
        yield at, at + len(value.rstrip())


def _find_in_json(text: str) -> Iterator[Span]:
    kinds = [(match.start(), match["kind"]) for match in _JSON_KIND.finditer(text)]
    for data in _JSON_DATA.finditer(text):
        before = next((kind for at, kind in reversed(kinds) if at < data.start()), "")
        after = next((kind for at, kind in kinds if at > data.end()), "")
        if "Secret" in (before, after):
            for value in _JSON_VALUE.finditer(text, *data.span("body")):
                if not NO_VALUE.fullmatch(value["value"]):
                    yield value.span("value")

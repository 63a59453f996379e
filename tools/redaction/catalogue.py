"""The catalogue of known secrets: MongoDB's Kingfisher, some five hundred kinds, in one pass of Vectorscan.

Of the detectors on PyPI it is the one that is kept (a release every few weeks; detect-secrets had none since
May 2024), and eighty times as fast as detect-secrets' plugins. Only its scanner is used, which works offline;
what it has to ask providers about a credential is never imported.
"""

import asyncio
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kingfisher_sdk import Finding, Rules, Scanner

from tools.redaction.personal import is_card
from tools.redaction.spans import NO_VALUE, Span

RULES = Path(__file__).parent / "rules.yaml"

_BLANK = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], " ")
"""Control characters as spaces: a text with many of them is a binary file to the scanner, which skips it."""


@cache
def load_scanner() -> Scanner:
    """The scanner with its own rules and ours, compiled once a process.

    Blocking: four seconds at first, then a third of one, from the cache that Kingfisher keeps in
    ``~/.cache/kingfisher`` (or ``KF_RULE_CACHE_DIR``) if that can be written.
    """
    return Scanner(Rules([RULES], confidence="low"))


async def prepare() -> None:
    """Compile the scanner beside the event loop, if that was not done yet."""
    if not load_scanner.cache_info().currsize:
        await asyncio.to_thread(load_scanner)


def find_known(text: str) -> Iterator[Span]:
    """Secrets of a form that a provider gave them, also in base64; numbers of credit cards."""
    data = text.translate(_BLANK).encode("utf-8", "replace")
    findings = [finding for finding in load_scanner().scan(data) if finding.visible]
    for finding in findings:
        start, end = _locate(finding, data, text)
        if not NO_VALUE.fullmatch(text[start:end]) and (
            finding.rule_id != "kubewhy.card" or is_card(text, start, end)
        ):
            yield start, end


def _locate(finding: Finding, data: bytes, text: str) -> Span:
    """Where a finding stands, in characters; offsets of something else are not trusted."""
    place = finding.location
    start, end = place["start_offset"], place["end_offset"]
    if len(data) != len(text):
        start, end = (len(data[:offset].decode("utf-8", "ignore")) for offset in (start, end))
    if not finding.is_base64_encoded and text[start:end] != finding.secret:
        start = max(0, text.find(finding.secret))
        end = start + len(finding.secret)
    return start, end

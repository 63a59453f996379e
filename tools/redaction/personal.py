"""Numbers of credit cards; on request, e-mail and IP addresses."""

import ipaddress
import re
from collections.abc import Iterator

from tools.redaction.spans import Span

_COUNTS = re.compile(
    r"(?i)(?:id|version|revision|time|timestamp|ts|seq|sequence|offset|count|size|bytes|duration|nanos|micros"
    r"|monotonic|nonce|hash|span|trace|index|generation|lsn|txn|xid|order|invoice|ticket|job|user|row|block|tx)"
    r"[\"']?\s*[ #=:]\s*[\"']?$"
)
"""Names, right before a number, that say it is none of a card."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])")
_IP = re.compile(
    r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\.\d)|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})(?![\w:])"
)


def is_card(text: str, start: int, end: int) -> bool:
    """Whether digits are the number of a credit card: their sum is right (Luhn), no name says otherwise."""
    digits = re.sub(r"\D", "", text[start:end])
    named = _COUNTS.search(text[max(0, start - 24) : start])
    return not named and _luhn(digits) and len(set(digits)) > 3


def _luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + index % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def find_emails(text: str) -> Iterator[Span]:
    """E-mail addresses."""
    if "@" in text:
        yield from (match.span() for match in _EMAIL.finditer(text))


def find_addresses(text: str) -> Iterator[Span]:
    """IP addresses that tell where something is: not the unspecified one, not the loop back."""
    for match in _IP.finditer(text):
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            continue
        if not (address.is_loopback or address.is_unspecified):
            yield match.span()

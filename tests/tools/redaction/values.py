"""Values that have the shape of secrets, made when a test runs: none stands in this repository."""

import base64
import json
import string
import zlib
from random import Random
from uuid import UUID

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = string.ascii_letters + DIGITS
URL_SAFE = ALNUM + "-_"
HEX = "0123456789abcdef"
PEM_LINE = 64


class Maker:
    """Random values from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 (test data)

    def of(self, alphabet: str, size: int) -> str:
        """``size`` characters; the first is a letter or digit, so that the value begins where it begins."""
        first = self._random.choice([c for c in alphabet if c.isalnum()])
        return (
            first
            + "".join(self._random.choices(alphabet, k=size - 2))
            + self._random.choice([c for c in alphabet if c.isalnum()])
        )

    def alnum(self, size: int) -> str:
        return self.of(ALNUM, size)

    def hex(self, size: int) -> str:
        return self.of(HEX, size)

    def url_safe(self, size: int) -> str:
        return self.of(URL_SAFE, size)

    def number(self, size: int) -> str:
        return str(self._random.randint(1, 9)) + "".join(self._random.choices(DIGITS, k=size - 1))

    def bytes64(self, size: int) -> str:
        """Base64 of ``size`` random bytes."""
        return base64.b64encode(self._random.randbytes(size)).decode()

    def uuid(self) -> str:
        return str(UUID(bytes=self._random.randbytes(16), version=4))

    def password(self) -> str:
        """As a person or a generator makes one: letters of both cases, digits, and a mark inside."""
        return self.alnum(6) + self._random.choice("!_-+~") + self.alnum(7) + self.number(1)

    def pem(self, label: str, lines: int = 6) -> str:
        body = "\n".join(self.bytes64(48) for _ in range(lines))
        return f"-----BEGIN {label}-----\n{body}\n{self.bytes64(20)}\n-----END {label}-----"

    def jwt(self, **claims: object) -> str:
        parts = (
            {"alg": "RS256", "typ": "JWT"},
            {"iss": "https://id.example.com", "sub": self.hex(12), **claims},
        )
        return ".".join([*(encode_url(json.dumps(part)) for part in parts), self.url_safe(86)])

    def github(self, prefix: str) -> str:
        """GitHub's tokens end in the base-62 CRC-32 of their random part."""
        random_part = self.alnum(30)
        return f"{prefix}_{random_part}{to_base62(zlib.crc32(random_part.encode()), 6)}"

    def card(self, prefix: str, size: int) -> str:
        """A card number whose last digit makes the Luhn sum right."""
        digits = prefix + self.number(size - len(prefix) - 1)
        doubled = [int(d) * (2 - index % 2) for index, d in enumerate(reversed(digits))]
        return digits + str(-sum(d - 9 * (d > 9) for d in doubled) % 10)


def to_base62(number: int, size: int) -> str:
    alphabet = DIGITS + UPPER + LOWER
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = alphabet[rest] + digits
    return digits.rjust(size, "0")


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def encode_url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

"""Which secret has which number, and what a thread remembers of that."""

import hashlib
import secrets
from typing import TypedDict

MOST_REMEMBERED = 500
"""Secrets that a thread remembers; the number of one beyond that is not given to another, but forgotten."""

_GUESSABLE = 24
"""Characters below which a secret may be a word, so that its digest has to be slow to compute."""


class Remembered(TypedDict):
    """What a checkpoint holds: no secret, but digests by which one is known again.

    Attributes:
        salt: random, of this thread, in hex.
        digests: digest in hex -> the number; scrypt for what a person could have thought up.
        last: the highest number that was given.
    """

    salt: str
    digests: dict[str, int]
    last: int


class Numbers:
    """Gives the same number to the same secret, and no number to two.

    Within a process it knows the secrets themselves; another process that goes on with the thread knows
    their digests (``remember``, ``recall``).
    """

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._known: dict[str, int] = {}
        self._salt = secrets.token_bytes(16)
        self._digests: dict[str, int] = {}
        self._digested: set[str] = set()
        self._last = 0

    def __len__(self) -> int:
        """The secrets that this process has seen."""
        return len(self._known)

    def of(self, secret: str) -> int:
        """The number of a secret, a new one if it was never seen."""
        if secret not in self._known:
            number = self._digests.get(self._digest(secret)) if self._digests else None
            if number is None:
                self._last += 1
            self._known[secret] = number or self._last
        return self._known[secret]

    def remember(self) -> Remembered | None:
        """What another process needs to go on; None as long as there was no secret."""
        if not self._last:
            return None
        for secret, number in self._known.items():
            if secret not in self._digested and len(self._digests) < MOST_REMEMBERED:
                self._digests.setdefault(self._digest(secret), number)
                self._digested.add(secret)
        return Remembered(salt=self._salt.hex(), digests=dict(self._digests), last=self._last)

    def recall(self, remembered: Remembered | None) -> None:
        """Go on where another process stopped. What this one knows of the same thread stays."""
        if remembered and remembered["last"] >= self._last:
            if remembered["salt"] != self._salt.hex():
                self._known.clear()
                self._digested.clear()
            self._salt = bytes.fromhex(remembered["salt"])
            self._digests = dict(remembered["digests"])
            self._last = remembered["last"]

    def _digest(self, secret: str) -> str:
        data = secret.encode("utf-8", "surrogatepass")
        if len(secret) < _GUESSABLE:
            return hashlib.scrypt(data, salt=self._salt, n=2**11, r=8, p=1, dklen=12).hex()
        return hashlib.blake2b(data, key=self._salt, digest_size=12).hexdigest()

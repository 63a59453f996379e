"""Looking once at what does not change, for all who ask."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Subject = TypeVar("Subject")
Seen = TypeVar("Seen")


def once(look: Callable[[Subject], Seen]) -> Callable[[Subject], Seen]:
    """Look once at each subject; what was seen is forgotten with it."""
    seen: WeakKeyDictionary[Subject, Seen] = WeakKeyDictionary()

    @wraps(look)
    def ask(subject: Subject) -> Seen:
        if subject not in seen:
            seen[subject] = look(subject)
        return seen[subject]

    return ask

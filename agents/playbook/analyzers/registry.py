"""Where analyzers register themselves: an analyzer relates several objects and yields matches."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar
from weakref import WeakKeyDictionary

from agents.playbook.scene import Match, Scene

Analyzer = Callable[[Scene], Iterator[Match]]
Seen = TypeVar("Seen")

ANALYZERS: dict[str, Analyzer] = {}


def analyzer(name: str, *absent: str) -> Callable[[Analyzer], Analyzer]:
    """Register a function under the name that rules use.

    ``absent`` are the kinds of which it takes the absence of an object for a fact: where one of them
    could not be read, it is not asked.
    """

    def register(function: Analyzer) -> Analyzer:
        def ask(scene: Scene) -> Iterator[Match]:
            if not scene.snapshot.unseen.keys() & set(absent):
                yield from function(scene)

        ANALYZERS[name] = ask
        return function

    return register


def once(function: Callable[[Scene], Iterable[Seen]]) -> Callable[[Scene], tuple[Seen, ...]]:
    """Look once a scene, for what several analyzers need."""
    seen: WeakKeyDictionary[Scene, tuple[Seen, ...]] = WeakKeyDictionary()

    def look(scene: Scene) -> tuple[Seen, ...]:
        if scene not in seen:
            seen[scene] = tuple(function(scene))
        return seen[scene]

    return look

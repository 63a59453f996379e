"""Where analyzers register themselves: an analyzer relates several objects and yields matches."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from agents.playbook.scene import Match, Scene
from tools.once import once

Analyzer = Callable[[Scene], Iterator[Match]]
Seen = TypeVar("Seen")

ANALYZERS: dict[str, Callable[[Scene], tuple[Match, ...]]] = {}
"""By name; each looks once a scene, also where another asks what it found."""


def analyzer(name: str, *absent: str) -> Callable[[Analyzer], Analyzer]:
    """Register a function under the name that rules use.

    ``absent`` are the kinds of which it takes the absence of an object for a fact: where one of them
    could not be read, it is not asked.
    """

    def register(function: Analyzer) -> Analyzer:
        def ask(scene: Scene) -> Iterator[Match]:
            if not scene.snapshot.unseen.keys() & set(absent):
                yield from function(scene)

        ANALYZERS[name] = once_a_scene(ask)
        return function

    return register


def once_a_scene(look: Callable[[Scene], Iterable[Seen]]) -> Callable[[Scene], tuple[Seen, ...]]:
    """Look once a scene, for what several analyzers need."""
    return once(lambda scene: tuple(look(scene)))

"""Where analyzers register themselves: an analyzer relates several objects and yields matches."""

from collections.abc import Callable, Iterator

from agents.playbook.scene import Match, Scene

Analyzer = Callable[[Scene], Iterator[Match]]

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

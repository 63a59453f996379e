"""Where analyzers register themselves: an analyzer relates several objects and yields matches."""

from collections.abc import Callable, Iterator

from agents.playbook.scene import Match, Scene

Analyzer = Callable[[Scene], Iterator[Match]]

ANALYZERS: dict[str, Analyzer] = {}


def analyzer(name: str) -> Callable[[Analyzer], Analyzer]:
    """Register a function under the name that rules use."""

    def register(function: Analyzer) -> Analyzer:
        ANALYZERS[name] = function
        return function

    return register

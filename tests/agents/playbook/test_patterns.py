"""Patterns meet untrusted text: none may take long on a line that was made to hurt."""

import re
import time
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from pydantic import BaseModel

import agents.playbook as package
import agents.playbook.analyzers as analyzers
from agents.playbook.rule import Rule, Signals
from agents.playbook.scene import MOST_CHARACTERS
from tests.agents.playbook.builders import container, crashing, event, logs, workload
from tests.agents.playbook.scene import NODES, ask, playbook

SECONDS = 0.25
"""Far more than any pattern takes on the longest text that is looked at, far less than a person notices."""

HOSTILE = {
    "letters": "a",
    "capitals and underscores": "A_",
    "spaces": " ",
    "dots": "a.",
    "dashes": "a-",
    "slashes": "/a",
    "digits": "1",
    "quotes": 'a"',
    "colons": "a: ",
    "half a pull": "pull ",
    "half an exec": 'exec: "',
    "half a lookup": "lookup a",
    "half a mount": 'error mounting "/a ',
    "half a listener": "listening on ",
    "half an address": "http://a",
    "half a quota": "exceeded quota: a, requested: a, used: a",
    "half a webhook": 'failed calling webhook "a',
    "half a denial": "pull access denied ",
    "half a setting": "required environment variable ",
    "half a right": 'a is forbidden: User "system:serviceaccount:a',
}


def list_patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns of all rules, and those of all modules of the playbook."""
    for rule in playbook().rules:
        yield from ((rule.id, pattern) for pattern in _patterns_of(rule))
    for home in (package, analyzers):
        for found in iter_modules(home.__path__):
            module = import_module(f"{home.__name__}.{found.name}")
            for name, value in vars(module).items():
                yield from ((f"{found.name}.{name}", pattern) for pattern in _unfold(value))


def _patterns_of(rule: Rule) -> Iterator[re.Pattern[str]]:
    for signals in rule.match:
        for part in (signals, *(getattr(signals, name) for name in Signals.model_fields)):
            if isinstance(part, BaseModel):
                yield from (value for _, value in part if isinstance(value, re.Pattern))


def _unfold(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _unfold(item)
    elif isinstance(value, dict):
        yield from _unfold(list(value.values()))


PATTERNS = {pattern: name for name, pattern in list_patterns()}


def repeat(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def test_patterns_are_found() -> None:
    assert len(PATTERNS) > 100


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_pattern_is_slow_on_a_hostile_line(kind: str) -> None:
    piece = HOSTILE[kind]
    line = repeat(piece, MOST_CHARACTERS)

    slow = {}
    for pattern, name in PATTERNS.items():
        start = time.perf_counter()
        pattern.search(line)
        if (took := time.perf_counter() - start) > SECONDS:
            slow[name] = round(took, 2)

    assert not slow


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_scene_with_hostile_texts_is_examined_at_once(kind: str) -> None:
    line = repeat(HOSTILE[kind], 100_000)
    probed = container(env={"HOST": line}, livenessProbe={"httpGet": {"path": "/", "port": 8080}})
    family = workload("Deployment", "shop", "cart", probed, states=crashing(1, message=line))
    told = [
        event(about, reason, line)
        for about, reason in ((family.pod, "Unhealthy"), (family.creator, "FailedCreate"))
    ]

    start = time.perf_counter()
    answer = ask(family, *told, logs(family.pod, "app", line, f"ERROR {line}"), *NODES, about=family.ref)
    took = time.perf_counter() - start

    assert answer.diagnosis.object == family.ref
    assert took < 3

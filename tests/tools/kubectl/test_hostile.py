"""Lines that somebody might try: each is refused, for the right reason, before the cluster is asked."""

import time
from pathlib import Path

import pytest
import yaml

from domain.errors import RefusedCommand
from tools.cluster.reader import Resource
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.kubectl import Kubectl

Corpus = dict[str, list[tuple[str, str]]]

LONG = [
    ("get pods " + " ".join(f"web-{n}" for n in range(21)), "at most 20 objects"),
    ("get " + " ".join(f"pod/web-{n}" for n in range(21)), "at most 20 objects"),
    ("get " + ",".join(resource.plural for resource in BUILTIN_RESOURCES[1:22]), "at most 20 objects"),
    ("get deploy,rs " + " ".join(f"web-{n}" for n in range(11)), "at most 20 objects"),
    ("get pods -l " + "a" * 2000, "2000 characters"),
    ("get pods" + " " * 2000 + "--raw=/", "2000 characters"),
    ("get pods " + "\ufb03" * 1500, "2000 characters"),
    ("get pods -o jsonpath='" + "{.a}" * 500 + "'", "2000 characters"),
    ("get pods " + "a" * 300, "aaa...' cannot be the name"),
    ("get " + "a" * 300, "aaa...' cannot be a resource type"),
    ("get pods --" + "a" * 300, "aaa...' is not among the flags"),
    ("a" * 300, "aaa...' is refused"),
    ("get pods -o " + "a" * 300, "aaa...' is refused"),
    ("get pods -n " + "a" * 64, "cannot be a namespace"),
    ("get pods --context=" + "a" * 300, "aaa...' is refused"),
    ("get pods -l " + "app=a," * 100 + "=", "label selector"),
    ("get pods -o jsonpath='{.a[?(" + "(" * 800 + "@.x" + ")" * 800 + ")]}'", "cannot be read"),
    ("get pods -o jsonpath='{.a" + "[?(@.b" * 90 + ")]" * 90 + "}'", "compare at most"),
    ("get pods -o jsonpath='{.a[?(@.x==" + "9" * 400 + ")]}'", "cannot be read"),
    ("get pods --sort-by='.a[?(" + "||".join(f"@.a=={n}" for n in range(30)) + ")]'", "compare at most"),
    ("get pods -o custom-columns=" + ",".join(f"C{n}:.a" for n in range(31)), "at most 30 columns"),
    ("get pods -o jsonpath='" + "{range .a}" * 150 + "'", "without its {end}"),
]
"""Lines that are long, or that would be long to read."""


def read_corpus() -> Corpus:
    text = Path(__file__).with_name("hostile.yaml").read_text(encoding="utf-8")
    return {name: [(line, reason) for line, reason in rows] for name, rows in yaml.safe_load(text).items()}


CORPUS = read_corpus() | {"long lines": LONG}


class Untouchable:
    """A cluster of which nothing but its resource types may be asked."""

    async def resources(self) -> list[Resource]:
        return list(BUILTIN_RESOURCES)


def test_the_corpus_is_long_and_nothing_in_it_is_there_twice() -> None:
    lines = [line for rows in CORPUS.values() for line, _ in rows]
    assert len(lines) >= 900
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("category", CORPUS)
async def test_every_line_is_refused_for_its_reason(category: str) -> None:
    kubectl = Kubectl(Untouchable(), namespace="shop", context="kind-shop")  # type: ignore[arg-type]
    for line, reason in CORPUS[category]:
        started = time.process_time()
        with pytest.raises(RefusedCommand) as refusal:
            await kubectl.run(line)
        sentence = str(refusal.value)
        assert reason in sentence, line
        assert "\n" not in sentence, line
        assert sentence.isprintable(), line
        assert sentence.endswith((".", "?", "...")), line
        assert len(sentence) < 700, line
        assert time.process_time() - started < 0.5, line

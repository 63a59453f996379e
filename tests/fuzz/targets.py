"""What is fuzzed: each target takes bytes, and fails when a promise is broken.

The promises: an input is refused with one sentence or used; only exceptions that the house knows are raised;
it takes bounded time; what is accepted is allowed.
"""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from domain.errors import RefusedCommand
from tools.cluster.resources import BUILTIN_RESOURCES
from tools.cluster.selectors import match_fields, match_labels
from tools.importers.pasted import extract_pasted
from tools.importers.transcript.assemble import assemble
from tools.importers.transcript.command import parse_command
from tools.importers.transcript.section import Section
from tools.kubectl import KubectlCommand
from tools.kubectl.documents import render_documents, sort_items
from tools.kubectl.flags import VERBS
from tools.kubectl.parts import Output
from tools.kubectl.policy import check, is_secret
from tools.redaction import redact

Target = Callable[[bytes], None]

SECONDS = 3.0
"""Processor time for one input; none should need more than a small part of it."""

MOST_BYTES = 4000
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = "AKIA2E5Q7KJ3MNPR4TUV"
"""Has the form of an AWS access key."""

_COMMANDS = (
    "kubectl get pods",
    "kubectl describe pod web",
    "kubectl get events",
    "kubectl get pod web -o yaml",
)
_SUBVERBS = ("", "status", "history", "can-i", "pods", "nodes")
_CONDITIONS = [{"type": "Ready", "status": "False"}, {"type": "Initialized", "status": "True"}]
_ITEMS: list[dict[str, Any]] = [
    {"kind": "Pod", "metadata": {"name": f"p{n}", "labels": {"app": "web", "gen": str(n)}}}
    | {"spec": {"containers": [{"name": "a", "image": "web:1"}]}, "status": {"conditions": _CONDITIONS}}
    for n in range(3)
]


@contextmanager
def bounded() -> Iterator[None]:
    """Fail when what is done inside takes too much of the processor's time."""
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS, "took too long"


def decode(data: bytes) -> str:
    """Any text, lone surrogates included."""
    return data[:MOST_BYTES].decode("utf-8", "surrogateescape")


def try_command(data: bytes) -> None:
    """A line is refused, or is a command that reads and that its canonical line says again."""
    try:
        with bounded():
            command = KubectlCommand.parse(decode(data))
            found = check(command, BUILTIN_RESOURCES)
    except RefusedCommand as refusal:
        assert "\n" not in str(refusal)
        return
    assert command.verb in VERBS
    assert command.subverb in _SUBVERBS
    assert not command.context
    assert str(command).isascii()
    assert shlex.split(str(command))[0] == "kubectl"
    assert KubectlCommand.parse(str(command)) == command
    if any(is_secret(resource) for resource, _ in found):
        assert command.output.format in ("", "wide", "name")


def try_expression(data: bytes) -> None:
    """A path, a template, columns or a selector is refused, or filled in."""
    text = decode(data)
    with bounded():
        for name in ("jsonpath", "custom-columns"):
            with suppress(RefusedCommand):
                render_documents(_ITEMS, Output(format=name, expression=text), is_single=False, header=True)
        with suppress(RefusedCommand):
            sort_items(_ITEMS, text)
        for read in (match_labels, match_fields):
            with suppress(RefusedCommand):
                [item for item in _ITEMS if read(text)(item)]


def try_redaction(data: bytes) -> None:
    """A key on a line of its own is taken out, whatever stands around it."""
    head, _, tail = decode(data).partition("\0")
    with bounded():
        shown = redact(f"{head}\n{KEY}\n{tail}")
    assert KEY not in shown


def try_transcript(data: bytes) -> None:
    """What somebody pasted is read as far as it can be."""
    text = decode(data)
    with bounded():
        extract_pasted(text, NOW)
        readable = text.encode("utf-8", "replace").decode()  # as files are read
        for command in _COMMANDS:
            assemble("fuzz", [Section(readable, parse_command(command))], NOW)


TARGETS: dict[str, Target] = {
    "command": try_command,
    "expression": try_expression,
    "redaction": try_redaction,
    "transcript": try_transcript,
}

"""What a person sees while the graph works."""

from collections.abc import Iterable
from typing import Any, Required

from langgraph.runtime import Runtime
from typing_extensions import TypedDict


class Progress(TypedDict, total=False):
    """One step of an investigation, for a progress display.

    Attributes:
        node: the node of the graph that speaks.
        message: one short sentence.
        command: the kubectl line that it is about, if any.
        found: what came to light, a line each.
    """

    node: Required[str]
    message: Required[str]
    command: str
    found: list[str]


def tell(
    runtime: Runtime[Any], node: str, message: str, command: str = "", found: Iterable[str] = ()
) -> None:
    """Send a progress item down the custom stream."""
    item = Progress(node=node, message=message)
    if command:
        item["command"] = command
    if lines := list(found):
        item["found"] = lines
    runtime.stream_writer(item)

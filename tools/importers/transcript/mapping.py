"""Transcripts in JSON: a mapping from command to text, and the recorded calls of an agent's tools."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.importers.transcript.command import parse_command
from tools.importers.transcript.section import Section

_TEXT_KEYS = ("text", "output", "stdout", "result")
_COMMAND_KEYS = ("invocation", "command", "cmd")


def is_command_mapping(document: Any) -> bool:
    """Whether most keys are kubectl commands with the text that they printed."""
    if not isinstance(document, Mapping) or not document:
        return False
    commands = [key for key, text in document.items() if isinstance(text, str) and parse_command(str(key))]
    return 2 * len(commands) > len(document)


def read_command_mapping(document: Mapping[str, Any]) -> Iterator[Section]:
    """A section for each entry; a key that is no command of kubectl is its title."""
    for key, text in document.items():
        if isinstance(text, str):
            command = parse_command(str(key))
            yield Section(text, command, str(key))


def is_tool_call(document: Any) -> bool:
    """Whether it is one call of a tool: what it printed, and its command or its name and parameters."""
    if not isinstance(document, Mapping) or not isinstance(_first(document, _TEXT_KEYS), str):
        return False
    return isinstance(_first(document, _COMMAND_KEYS), str) or isinstance(document.get("tool"), str)


def read_tool_call(document: Mapping[str, Any]) -> Section:
    """The section of one call. Where no command was noted it is told from the tool's name and parameters."""
    noted = _first(document, _COMMAND_KEYS)
    text = _without_streams(str(_first(document, _TEXT_KEYS)))
    command = parse_command(noted) if isinstance(noted, str) else None
    if command is None:
        line = _guess_command(str(document.get("tool") or ""), document.get("params"))
        command = parse_command(line) if line else None
    return Section(text, command, str(document.get("tool") or noted or ""))


def _first(document: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((document[key] for key in keys if document.get(key) is not None), None)


def _without_streams(text: str) -> str:
    """The text between ``stdout:`` and an empty ``stderr:``, which some wrappers put around."""
    if "stdout:\n" not in text[:2000]:
        return text
    before, _, rest = text.partition("stdout:\n")
    out, _, errors = rest.rpartition("stderr:\n") if "stderr:\n" in rest else (rest, "", "")
    return "\n".join(part.strip("\n") for part in (before, out, errors) if part.strip()) + "\n"


def _guess_command(tool: str, params: Any) -> str:
    """A kubectl line that says the same; empty when the tool was none of kubectl's."""
    given = {key: str(value) for key, value in params.items()} if isinstance(params, Mapping) else {}
    kind, pod = given.get("kind", ""), given.get("pod_name") or given.get("pod") or ""
    name = given.get("name", "")
    where = f" -n {given['namespace']}" if given.get("namespace") else ""
    if "logs" in tool and pod:
        return f"kubectl logs {pod}{where}{' --previous' if 'previous' in tool else ''}"
    if "describe" in tool and kind and name:
        return f"kubectl describe {kind} {name}{where}"
    if "events" in tool and given.get("resource_type") and pod:
        return f"kubectl events --for {given['resource_type']}/{pod}{where}"
    if "get" in tool and "yaml" in tool and kind and name:
        return f"kubectl get {kind} {name} -o yaml{where}"
    if ("get" in tool or "find" in tool) and kind:
        listed = name if name else f"{where or ' -A'} -o wide --show-labels"
        keyword = given.get("keyword", "")
        piped = f" | grep {keyword}" if keyword else ""
        return f"kubectl get {kind} {listed}{where if name else ''}{piped}"
    return ""


def is_log_mapping(document: Any) -> bool:
    """Whether it is a mapping from the name of a workload to the lines of its log, or to no lines."""
    if not isinstance(document, Mapping) or not any(document.values()):
        return False
    return all(
        isinstance(lines, list) and all(isinstance(line, str) for line in lines)
        for lines in document.values()
    )

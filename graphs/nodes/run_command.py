"""The node that runs one kubectl line and brings back evidence."""

from typing import Any

from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from domain.case import CommandRecord
from domain.errors import InputError, Unavailable
from domain.evidence import Evidence, PlannedCommand, Source
from domain.objects import ObjectRef
from graphs.context import Context
from graphs.instruments import Instruments
from graphs.progress import tell
from tools.cluster.resources import BUILTIN_RESOURCES, find_resource
from tools.kubectl import KubectlCommand

NODE = "run_command"


class Task(TypedDict):
    """The input of one ``run_command``: it is sent side by side with the others of its round."""

    command: PlannedCommand


async def run_command(state: Task, runtime: Runtime[Context]) -> dict[str, Any]:
    """Run a command. A refusal or a fault is recorded with its reason; "not found" is an answer."""
    command = state["command"]
    instruments = await runtime.context.open()
    try:
        seen = await _observe(command, instruments)
    except Unavailable as error:
        tell(runtime, NODE, str(error), command.line)
        return {"commands": [_refuse(command, error)], "not_seen": [f"{command.line}: {error}"]}
    except InputError as error:
        tell(runtime, NODE, f"refused: {error}", command.line)
        return {"commands": [_refuse(command, error)]}
    tell(runtime, NODE, command.purpose or "looked", command.line, found=_excerpt(seen))
    record = CommandRecord(line=command.line, purpose=command.purpose, evidence=(seen.id,))
    return {"commands": [record], "evidence": [seen]}


async def _observe(command: PlannedCommand, instruments: Instruments) -> Evidence:
    """What the command shows. The policy is checked in there, immediately before execution."""
    output = await instruments.in_time(instruments.kubectl.run(command.line), "The cluster")
    return Evidence(
        source=Source.COMMAND,
        text=output.text or "(no output)",
        object=find_object(output.line),
        time=await instruments.cluster.now(),
        command=output.line,
    )


def _refuse(command: PlannedCommand, error: Exception) -> CommandRecord:
    return CommandRecord(line=command.line, purpose=command.purpose, refusal=str(error))


def _excerpt(seen: Evidence) -> list[str]:
    """The lines that tell most: the head of a table, the end of a log or a description."""
    lines = [line for line in seen.text.splitlines() if line.strip()]
    verb = KubectlCommand.parse(seen.command).verb
    return lines[-2:] if verb in ("logs", "describe", "events") else lines[:3]


def find_object(line: str) -> ObjectRef | None:
    """The one object that a canonical kubectl line is about; None when it lists, or names several."""
    command = KubectlCommand.parse(line)
    named = [(target.word, name) for target in command.targets for name in target.names]
    if command.for_object:
        kind, _, name = command.for_object.partition("/")
        named = [(kind, name)]
    resource = find_resource(named[0][0], BUILTIN_RESOURCES) if len(named) == 1 else None
    if resource is None:
        return None
    namespace = command.namespace if resource.namespaced else ""
    return ObjectRef(kind=resource.kind, name=named[0][1], namespace=namespace)

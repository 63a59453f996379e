"""Carries commands out: parse, check, read, print, redact, trim."""

from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict

from domain.errors import MalformedRecording
from tools.cluster.reader import ClusterReader
from tools.kubectl.command import KubectlCommand
from tools.kubectl.policy import check
from tools.kubectl.text import escape_control
from tools.kubectl.trimming import trim
from tools.kubectl.verbs.about import answer_can_i, explain, list_resources, tell_version
from tools.kubectl.verbs.describe import describe
from tools.kubectl.verbs.events import list_events
from tools.kubectl.verbs.get import get
from tools.kubectl.verbs.logs import read_logs
from tools.kubectl.verbs.request import Found, Request
from tools.kubectl.verbs.rollout import tell_rollout
from tools.kubectl.verbs.top import top
from tools.redaction import RedactedCluster, Redactor, prepare, redact

_VERBS: dict[str, Callable[[Request], Awaitable[str]]] = {
    "get": get,
    "describe": describe,
    "logs": read_logs,
    "events": list_events,
    "top": top,
    "rollout": tell_rollout,
    "auth": answer_can_i,
    "api-resources": list_resources,
    "version": tell_version,
    "explain": explain,
}
_ALL = 1_000_000
_MOST_SAID = 200
"""Characters of an error about an object; they may be the object's own."""

_HEAD = {"describe": 25, "logs": 3}
"""Lines at the beginning that always stay, by verb; elsewhere the header."""


class CommandOutput(BaseModel):
    """What a command printed: redacted and bounded.

    ``line`` is the canonical command, with its namespace spelled out. ``text`` is what kubectl would
    print, its errors included (``Error from server (NotFound): ...`` is an answer). ``truncated`` says
    whether lines were left out; the gaps are marked.
    """

    model_config = ConfigDict(frozen=True)

    line: str
    text: str
    truncated: bool = False


class Kubectl:
    """Runs kubectl commands against one cluster. There is no shell, no process and no way to write."""

    def __init__(
        self,
        reader: ClusterReader,
        *,
        namespace: str = "default",
        max_characters: int = 6000,
        context: str = "",
        recall: Callable[[str], str] = lambda _: "",
        redactor: Redactor | None = None,
    ) -> None:
        """Bind a cluster.

        Args:
            reader: where objects and logs come from.
            namespace: where names are looked up when a command gives no namespace.
            max_characters: about how long an output may be.
            context: the cluster's kubeconfig context: a command may name it, as copied ones do.
            recall: what a recording says that a line printed, word for word; empty: it does not say.
            redactor: numbers the secrets; by default one of its own.
        """
        self._recall = recall
        self._redactor = redactor or Redactor()
        self._reader = RedactedCluster(reader, self._redactor)
        self._namespace = namespace
        self._max_characters = max_characters
        self._context = context

    async def run(self, line: str) -> CommandOutput:
        """Carry out one line.

        Raises:
            RefusedCommand: the line is not among what may be run; the sentence says what is.
            ClusterUnavailable: the cluster, or its metrics, cannot be read.
            MalformedRecording: an object has not the shape that Kubernetes gives it.
        """
        command = KubectlCommand.parse(line)
        resources = await self._reader.resources()
        found = check(command, resources, self._context)
        command = command.model_copy(update={"context": ""})
        namespace = command.namespace or self._namespace
        request = Request(self._reader, command, found, resources, namespace, await self._reader.now())
        printed = escape_control(self._recall(str(command)) or await _carry_out(request))
        await prepare()
        text = self._redactor.redact(printed)
        text, truncated = self._trim(command, text)
        return CommandOutput(line=str(_spell_out(command, found, namespace)), text=text, truncated=truncated)

    def _trim(self, command: KubectlCommand, text: str) -> tuple[str, bool]:
        is_document = not command.output.is_table
        head = _ALL if is_document else _HEAD.get(command.verb, 1)
        tail = 0 if command.verb in ("get", "top", "api-resources") else 40
        return trim(text, self._max_characters, head=head, tail=tail)


async def _carry_out(request: Request) -> str:
    """Print as the verb does; an API server checks the types of every field, a file on a disk nobody."""
    try:
        return await _VERBS[request.command.verb](request)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise MalformedRecording(
            f"An object of {request.reader.name} has a field of another type than Kubernetes gives it "
            f"({redact(escape_control(str(error)))[:_MOST_SAID]}): see it with -o json."
        ) from error


def _spell_out(command: KubectlCommand, found: Found, namespace: str) -> KubectlCommand:
    """The command with its namespace made explicit, where one counts."""
    uses_namespace = command.verb in ("events", "logs") or any(r.namespaced for r, _ in found)
    wanted = namespace if uses_namespace and not command.all_namespaces else ""
    return command.model_copy(update={"namespace": wanted})

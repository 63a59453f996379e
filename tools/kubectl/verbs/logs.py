"""``kubectl logs``: of a Pod, of a workload's best Pod, of all Pods that a selector finds."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import NotFound
from domain.objects import KubeObject
from tools.cluster.pods import is_well, list_containers
from tools.cluster.reader import LogLine, Resource
from tools.cluster.times import parse_time
from tools.kubectl.command import KubectlCommand
from tools.kubectl.tables.columns import entries, mapping, name_of, part
from tools.kubectl.tables.formats import format_selector
from tools.kubectl.values import MAX_TAIL
from tools.kubectl.verbs.request import Request, get_or_explain

DEFAULT_TAIL = 10
"""Lines of each container when Pods are found by a selector, as in kubectl."""

MAX_PODS = 20

_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True)
class _Choice:
    """The Pods whose logs are read, and what kubectl says about the choice."""

    pods: Sequence[KubeObject]
    remark: str = ""


async def read_logs(request: Request) -> str:
    """The lines of the chosen containers, one container after the other."""
    choice = await _choose_pods(request)
    blocks = await asyncio.gather(*(_read_pod(request, pod) for pod in choice.pods))
    return "\n".join(filter(None, [choice.remark, *blocks]))


async def _choose_pods(request: Request) -> _Choice:
    if not request.found:
        pods = await request.reader.list("Pod", request.namespace, labels=request.command.selector)
        remark = "" if pods else f"No resources found in {request.namespace} namespace."
        return _Choice(pods[:MAX_PODS], remark)
    resource, target = request.found[0]
    item = await get_or_explain(request, resource, target.names[0])
    if isinstance(item, str):
        return _Choice((), item)
    if resource.kind == "Pod":
        return _Choice((item,))
    return await _choose_pod_of(request, resource, item)


async def _choose_pod_of(request: Request, resource: Resource, item: KubeObject) -> _Choice:
    """The Pod of a workload to read: the one in trouble, where there are several."""
    selector = mapping(item, "spec", "selector")
    is_plain = resource.kind in ("Service", "ReplicationController")
    text = ",".join(f"{k}={v}" for k, v in selector.items()) if is_plain else format_selector(selector)
    pods = await request.reader.list("Pod", request.namespace, labels=text) if selector else []
    path = f"{resource.kind.lower()}/{name_of(item)}"
    if not pods:
        return _Choice((), f"error: {path} selects no pods in namespace {request.namespace}")
    chosen = min(pods, key=lambda pod: (is_well(pod, request.now), name_of(pod)))
    remark = f"Found {len(pods)} pods, using pod/{name_of(chosen)}" if len(pods) > 1 else ""
    return _Choice((chosen,), remark)


async def _read_pod(request: Request, pod: KubeObject) -> str:
    command = request.command
    containers = [c.name for c in list_containers(pod)]
    if command.all_containers:
        chosen, remark = containers, ""
    elif command.container and command.container not in containers:
        named = _tell_containers(pod)
        return f"error: container {command.container} is not valid for pod {name_of(pod)} out of: {named}"
    else:
        chosen, remark = _choose_container(pod, command)
    blocks = await asyncio.gather(*(_read_container(request, pod, container) for container in chosen))
    return "\n".join(filter(None, [remark, *blocks]))


def _choose_container(pod: KubeObject, command: KubectlCommand) -> tuple[list[str], str]:
    """The container to read when all are not wanted, and what kubectl says when it was not named."""
    containers = [str(c.get("name")) for c in entries(pod, "spec", "containers")]
    annotated = mapping(pod, "metadata", "annotations").get(_DEFAULT_CONTAINER)
    if named := command.container or annotated:
        return [str(named)], ""
    chosen = containers[:1]
    if len(list_containers(pod)) < 2 or command.selector:
        return chosen, ""
    return chosen, f'Defaulted container "{chosen[0]}" out of: {_tell_containers(pod)}'


def _tell_containers(pod: KubeObject) -> str:
    shown = [str(c.get("name")) for c in entries(pod, "spec", "containers")]
    shown += [f"{c.get('name')} (init)" for c in entries(pod, "spec", "initContainers")]
    shown += [f"{c.get('name')} (ephem)" for c in entries(pod, "spec", "ephemeralContainers")]
    return ", ".join(shown)


async def _read_container(request: Request, pod: KubeObject, container: str) -> str:
    command = request.command
    tail = DEFAULT_TAIL if command.tail is None and command.selector else command.tail
    try:
        lines = await request.reader.logs(
            name_of(pod),
            str(part(pod, "metadata", "namespace")),
            container,
            previous=command.previous,
            tail=MAX_TAIL if tail in (None, -1) else tail,
            since=_read_since(command, request.now),
        )
    except NotFound as error:
        return f"Error from server (BadRequest): {error}"
    prefix = f"[pod/{name_of(pod)}/{container}] " if command.prefix else ""
    return "\n".join(prefix + _write_line(line, command) for line in lines)


def _write_line(line: LogLine, command: KubectlCommand) -> str:
    if not command.timestamps or line.time is None:
        return line.text
    return f"{line.stamp or line.time.isoformat().replace('+00:00', 'Z')} {line.text}"


def _read_since(command: KubectlCommand, now: datetime) -> datetime | None:
    if command.since_time:
        return parse_time(command.since_time.upper())
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", command.since)
    seconds = sum(float(value) * _UNITS[unit] for value, unit in parts)
    return now - timedelta(seconds=min(seconds, 10 * 365 * 86400)) if parts else None

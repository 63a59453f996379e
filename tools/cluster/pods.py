"""Pods as the kubelet sees them: their containers, and whether they are well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.objects import KubeObject
from tools.cluster.times import parse_time

SETTLED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Container:
    """A container of a Pod: its spec and its status side by side."""

    name: str
    spec: dict[str, Any]
    status: dict[str, Any]
    init: bool
    sidecar: bool = False

    @property
    def waiting(self) -> dict[str, Any]:
        """``state.waiting``, or empty."""
        return _part(self.status, "state", "waiting")

    @property
    def running(self) -> dict[str, Any]:
        """``state.running``, or empty."""
        return _part(self.status, "state", "running")

    @property
    def ended(self) -> dict[str, Any]:
        """How the container ended last: ``state.terminated``, else ``lastState.terminated``, or empty."""
        return _part(self.status, "state", "terminated") or _part(self.status, "lastState", "terminated")

    @property
    def has_ended(self) -> bool:
        """Whether it is not running now because it ended."""
        return bool(_part(self.status, "state", "terminated"))

    @property
    def exit_code(self) -> int | None:
        """The last exit code, or None if it never ended."""
        code = self.ended.get("exitCode")
        return code if isinstance(code, int) else None

    @property
    def restarts(self) -> int:
        """How often the kubelet restarted it."""
        return int(self.status.get("restartCount") or 0)

    @property
    def ready(self) -> bool:
        """Whether the kubelet calls it ready."""
        return bool(self.status.get("ready"))

    def env(self) -> Iterator[dict[str, Any]]:
        """The entries of ``env``."""
        yield from self.spec.get("env") or []

    def ports(self) -> Iterator[dict[str, Any]]:
        """The declared ports."""
        yield from self.spec.get("ports") or []


def _part(status: dict[str, Any], *keys: str) -> dict[str, Any]:
    for key in keys:
        status = status.get(key) or {}
    return status


def template_containers(spec: dict[str, Any]) -> list[Container]:
    """The containers of a Pod spec or template, init containers first; no status."""
    return _pair(spec, {})


def list_containers(pod: KubeObject) -> list[Container]:
    """The containers of a Pod with their status, init containers first."""
    return _pair(pod.get("spec") or {}, pod.get("status") or {})


def _pair(spec: dict[str, Any], status: dict[str, Any]) -> list[Container]:
    found = []
    for field, statuses, init in (
        ("initContainers", "initContainerStatuses", True),
        ("containers", "containerStatuses", False),
    ):
        by_name = {entry.get("name"): entry for entry in status.get(statuses) or []}
        for entry in spec.get(field) or []:
            sidecar = init and entry.get("restartPolicy") == "Always"
            found.append(
                Container(entry.get("name", ""), entry, by_name.get(entry.get("name")) or {}, init, sidecar)
            )
    return found


def read_condition(item: KubeObject, kind: str) -> dict[str, Any]:
    """The condition of that type, or empty."""
    for condition in (item.get("status") or {}).get("conditions") or []:
        if condition.get("type") == kind:
            return dict(condition)
    return {}


def is_settled(container: Container, pod: KubeObject, now: datetime) -> bool:
    """Whether a container that has restarted has run long enough since to count as recovered.

    One restart is life. More: it must have run for at least a minute, and for twice the mean cycle
    of its earlier restarts (a container between two kills of a liveness probe is *running* too).
    """
    if container.restarts < 2:
        return True
    started = parse_time(container.running.get("startedAt"))
    created = parse_time((pod.get("metadata") or {}).get("creationTimestamp"))
    if not started or not created:
        return False
    mean_cycle = (started - created) / container.restarts
    return now - started > max(SETTLED_AFTER, 2 * mean_cycle)


def is_failing(container: Container, pod: KubeObject, now: datetime) -> bool:
    """Whether a container keeps ending badly: back-off, a non-zero end, or restarts that go on."""
    if container.waiting.get("reason") == "CrashLoopBackOff":
        return True
    if container.has_ended:
        restarts_always = ((pod.get("spec") or {}).get("restartPolicy") or "Always") == "Always"
        return container.exit_code != 0 or (restarts_always and not container.init)
    return bool(container.running) and bool(container.ended) and not is_settled(container, pod, now)


def is_well(pod: KubeObject, now: datetime) -> bool:
    """Whether a Pod does what it should: finished, or running with every container ready and settled."""
    phase = (pod.get("status") or {}).get("phase")
    if phase == "Succeeded":
        return True
    if phase != "Running" or read_condition(pod, "Ready").get("status") == "False":
        return False
    containers = [c for c in list_containers(pod) if not c.init]
    return all(c.ready and is_settled(c, pod, now) for c in containers)

"""Probes that ask the wrong thing, at the wrong place, or too early."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agents.playbook.analyzers.registry import analyzer, once_a_scene
from agents.playbook.listening import heard_ports
from agents.playbook.scene import Match, Scene
from agents.playbook.signals import describe_container
from domain.evidence import IssueType
from domain.objects import KubeObject, ObjectRef
from tools.cluster.events import Event
from tools.cluster.pods import Container, is_failing, list_containers

_FAILED = re.compile(
    r"^(?P<kind>Liveness|Readiness|Startup) probe (?:failed|errored)(?:[^:]*): ?(?P<detail>.*)", re.S
)
UNTOLD = 0.7
"""Confidence of a failure that no event tells of."""

HASTE = 5
"""A probe that kills a program which was silent for so few seconds kills it for a usual pause."""

_KILLED = {0, 137, 143}

_KINDS: dict[str, re.Pattern[str]] = {
    "protocol": re.compile(
        r"(?i)http response to https|malformed http|tls:|x509|first record does not look like"
        r"|http2: frame|server gave HTTP|unexpected EOF|: EOF$|server preface|reset by peer"
    ),
    "path": re.compile(r"statuscode: (?:30\d|4\d\d)"),
    "unhealthy": re.compile(r"statuscode: 5\d\d|NOT_SERVING|not serving"),
    "refused": re.compile(r"(?i)connection refused|no route to host"),
    "timeout": re.compile(r"(?i)deadline exceeded|timeout|timed out"),
}


_BROKEN_COMMAND = re.compile(
    r"(?i)executable file not found|no such file|not found|permission denied|syntax error|exec failed"
    r"|(?:unknown|invalid|unrecognized) (?:option|argument|command)|usage:|timed? ?out|deadline exceeded"
)
"""What a probe's command says when it cannot do its work, rather than that the program is not well."""


_UNKNOWN_PORT_NAME = re.compile(r"strconv\.Atoi: parsing|couldn't find port")
"""What the kubelet says of a port name that no container port has."""

_TOO_LATE = re.compile(
    r"(?i)CONTAINER_EXITED|container (?:is )?not (?:running|created)|cannot exec in a stopped"
    r"|context canceled"
    r"|container not found|task \S+ not found"
)
"""What it says when the container ended during the probe: of that, the end itself tells more."""


@dataclass(frozen=True)
class FailedProbe:
    """A probe that fails at present: which one, of which container, and what the kubelet said."""

    pod: ObjectRef
    container: Container
    kind: str
    detail: str
    event: Event | None
    probe: dict[str, Any]

    @property
    def port(self) -> object:
        """The port it asks, by number where the name can be resolved."""
        action = self.probe.get("httpGet") or self.probe.get("tcpSocket") or self.probe.get("grpc") or {}
        port = action.get("port")
        named = {p.get("name"): p.get("containerPort") for p in self.container.ports()}
        return named.get(port, port)

    @property
    def patience(self) -> int:
        """The seconds without an answer after which it counts as failed; the API server's defaults hold."""
        period, threshold = self.probe.get("periodSeconds") or 10, self.probe.get("failureThreshold") or 3
        return int(period) * (int(threshold) - 1) + int(self.probe.get("timeoutSeconds") or 1)

    @property
    def path(self) -> str:
        """The path it asks, for HTTP probes."""
        return str((self.probe.get("httpGet") or {}).get("path") or "")


def failed_probes(scene: Scene) -> Iterator[FailedProbe]:
    """The newest unresolved failure of each probe of each container; of those without a word, a guess."""
    for pod in scene.unwell_pods:
        ref = ObjectRef.of(pod)
        told = {(f.container.name, f.kind): f for f in _told_probes(ref, pod, scene)}
        yield from told.values() or _silent_probes(ref, pod, scene)


def _told_probes(ref: ObjectRef, pod: KubeObject, scene: Scene) -> Iterator[FailedProbe]:
    """What events tell, oldest first."""
    for event in scene.live_events(ref):
        found = _FAILED.match(event.message) if event.reason in ("Unhealthy", "ProbeWarning") else None
        container = _probed(event, found["kind"], pod) if found else None
        if found and container and not _TOO_LATE.search(found["detail"]):
            probe = container.spec.get(_field(found["kind"])) or {}
            yield FailedProbe(ref, container, found["kind"], found["detail"], event, probe)


def _silent_probes(ref: ObjectRef, pod: KubeObject, scene: Scene) -> Iterator[FailedProbe]:
    """Probes that must be failing, by what becomes of the container, though no event says so (any more)."""
    for container in list_containers(pod):
        killed = is_failing(container, pod, scene.now) and container.exit_code in _KILLED
        killed = killed and container.ended.get("reason") != "OOMKilled"
        for kind in ("Startup", "Liveness") if killed else ():
            if probe := container.spec.get(_field(kind)):
                yield FailedProbe(ref, container, kind, "", None, probe)
        probe = container.spec.get("readinessProbe")
        if container.running and not container.ready and probe:
            yield FailedProbe(ref, container, "Readiness", "", None, probe)


def _field(kind: str) -> str:
    return f"{kind.lower()}Probe"


def _probed(event: Event, kind: str, pod: KubeObject) -> Container | None:
    containers = list_containers(pod)
    named = [c for c in containers if c.name == event.container]
    having = [c for c in containers if c.spec.get(_field(kind))]
    return next(iter(named or having), None)


def classify(failed: FailedProbe, scene: Scene) -> str:
    """What kind of failure it is; see ``rules/probes.yaml`` for what each means."""
    if failed.event is None:
        return "port" if not failed.probe.get("exec") and _asks_wrong_port(failed, scene) else "silent"
    kind = next((k for k, pattern in _KINDS.items() if pattern.search(failed.detail)), "other")
    if failed.probe.get("exec"):
        return (
            "command" if _BROKEN_COMMAND.search(failed.detail) or not failed.detail.strip() else "unhealthy"
        )
    if _UNKNOWN_PORT_NAME.search(failed.detail):
        return "port"
    if kind == "timeout" and _kills(failed) and failed.patience <= HASTE:
        return "hasty"
    if kind != "refused":
        return kind
    if failed.container.ready and failed.kind == "Readiness":
        return "other"
    if _asks_wrong_port(failed, scene):
        return "port"
    crashed = failed.container.exit_code not in (None, *_KILLED)
    if failed.kind != "Readiness" and not crashed and failed.container.restarts:
        return "early"
    return "refused"


def _asks_wrong_port(failed: FailedProbe, scene: Scene) -> bool:
    declared = {p.get("containerPort") for p in failed.container.ports()}
    heard = heard_ports(failed.pod, failed.container, scene)
    if failed.port in heard:
        return False
    return bool(heard) or bool(declared and failed.port not in declared)


def _tell(failed: FailedProbe, scene: Scene) -> Match:
    action = failed.probe.get("httpGet") or failed.probe.get("tcpSocket") or {}
    declared = [p.get("containerPort") for p in failed.container.ports()]
    heard = sorted(heard_ports(failed.pod, failed.container, scene))
    ports = ", ".join(str(p) for p in (heard or declared))
    variables = {
        **describe_container(failed.container),
        "probe": failed.kind.lower(),
        "probe_field": _field(failed.kind),
        "detail": failed.detail.strip()[:300] or "it says nothing",
        "patience": str(failed.patience),
        "port": str(failed.port or "?"),
        "path": failed.path,
        "scheme": str(action.get("scheme") or ("HTTP" if failed.probe.get("httpGet") else "TCP")),
        "ports": ports or "another port",
        "first_port": ports.partition(",")[0] or "<port>",
        "answer": _tell_answer(failed),
        "asks": _tell_action(failed),
        "status": (re.search(r"statuscode: (\d+)", failed.detail) or ["", "?"])[1],
        "initial_delay": str(failed.probe.get("initialDelaySeconds") or 0),
        "timeout": str(failed.probe.get("timeoutSeconds") or 1),
        "period": str(failed.probe.get("periodSeconds") or 10),
        "threshold": str(failed.probe.get("failureThreshold") or 3),
        "effect": _EFFECTS[failed.kind],
    }
    text = (
        f"{failed.kind} probe of container {failed.container.name} asks {_tell_action(failed)}; "
        f"initialDelaySeconds {variables['initial_delay']}, periodSeconds {variables['period']}, "
        f"timeoutSeconds {variables['timeout']}, failureThreshold {variables['threshold']}"
    )
    if ports:
        text += f"; the container {'listens on' if heard else 'declares'} {ports}"
    evidence = (
        *([scene.note_event(failed.event)] if failed.event else []),
        scene.note(failed.pod, text),
        scene.note_container(failed.pod, failed.container),
    )
    confidence = UNTOLD if failed.event is None and classify(failed, scene) == "port" else None
    return Match(failed.pod, variables, evidence, issue_type=_TYPES.get(failed.kind), confidence=confidence)


def _tell_answer(failed: FailedProbe) -> str:
    status = re.search(r"statuscode: (\d+)", failed.detail)
    if status:
        return f"gets HTTP status {status[1]} from {failed.path or 'its path'}"
    return f"is answered “{failed.detail.strip()[:200]}”"


def _tell_action(failed: FailedProbe) -> str:
    if command := (failed.probe.get("exec") or {}).get("command"):
        return "command " + " ".join(map(str, command))[:200]
    return f"port {failed.port}{' path ' + failed.path if failed.path else ''}"


_TYPES = {"Readiness": IssueType.NETWORKING}
"""A readiness probe takes the Pod out of its Services; the others keep the container from starting."""

_EFFECTS = {
    "Liveness": "so the kubelet kills and restarts it",
    "Startup": "so the kubelet kills it before it has started",
    "Readiness": "so its Pod never becomes ready and gets no traffic",
}


@once_a_scene
def _classified(scene: Scene) -> Iterator[tuple[str, FailedProbe]]:
    """Failures that cost the container its life before those that cost it its traffic: they tell more."""
    for failed in sorted(failed_probes(scene), key=lambda failed: not _kills(failed)):
        yield classify(failed, scene), failed


def _kills(failed: FailedProbe) -> bool:
    return failed.kind != "Readiness" and failed.container.restarts > 0


def _register(kind: str) -> None:
    @analyzer(f"probe-{kind}")
    def find(scene: Scene) -> Iterator[Match]:
        for found, failed in _classified(scene):
            if found == kind:
                yield _tell(failed, scene)


KINDS = (*_KINDS, "port", "early", "hasty", "command", "other", "silent")

for _kind in KINDS:
    _register(_kind)

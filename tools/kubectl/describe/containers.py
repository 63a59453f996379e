"""Containers in descriptions: of Pods with their state, of templates without."""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from domain.objects import KubeObject
from tools.cluster.quantities import parse_quantity
from tools.kubectl.describe.scheduling import describe_tolerations, describe_topology
from tools.kubectl.describe.volumes import describe_volumes
from tools.kubectl.describe.writer import Writer, write_time
from tools.kubectl.tables.columns import entries, mapping, number, part
from tools.kubectl.tables.formats import format_bool, join_host_port
from tools.kubectl.text import NONE


def describe_containers(
    writer: Writer,
    title: str,
    containers: list[dict[str, Any]],
    statuses: list[dict[str, Any]],
    pod: KubeObject | None = None,
) -> None:
    """Containers in full. Without a Pod they belong to a template and are indented once more."""
    indent = "" if pod else "  "
    writer.line(f"{indent}{title}:{'' if containers else ' ' + NONE}")
    by_name = {status.get("name"): status for status in statuses}
    for container in containers:
        writer.line(f"{' ' if indent else ''}{container.get('name')}:", 1)
        status = by_name.get(container.get("name"))
        _describe_image(writer, container, status)
        for key, name in (("command", "Command"), ("args", "Args")):
            _describe_words(writer, name, entries(container, key))
        if status is not None:
            _describe_states(writer, status)
        describe_resources(writer, mapping(container, "resources"))
        for key, name in (
            ("livenessProbe", "Liveness"),
            ("readinessProbe", "Readiness"),
            ("startupProbe", "Startup"),
        ):
            if container.get(key):
                writer.field(name, tell_probe(container[key]), 2)
        _describe_sources(writer, entries(container, "envFrom"))
        _describe_variables(writer, container, pod)
        _describe_mounts(writer, container)


def describe_template(writer: Writer, template: Mapping[str, Any]) -> None:
    """The Pod template of a workload."""
    spec = mapping(template, "spec")
    writer.line("Pod Template:")
    writer.labels("  Labels", mapping(template, "metadata", "labels"))
    if annotations := mapping(template, "metadata", "annotations"):
        writer.annotations("  Annotations", annotations)
    writer.optional("Service Account", spec.get("serviceAccountName"), 1)
    if spec.get("initContainers"):
        describe_containers(writer, "Init Containers", spec["initContainers"], [])
    describe_containers(writer, "Containers", entries(spec, "containers"), [])
    describe_volumes(writer, entries(spec, "volumes"), indent="  ")
    describe_topology(writer, entries(spec, "topologySpreadConstraints"), indent="  ")
    writer.optional("Priority Class Name", spec.get("priorityClassName"), 1)
    writer.labels("  Node-Selectors", mapping(spec, "nodeSelector"))
    describe_tolerations(writer, entries(spec, "tolerations"), indent="  ")


def _describe_image(writer: Writer, container: dict[str, Any], status: dict[str, Any] | None) -> None:
    if status is not None:
        writer.field("Container ID", status.get("containerID") or "", 2)
    writer.field("Image", container.get("image") or "", 2)
    if status is not None:
        writer.field("Image ID", status.get("imageID") or "", 2)
    for title, key in (("Port", "containerPort"), ("Host Port", "hostPort")):
        ports = [_write_port(port, key) for port in entries(container, "ports")]
        writer.field(f"{title}s" if len(ports) > 1 else title, ", ".join(ports) or NONE, 2)
    if profile := mapping(container, "securityContext", "seccompProfile"):
        writer.field("SeccompProfile", profile.get("type"), 2)
        writer.optional("LocalhostProfile", profile.get("localhostProfile"), 3)


def _write_port(port: dict[str, Any], key: str) -> str:
    name = f" ({port['name']})" if port.get("name") else ""
    return f"{port.get(key, 0)}/{port.get('protocol') or 'TCP'}{name}"


def _describe_words(writer: Writer, title: str, words: list[Any]) -> None:
    if words:
        writer.line(f"{title}:", 2)
    for word in words:
        for line in str(word).split("\n"):
            writer.line(line.replace("\t", "    "), 3)


def _describe_states(writer: Writer, status: dict[str, Any]) -> None:
    _describe_state(writer, "State", mapping(status, "state"))
    if mapping(status, "lastState", "terminated"):
        _describe_state(writer, "Last State", mapping(status, "lastState"))
    writer.field("Ready", format_bool(bool(status.get("ready"))), 2)
    writer.field("Restart Count", number(status, "restartCount"), 2)


def _describe_state(writer: Writer, title: str, state: dict[str, Any]) -> None:
    if (running := state.get("running")) is not None:
        writer.field(title, "Running", 2)
        writer.field("Started", write_time(running.get("startedAt")), 3)
    elif (ended := state.get("terminated")) is not None:
        writer.field(title, "Terminated", 2)
        writer.optional("Reason", ended.get("reason"), 3)
        writer.optional("Message", str(ended.get("message") or "").strip().replace("\n", " "), 3)
        writer.field("Exit Code", number(ended, "exitCode"), 3)
        if number(ended, "signal") > 0:
            writer.field("Signal", ended["signal"], 3)
        writer.field("Started", write_time(ended.get("startedAt")), 3)
        writer.field("Finished", write_time(ended.get("finishedAt")), 3)
    else:
        writer.field(title, "Waiting", 2)
        writer.optional("Reason", part(state, "waiting", "reason"), 3)


def describe_resources(writer: Writer, resources: Mapping[str, Any], level: int = 2) -> None:
    """Limits and requests, where there are any."""
    for key in ("limits", "requests"):
        amounts = mapping(resources, key)
        if amounts:
            writer.line(f"{key.capitalize()}:", level)
        for name, amount in sorted(amounts.items()):
            writer.field(name, amount, level + 1)


def tell_probe(probe: Mapping[str, Any]) -> str:
    """``http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3``."""
    timing = (
        f"delay={number(probe, 'initialDelaySeconds')}s timeout={probe.get('timeoutSeconds', 1)}s "
        f"period={probe.get('periodSeconds', 10)}s #success={probe.get('successThreshold', 1)} "
        f"#failure={probe.get('failureThreshold', 3)}"
    )
    if "exec" in probe:
        return f"exec [{' '.join(entries(probe, 'exec', 'command'))}] {timing}"
    if get := mapping(probe, "httpGet"):
        path = quote(str(get.get("path") or ""), safe="/:@!$&'()*+,;=-._~")
        host = join_host_port(str(get.get("host") or ""), get.get("port"))
        slash = "" if path.startswith("/") or not path else "/"
        return f"http-get {str(get.get('scheme') or 'HTTP').lower()}://{host}{slash}{path} {timing}"
    if socket := mapping(probe, "tcpSocket"):
        return f"tcp-socket {socket.get('host') or ''}:{socket.get('port')} {timing}"
    if grpc := mapping(probe, "grpc"):
        return f"grpc <pod>:{grpc.get('port')} {grpc.get('service') or ''} {timing}"
    return f"unknown {timing}"


def _describe_sources(writer: Writer, sources: list[dict[str, Any]]) -> None:
    if sources:
        writer.line("Environment Variables from:", 2)
    for source in sources:
        kind, key = ("ConfigMap", "configMapRef") if "configMapRef" in source else ("Secret", "secretRef")
        ref = mapping(source, key)
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        writer.line(f"{ref.get('name')}\t{kind}{prefix}\tOptional: {_tell_optional(ref)}", 3)


def _tell_optional(ref: Mapping[str, Any]) -> str:
    return str(bool(ref.get("optional"))).lower()


def _describe_variables(writer: Writer, container: dict[str, Any], pod: KubeObject | None) -> None:
    variables = entries(container, "env")
    writer.line("Environment:" + ("" if variables else f"\t{NONE}"), 2)
    for variable in variables:
        name, source = variable.get("name"), mapping(variable, "valueFrom")
        if not source:
            first, *rest = str(variable.get("value") or "").replace("\t", "    ").split("\n")
            writer.field(name, first, 3)
            for line in rest:
                writer.line(f"\t{line}", 3)
            continue
        writer.field(name, _tell_source(source, container, pod), 3)


def _tell_source(source: dict[str, Any], container: dict[str, Any], pod: KubeObject | None) -> str:
    if ref := mapping(source, "fieldRef"):
        value = _read_field(pod, str(ref.get("fieldPath") or ""))
        return f"{value} ({ref.get('apiVersion') or 'v1'}:{ref.get('fieldPath')})"
    if ref := mapping(source, "resourceFieldRef"):
        return f"{_read_amount(ref, container)} ({ref.get('resource')})"
    if ref := mapping(source, "secretKeyRef"):
        place = f"in secret '{ref.get('name')}'"
    else:
        ref = mapping(source, "configMapKeyRef")
        place = f"of config map '{ref.get('name')}'"
    return f"<set to the key '{ref.get('key')}' {place}>\tOptional: {_tell_optional(ref)}"


def _read_field(pod: KubeObject | None, path: str) -> str:
    """The value of a downward field: of the only two that kubectl does not leave empty."""
    known = path in ("metadata.name", "metadata.namespace")
    return str(part(pod, *path.split(".")) or "") if known else ""


def _read_amount(ref: Mapping[str, Any], container: dict[str, Any]) -> str:
    kind, _, resource = str(ref.get("resource") or "").partition(".")
    amount = parse_quantity(mapping(container, "resources", kind).get(resource))
    divisor = parse_quantity(ref.get("divisor")) or 1
    if amount is None:
        return "node allocatable" if kind == "limits" and resource in ("cpu", "memory") else "0"
    return str(math.ceil(amount / divisor))


def _describe_mounts(writer: Writer, container: dict[str, Any]) -> None:
    mounts = sorted(entries(container, "volumeMounts"), key=lambda m: str(m.get("mountPath")))
    writer.line("Mounts:" + ("" if mounts else f"\t{NONE}"), 2)
    for mount in mounts:
        flags = "ro" if mount.get("readOnly") else "rw"
        sub = f',path="{mount["subPath"]}"' if mount.get("subPath") else ""
        writer.line(f"{mount.get('mountPath')} from {mount.get('name')} ({flags}{sub})", 3)
    devices = sorted(entries(container, "volumeDevices"), key=lambda d: str(d.get("devicePath")))
    if devices:
        writer.line("Devices:", 2)
    for device in devices:
        writer.line(f"{device.get('devicePath')} from {device.get('name')}", 3)

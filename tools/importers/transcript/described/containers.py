"""Containers in a description: what they are, and how they fare."""

import re
from collections.abc import Sequence

from tools.importers.transcript.ages import parse_date
from tools.importers.transcript.described.probes import read_probe
from tools.importers.transcript.objects import prune, read_number
from tools.importers.transcript.outline import NOTHING, Node, split_pair
from tools.importers.transcript.section import Raw

_PORT = re.compile(r"(\d{1,5})/([A-Z]{2,5})(?: \(([\w-]+)\))?")
_FROM_KEY = re.compile(r"<set to the key '([^']*)' (?:in|of) (secret|config map) '([^']*)'>")
_FROM_FIELD = re.compile(r"[^()]*\(v\d\w*:([\w.\[\]'/-]+)\)")
_FROM_RESOURCE = re.compile(r".*\(((?:limits|requests)\.[\w.-]+)\)")
_ENV_SOURCE = re.compile(r"(\S+)\s+(ConfigMap|Secret)\b(?: with prefix '([^']*)')?")
_MOUNT = re.compile(r"(\S.*) from (\S+) \(([^)]*)\)")
_SUBPATH = re.compile(r'path="([^"]*)"')


def read_containers(holder: Node) -> list[tuple[Raw, Raw]]:
    """(spec, status) of each container under ``Containers:``; the status is empty in a template."""
    return [_read_container(node) for node in holder.children if node.text.endswith(":")]


def _read_container(node: Node) -> tuple[Raw, Raw]:
    name = node.text[:-1]
    spec = {"name": name} | prune(
        {
            "image": node.get("Image"),
            "ports": _read_ports(node),
            "command": join_script(node.find("Command").block()),
            "args": join_script(node.find("Args").block()),
            "env": _read_env(node.find("Environment")),
            "envFrom": _read_env_sources(node.find("Environment Variables from")),
            "resources": prune(
                {key.lower(): _read_amounts(node.find(key)) for key in ("Limits", "Requests")}
            ),
            "livenessProbe": read_probe(node.get("Liveness")),
            "readinessProbe": read_probe(node.get("Readiness")),
            "startupProbe": read_probe(node.get("Startup")),
            "volumeMounts": _read_mounts(node.find("Mounts")),
        }
    )
    return _join_command(spec), _read_status(name, node) if node.has("State") else {}


def _join_command(spec: Raw) -> Raw:
    """A script after ``-c`` is one argument, though it is printed on many lines."""
    if spec.get("args") and (spec.get("command") or [""])[-1] in _SCRIPT_FLAGS:
        spec["args"] = ["\n".join(spec["args"])]
    return spec


_SCRIPT_FLAGS = ("-c", "-ec", "-lc", "-euc", "-exc", "-ce", "-cx", "-xc", "-eu -c")


def join_script(words: Sequence[str]) -> list[str]:
    """Arguments, with all that follows a shell's ``-c`` put together."""
    for position, word in enumerate(words[:-1]):
        if word in _SCRIPT_FLAGS:
            return [*words[: position + 1], "\n".join(words[position + 1 :])]
    return list(words)


def _read_ports(node: Node) -> list[Raw]:
    ports = _PORT.findall(node.get("Ports", "Port"))
    hosts = [int(port) for port, _, _ in _PORT.findall(node.get("Host Ports", "Host Port"))]
    hosts += [0] * (len(ports) - len(hosts))
    return [
        {"containerPort": int(port), "protocol": protocol} | prune({"name": name, "hostPort": host or None})
        for (port, protocol, name), host in zip(ports, hosts, strict=False)
    ]


def _read_amounts(node: Node) -> dict[str, str]:
    return {child.key: child.value for child in node.children if child.key}


def _read_env(node: Node) -> list[Raw]:
    return [_read_variable(child) for child in node.children if child.key]


def _read_variable(node: Node) -> Raw:
    name, text = split_pair(node.text)
    if found := _FROM_KEY.match(text):
        where = "secretKeyRef" if found[2] == "secret" else "configMapKeyRef"
        reference = {"name": found[3], "key": found[1]} | _read_optional(text)
        return {"name": name, "valueFrom": {where: reference}}
    if found := _FROM_FIELD.fullmatch(text):
        return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": found[1]}}}
    if found := _FROM_RESOURCE.fullmatch(text):
        return {"name": name, "valueFrom": {"resourceFieldRef": {"resource": found[1]}}}
    return {"name": name, "value": "\n".join([text, *(child.text for child in node.below())])}


def _read_env_sources(node: Node) -> list[Raw]:
    sources = []
    for child in node.children:
        if found := _ENV_SOURCE.match(child.text):
            where = "secretRef" if found[2] == "Secret" else "configMapRef"
            reference = {"name": found[1]} | _read_optional(child.text)
            sources.append(prune({"prefix": found[3], where: reference}))
    return sources


def _read_optional(text: str) -> Raw:
    return {"optional": True} if text.endswith("Optional: true") else {}


def _read_mounts(node: Node) -> list[Raw]:
    mounts = []
    for child in node.children:
        if found := _MOUNT.fullmatch(child.text):
            path = _SUBPATH.search(found[3])
            mounts.append(
                {"mountPath": found[1], "name": found[2]}
                | prune(
                    {"readOnly": found[3].split(",")[0] == "ro" or None, "subPath": path[1] if path else ""}
                )
            )
    return mounts


def _read_status(name: str, node: Node) -> Raw:
    return {
        "name": name,
        "ready": node.get("Ready") == "True",
        "restartCount": read_number(node.get("Restart Count")) or 0,
        "image": node.get("Image"),
        "imageID": node.get("Image ID"),
        "state": _read_state(node.find("State")),
        "lastState": _read_state(node.find("Last State")),
    } | prune({"containerID": node.get("Container ID")})


def _read_state(node: Node) -> Raw:
    if not node.value or node.value in NOTHING:
        return {}
    told = {
        "reason": node.get("Reason"),
        "message": "\n".join(node.find("Message").lines()),
        "exitCode": read_number(node.get("Exit Code")),
        "signal": read_number(node.get("Signal")),
        "startedAt": parse_date(node.get("Started")),
        "finishedAt": parse_date(node.get("Finished")),
    }
    return {node.value.lower(): prune(told)}

"""Probes, as ``kubectl describe`` prints each on one line."""

import re

from tools.importers.transcript.objects import prune, read_number
from tools.importers.transcript.section import Raw

_NUMBERS = re.compile(
    r" delay=(\d{1,9})s timeout=(\d{1,9})s period=(\d{1,9})s #success=(\d{1,9}) #failure=(\d{1,9})$"
)
_FIELDS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_URL = re.compile(r"(\w{1,10})://([^:/\s]*):?([^/\s]*)(/\S*)?")


def read_probe(text: str) -> Raw:
    """``http-get http://:80/live delay=5s timeout=1s period=10s #success=1 #failure=3``; empty for none."""
    found = _NUMBERS.search(text)
    action, _, target = text[: found.start() if found else None].partition(" ")
    reader = _ACTIONS.get(action)
    if reader is None:
        return {}
    numbers = {key: int(value) for key, value in zip(_FIELDS, found.groups(), strict=True)} if found else {}
    return reader(target) | numbers


def _read_http(target: str) -> Raw:
    found = _URL.match(target)
    if not found:
        return {"httpGet": {"path": target}}
    scheme, host, port, path = found.groups()
    return {
        "httpGet": prune(
            {"scheme": scheme.upper(), "host": host, "port": _read_port(port), "path": path or "/"}
        )
    }


def _read_socket(target: str) -> Raw:
    host, _, port = target.strip().rpartition(":")
    return {"tcpSocket": prune({"host": host, "port": _read_port(port)})}


def _read_exec(target: str) -> Raw:
    words = target.strip().removeprefix("[").removesuffix("]").split(" ")
    if "-c" in words:
        place = words.index("-c") + 1
        words = [*words[:place], " ".join(words[place:])]
    return {"exec": {"command": words}}


def _read_grpc(target: str) -> Raw:
    address, _, service = target.strip().partition(" ")
    return {"grpc": prune({"port": _read_port(address.rpartition(":")[2]), "service": service.strip()})}


def _read_port(text: str) -> int | str | None:
    number = read_number(text)
    return text if number is None else number


_ACTIONS = {"http-get": _read_http, "tcp-socket": _read_socket, "exec": _read_exec, "grpc": _read_grpc}

"""Rows of Services, Endpoints, Ingresses and NetworkPolicies."""

import re
from collections.abc import Callable

from tools.importers.transcript.columns import Cells
from tools.importers.transcript.described.selectors import read_selector
from tools.importers.transcript.objects import prune, read_map, read_number, read_text, read_words
from tools.importers.transcript.section import Raw

_PORT = re.compile(r"(\d{1,5})(?::(\d{1,5}))?/(\w+)")
_ENDPOINT = re.compile(r"(?<![\da-fA-F.:\[])(\[?[\da-fA-F.:]+\]?):(\d{1,5})")


def _read_service(cells: Cells) -> Raw:
    ports = [
        {"port": int(port), "protocol": protocol} | prune({"nodePort": read_number(node_port)})
        for port, node_port, protocol in _PORT.findall(cells.get("PORT(S)", ""))
    ]
    kind, external = cells.get("TYPE", ""), cells.get("EXTERNAL-IP", "")
    spec = {
        "type": kind,
        "clusterIP": "None" if cells.get("CLUSTER-IP") == "None" else read_text(cells.get("CLUSTER-IP", "")),
        "ports": ports,
        "externalName": external if kind == "ExternalName" else "",
        "selector": read_map([cells.get("SELECTOR", "")]),
    }
    found = [] if kind != "LoadBalancer" or external == "<pending>" else read_words(external)
    addresses = [{"ip" if word[:1].isdigit() else "hostname": word} for word in found]
    return {"spec": prune(spec), "status": {"loadBalancer": prune({"ingress": addresses})}}


def _read_endpoints(cells: Cells) -> Raw:
    """Addresses with the same ports in one subset; ``+ 2 more...`` stays untold."""
    ports: dict[str, list[int]] = {}
    for address, port in _ENDPOINT.findall(cells.get("ENDPOINTS", "")):
        ports.setdefault(address.strip("[]"), []).append(int(port))
    subsets: dict[tuple[int, ...], list[Raw]] = {}
    for address, numbers in ports.items():
        subsets.setdefault(tuple(numbers), []).append({"ip": address})
    return {
        "subsets": [
            {"addresses": addresses, "ports": [{"port": number, "protocol": "TCP"} for number in numbers]}
            for numbers, addresses in subsets.items()
        ]
    }


def _read_ingress(cells: Cells) -> Raw:
    rules = [{} if host == "*" else {"host": host} for host in read_words(cells.get("HOSTS", ""))]
    addresses = [{"ip" if w[:1].isdigit() else "hostname": w} for w in read_words(cells.get("ADDRESS", ""))]
    spec = prune({"ingressClassName": read_text(cells.get("CLASS", "")), "rules": rules})
    return {"spec": spec, "status": {"loadBalancer": prune({"ingress": addresses})}}


def _read_network_policy(cells: Cells) -> Raw:
    return {"spec": {"podSelector": read_selector(read_text(cells.get("POD-SELECTOR", "")))}}


def _read_ingress_class(cells: Cells) -> Raw:
    return {"spec": {"controller": cells.get("CONTROLLER", "")}}


NETWORK: dict[str, Callable[[Cells], Raw]] = {
    "Service": _read_service,
    "Endpoints": _read_endpoints,
    "Ingress": _read_ingress,
    "NetworkPolicy": _read_network_policy,
    "IngressClass": _read_ingress_class,
}

"""The tables of Services and of how traffic reaches them."""

from collections.abc import Iterator
from datetime import datetime

from domain.objects import KubeObject
from tools.kubectl.tables.columns import Cells, Printer, age_of, entries, mapping, name_of, part
from tools.kubectl.tables.formats import (
    format_labels,
    format_selector,
    format_some,
    join_host_port,
    load_balancer,
)
from tools.kubectl.text import NONE, UNKNOWN, UNSET


def _fill_service(item: KubeObject, now: datetime) -> Cells:
    spec = mapping(item, "spec")
    return (
        name_of(item),
        spec.get("type") or "ClusterIP",
        part(spec, "clusterIPs", 0) or spec.get("clusterIP") or NONE,
        _external_address(item),
        ",".join(_format_port(port) for port in entries(spec, "ports")) or NONE,
        age_of(item, now),
        format_labels(spec.get("selector")),
    )


def _external_address(item: KubeObject) -> str:
    spec = mapping(item, "spec")
    extra = [str(ip) for ip in entries(spec, "externalIPs")]
    match spec.get("type") or "ClusterIP":
        case "ClusterIP" | "NodePort":
            return ",".join(extra) or NONE
        case "LoadBalancer":
            given = load_balancer(item)
            return ",".join(filter(None, [given, *extra])) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName") or "")
    return UNKNOWN


def _format_port(port: dict[str, object]) -> str:
    node_port = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node_port}/{port.get('protocol') or 'TCP'}"


def _fill_endpoints(item: KubeObject, now: datetime) -> Cells:
    subsets = entries(item, "subsets")
    shown = format_some(address for subset in subsets for address in list_addresses(subset))
    return (name_of(item), shown if subsets else NONE, age_of(item, now))


def list_addresses(subset: dict[str, object]) -> Iterator[str]:
    """The ready addresses of a subset of Endpoints, once for every port."""
    addresses = [address.get("ip", "") for address in entries(subset, "addresses")]
    ports = entries(subset, "ports")
    if not ports:
        yield from addresses
    for port in ports:
        yield from (join_host_port(ip, port.get("port")) for ip in addresses)


def _fill_slice(item: KubeObject, now: datetime) -> Cells:
    ports = [str(p.get("port") or p.get("name") or "*") for p in entries(item, "ports")]
    addresses = [ip for endpoint in entries(item, "endpoints") for ip in entries(endpoint, "addresses")]
    return (
        name_of(item),
        part(item, "addressType"),
        format_some(ports) or UNSET,
        format_some(addresses) or UNSET,
        age_of(item, now),
    )


def _fill_ingress(item: KubeObject, now: datetime) -> Cells:
    rules = entries(item, "spec", "rules")
    hosts = [rule["host"] for rule in rules[:3] if rule.get("host")]
    more = f" + {len(rules) - 3} more..." if len(rules) > 3 and len(hosts) == 3 else ""
    return (
        name_of(item),
        part(item, "spec", "ingressClassName") or NONE,
        (",".join(hosts) + more) or "*",
        load_balancer(item),
        "80, 443" if entries(item, "spec", "tls") else "80",
        age_of(item, now),
    )


def _fill_ingress_class(item: KubeObject, now: datetime) -> Cells:
    parameters = mapping(item, "spec", "parameters")
    group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
    shown = f"{parameters.get('kind')}{group}/{parameters.get('name')}" if parameters else NONE
    return (name_of(item), part(item, "spec", "controller"), shown, age_of(item, now))


def _fill_policy(item: KubeObject, now: datetime) -> Cells:
    return (name_of(item), format_selector(part(item, "spec", "podSelector")), age_of(item, now))


NETWORK = {
    "Service": Printer.of("NAME|TYPE|CLUSTER-IP|EXTERNAL-IP|PORT(S)|AGE|+SELECTOR", _fill_service),
    "Endpoints": Printer.of("NAME|ENDPOINTS|AGE", _fill_endpoints),
    "EndpointSlice": Printer.of("NAME|ADDRESSTYPE|PORTS|ENDPOINTS|AGE", _fill_slice),
    "Ingress": Printer.of("NAME|CLASS|HOSTS|ADDRESS|PORTS|AGE", _fill_ingress),
    "IngressClass": Printer.of("NAME|CONTROLLER|PARAMETERS|AGE", _fill_ingress_class),
    "NetworkPolicy": Printer.of("NAME|POD-SELECTOR|AGE", _fill_policy),
}

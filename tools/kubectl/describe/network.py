"""``kubectl describe`` of Services, Endpoints, Ingresses and NetworkPolicies."""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.objects import KubeObject
from tools.cluster.times import parse_time
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.writer import Writer
from tools.kubectl.tables.columns import entries, mapping, name_of, part
from tools.kubectl.tables.formats import (
    format_labels,
    format_selector,
    format_some,
    join_host_port,
    load_balancer,
)
from tools.kubectl.tables.network import list_addresses
from tools.kubectl.text import NONE, UNKNOWN, UNSET

_SERVICE_NAME = "kubernetes.io/service-name"


def describe_service(writer: Writer, item: KubeObject, related: Related) -> None:
    """A Service with its ports and the addresses behind each."""
    spec = mapping(item, "spec")
    writer.heading(item)
    writer.metadata(item)
    writer.field("Selector", format_labels(spec.get("selector")))
    writer.field("Type", spec.get("type") or "ClusterIP")
    writer.optional("IP Family Policy", spec.get("ipFamilyPolicy"))
    writer.field("IP Families", ",".join(entries(spec, "ipFamilies")) or NONE)
    writer.field("IP", spec.get("clusterIP") or "")
    writer.field("IPs", ",".join(entries(spec, "clusterIPs")) or NONE)
    writer.optional("External IPs", ",".join(entries(spec, "externalIPs")))
    writer.optional("Desired LoadBalancer IP", spec.get("loadBalancerIP"))
    writer.optional("External Name", spec.get("externalName"))
    writer.optional("LoadBalancer Ingress", _tell_balancer(item))
    for port in entries(spec, "ports"):
        _describe_port(writer, item, port, related)
    writer.field("Session Affinity", spec.get("sessionAffinity") or "")
    writer.optional("External Traffic Policy", spec.get("externalTrafficPolicy"))
    writer.optional("Internal Traffic Policy", spec.get("internalTrafficPolicy"))
    writer.optional("HealthCheck NodePort", spec.get("healthCheckNodePort") or None)
    writer.optional("LoadBalancer Source Ranges", ",".join(entries(spec, "loadBalancerSourceRanges")))
    writer.optional("Traffic Distribution", spec.get("trafficDistribution"))


def _tell_balancer(item: KubeObject) -> str:
    ingress = entries(item, "status", "loadBalancer", "ingress")
    modes = (f" ({i['ipMode']})" if i.get("ip") and i.get("ipMode") else "" for i in ingress)
    addresses = (str(i.get("ip") or i.get("hostname") or "") for i in ingress)
    return ", ".join(address + mode for address, mode in zip(addresses, modes, strict=True))


def _describe_port(writer: Writer, service: KubeObject, port: dict[str, Any], related: Related) -> None:
    name, protocol = port.get("name") or UNSET, port.get("protocol") or "TCP"
    writer.line(f"Port:\t{name}\t{port.get('port')}/{protocol}")
    writer.field("TargetPort", f"{port.get('targetPort', port.get('port'))}/{protocol}")
    if port.get("nodePort"):
        writer.line(f"NodePort:\t{name}\t{port['nodePort']}/{protocol}")
    writer.field("Endpoints", _tell_endpoints(name_of(service), port.get("name") or "", related))


def _tell_endpoints(service: str, port_name: str, related: Related) -> str:
    """The ready addresses of a port of a Service, by its EndpointSlices, or else by its Endpoints."""
    slices = [s for s in related.of_kind("EndpointSlice") if _service_of(s) == service]
    if slices:
        return format_some(address for s in slices for address in _ready_addresses(s, port_name))
    endpoints = next((e for e in related.of_kind("Endpoints") if name_of(e) == service), None)
    subsets = [_only_port(subset, port_name) for subset in entries(endpoints, "subsets")]
    return format_some(address for subset in subsets for address in list_addresses(subset)) or NONE


def _only_port(subset: dict[str, Any], port_name: str) -> dict[str, Any]:
    return subset | {"ports": [p for p in entries(subset, "ports") if (p.get("name") or "") == port_name]}


def _service_of(item: KubeObject) -> str:
    return str(mapping(item, "metadata", "labels").get(_SERVICE_NAME) or "")


def _ready_addresses(item: KubeObject, port_name: str) -> Iterator[str]:
    ready = [
        str(entries(endpoint, "addresses")[0])
        for endpoint in entries(item, "endpoints")
        if part(endpoint, "conditions", "ready") is not False and entries(endpoint, "addresses")
    ]
    ports = entries(item, "ports")
    if not ports:
        yield from ready
    for port in ports:
        if (port.get("name") or "") == port_name:
            yield from (join_host_port(address, port.get("port")) for address in ready)


def describe_endpoints(writer: Writer, item: KubeObject, related: Related) -> None:
    """Endpoints with ready and not ready addresses."""
    writer.heading(item)
    writer.metadata(item)
    writer.line("Subsets:")
    for subset in entries(item, "subsets"):
        for title, key in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            writer.field(title, ",".join(a.get("ip", "") for a in entries(subset, key)) or NONE, 1)
        if ports := entries(subset, "ports"):
            writer.line("Ports:", 1)
            rows = [(p.get("name") or UNSET, p.get("port"), p.get("protocol")) for p in ports]
            writer.table("Name|Port|Protocol", rows, 2)
        writer.line()


def describe_slice(writer: Writer, item: KubeObject, related: Related) -> None:
    """An EndpointSlice with the state of each endpoint."""
    writer.heading(item)
    writer.metadata(item)
    writer.field("AddressType", item.get("addressType") or "")
    ports = [
        (p.get("name") or UNSET, p.get("port") or UNSET, p.get("protocol")) for p in entries(item, "ports")
    ]
    writer.line("Ports:" if ports else f"Ports: {UNSET}")
    if ports:
        writer.table("Name|Port|Protocol", ports)
    endpoints = entries(item, "endpoints")
    writer.line("Endpoints:" if endpoints else f"Endpoints: {NONE}")
    for endpoint in endpoints:
        writer.field("- Addresses", ", ".join(entries(endpoint, "addresses")) or NONE, 1)
        writer.line("Conditions:", 2)
        ready = part(endpoint, "conditions", "ready")
        writer.field("Ready", UNSET if ready is None else str(ready).lower(), 3)
        writer.field("Hostname", endpoint.get("hostname") or UNSET, 2)
        if target := mapping(endpoint, "targetRef"):
            writer.field("TargetRef", f"{target.get('kind')}/{target.get('name')}", 2)
        writer.field("NodeName", endpoint.get("nodeName") or UNSET, 2)
        writer.field("Zone", endpoint.get("zone") or UNSET, 2)


def describe_ingress(writer: Writer, item: KubeObject, related: Related) -> None:
    """An Ingress with its rules and the endpoints behind each backend."""
    spec = mapping(item, "spec")
    writer.heading(item, namespaced=False)
    writer.labels("Labels", mapping(item, "metadata", "labels"))
    writer.field("Namespace", part(item, "metadata", "namespace") or "")
    writer.field("Address", load_balancer(item))
    writer.field("Ingress Class", spec.get("ingressClassName") or NONE)
    default = mapping(spec, "defaultBackend") or mapping(spec, "backend")
    default_text = _tell_backend(default, related) if default else "<default>"
    writer.field("Default backend", default_text)
    _describe_tls(writer, entries(spec, "tls"))
    rules = [rule for rule in entries(spec, "rules") if rule.get("http")]
    writer.line("Rules:")
    writer.table("Host|Path|Backends", [] if rules else [("*", "*", default_text)])
    for rule in rules:
        writer.line(f"{rule.get('host') or '*'}\t", 1)
        for path in entries(rule, "http", "paths"):
            writer.line(f"\t{path.get('path') or ''} \t{_tell_backend(mapping(path, 'backend'), related)}", 2)
    writer.annotations("Annotations", mapping(item, "metadata", "annotations"))


def _describe_tls(writer: Writer, tls: list[dict[str, Any]]) -> None:
    if tls:
        writer.line("TLS:")
    for entry in tls:
        hosts, secret = ",".join(entries(entry, "hosts")), entry.get("secretName")
        writer.line(f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}", 1)


def _tell_backend(backend: dict[str, Any], related: Related) -> str:
    """``web:80 (10.0.0.1:8080)``; an error in place of the addresses for a Service that is not there."""
    if resource := mapping(backend, "resource"):
        group = resource.get("apiGroup") or NONE
        return f"APIGroup: {group}, Kind: {resource.get('kind')}, Name: {resource.get('name')}"
    service = mapping(backend, "service")
    name = str(service.get("name") or backend.get("serviceName") or "")
    port = part(service, "port", "number") or part(service, "port", "name") or backend.get("servicePort")
    found = next((s for s in related.of_kind("Service") if name_of(s) == name), None)
    if found is None:
        return f'{name}:{port} (<error: services "{name}" not found>)'
    ports = entries(found, "spec", "ports")
    port_name = next((p.get("name") or "" for p in ports if port in (p.get("port"), p.get("name"))), "")
    return f"{name}:{port} ({_tell_endpoints(name, port_name, related)})"


def describe_ingress_class(writer: Writer, item: KubeObject, related: Related) -> None:
    """An IngressClass with its controller."""
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.field("Controller", part(item, "spec", "controller") or "")
    if parameters := mapping(item, "spec", "parameters"):
        writer.line("Parameters:")
        writer.optional("APIGroup", parameters.get("apiGroup"), 1)
        writer.field("Kind", parameters.get("kind"), 1)
        writer.field("Name", parameters.get("name"), 1)


def describe_network_policy(writer: Writer, item: KubeObject, related: Related) -> None:
    """A NetworkPolicy in sentences: which traffic it allows."""
    spec = mapping(item, "spec")
    selector = format_selector(spec.get("podSelector"))
    everyone = f"    {NONE} (Allowing the specific traffic to all pods in this namespace)"
    types = entries(spec, "policyTypes")
    writer.heading(item)
    created = parse_time(part(item, "metadata", "creationTimestamp"))
    writer.field("Created on", f"{created:%Y-%m-%d %H:%M:%S} +0000 UTC" if created else UNKNOWN)
    writer.metadata(item)
    writer.line("Spec:")
    writer.line(f"PodSelector: {everyone if selector == NONE else '    ' + selector}", 1)
    for direction, peers, word in (("Ingress", "from", "From"), ("Egress", "to", "To")):
        lower = direction.lower()
        if direction not in types:
            writer.line(f"Not affecting {lower} traffic", 1)
            continue
        writer.line(f"Allowing {lower} traffic:", 1)
        _describe_rules(writer, entries(spec, lower), lower, peers, word)
    writer.line(f"Policy Types: {', '.join(types) or NONE}", 1)


def _describe_rules(
    writer: Writer, rules: Sequence[dict[str, Any]], direction: str, peers: str, word: str
) -> None:
    if not rules:
        writer.line(f"{NONE} (Selected pods are isolated for {direction} connectivity)", 2)
    for index, rule in enumerate(rules):
        if index:
            writer.line("----------", 2)
        for port in entries(rule, "ports"):
            writer.line(_tell_policy_port(port), 2)
        if not entries(rule, "ports"):
            writer.line("To Port: <any> (traffic allowed to all ports)", 2)
        for peer in entries(rule, peers):
            writer.line(f"{word}:", 2)
            for line in _tell_peer(peer):
                writer.line(line, 3)
        if not entries(rule, peers):
            limit = "source" if word == "From" else "destination"
            writer.line(f"{word}: <any> (traffic not restricted by {limit})", 2)


def _tell_policy_port(port: dict[str, Any]) -> str:
    protocol = port.get("protocol") or "TCP"
    if port.get("endPort"):
        return f"To Port Range: {port.get('port')}-{port['endPort']}/{protocol}"
    return f"To Port: {port.get('port', '<nil>')}/{protocol}"


def _tell_peer(peer: dict[str, Any]) -> Iterator[str]:
    if "namespaceSelector" in peer:
        yield f"NamespaceSelector: {format_selector(peer['namespaceSelector'])}"
    if "podSelector" in peer:
        yield f"PodSelector: {format_selector(peer['podSelector'])}"
    if block := mapping(peer, "ipBlock"):
        yield "IPBlock:"
        yield f"  CIDR: {block.get('cidr')}"
        yield f"  Except: {', '.join(entries(block, 'except'))}"

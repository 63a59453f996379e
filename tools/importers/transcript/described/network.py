"""``kubectl describe`` of Services, Endpoints, Ingresses and NetworkPolicies."""

import re
from collections.abc import Iterator

from tools.importers.transcript.described.selectors import read_selector
from tools.importers.transcript.described.tables import read_inner_table
from tools.importers.transcript.objects import prune, read_map, read_number, read_text, read_words
from tools.importers.transcript.outline import Node
from tools.importers.transcript.section import Raw

_SERVICE_PORT = re.compile(r"(\S+)\s+(\d{1,5})/(\w+)")
_BACKEND = re.compile(r"([\w.-]+):([\w-]+)(?: \((.*)\))?")
_TLS = re.compile(r"(?:([\w.-]+) terminates|SNI routes) ?(.*)")


def describe_service(root: Node) -> Raw:
    """The spec of a Service, and its external address."""
    spec = prune(
        {
            "type": root.get("Type"),
            "selector": read_map([root.get("Selector"), *root.find("Selector").lines()[1:]]),
            "clusterIP": root.get("IP") or ("None" if root.find("IP").value == "None" else ""),
            "externalName": root.get("External Name"),
            "ports": _read_service_ports(root),
            "sessionAffinity": root.get("Session Affinity"),
            "externalTrafficPolicy": root.get("External Traffic Policy"),
            "internalTrafficPolicy": root.get("Internal Traffic Policy"),
        }
    )
    ingress = [{"ip": address.split(" ")[0]} for address in read_words(root.get("LoadBalancer Ingress"))]
    return {"spec": spec, "status": {"loadBalancer": prune({"ingress": ingress})}}


def _read_service_ports(root: Node) -> list[Raw]:
    ports: list[Raw] = []
    for node in root.children:
        found = _SERVICE_PORT.match(node.value)
        if node.key == "Port" and found:
            ports.append({"port": int(found[2]), "protocol": found[3]} | prune({"name": read_text(found[1])}))
        elif node.key == "TargetPort" and ports:
            target = node.value.partition("/")[0]
            number = read_number(target)
            ports[-1]["targetPort"] = target if number is None else number
        elif node.key == "NodePort" and ports and found:
            ports[-1]["nodePort"] = int(found[2])
    return ports


def describe_endpoints(root: Node) -> Raw:
    """The subsets of Endpoints."""
    subsets: list[Raw] = []
    for node in root.find("Subsets").children:
        if node.key in ("Addresses", "NotReadyAddresses"):
            field = node.key[0].lower() + node.key[1:]
            if node.key == "Addresses" or not subsets:
                subsets.append({})
            if addresses := [{"ip": ip} for ip in read_words(node.value)]:
                subsets[-1][field] = addresses
        elif node.key == "Ports" and subsets:
            subsets[-1]["ports"] = [
                {"port": number, "protocol": row.get("Protocol", "TCP")}
                | prune({"name": read_text(row["Name"])})
                for row in read_inner_table(node)
                if row.get("Name") and (number := read_number(row.get("Port", ""))) is not None
            ]
    return {
        "subsets": [subset for subset in subsets if "addresses" in subset or "notReadyAddresses" in subset]
    }


def describe_ingress(root: Node) -> Raw:
    """The spec of an Ingress, and its address."""
    tls = [
        prune({"secretName": found[1], "hosts": read_words(found[2])})
        for node in root.find("TLS").children
        if (found := _TLS.match(node.text))
    ]
    spec = {
        "ingressClassName": root.get("Ingress Class"),
        "rules": list(_read_rules(root.find("Rules"))),
        "tls": tls,
        "defaultBackend": _read_backend(root.get("Default backend")),
    }
    addresses = [
        {"ip" if word[:1].isdigit() else "hostname": word} for word in read_words(root.get("Address"))
    ]
    return {"spec": prune(spec), "status": {"loadBalancer": prune({"ingress": addresses})}}


def _read_rules(node: Node) -> Iterator[Raw]:
    """Each host is on a line of its own, its paths with their backends on the lines after it."""
    rule: Raw = {}
    for child in node.below():
        words = child.text.split(None, 1)
        if words[0] == "Host" or words[0].startswith("--"):
            continue
        if len(words) == 1:
            if rule:
                yield rule
            rule = {"host": words[0], "http": {"paths": []}} if words[0] != "*" else {"http": {"paths": []}}
        elif rule and (backend := _read_backend(words[1].strip())):
            rule["http"]["paths"].append({"path": words[0], "backend": backend})
    if rule:
        yield rule


def _read_backend(text: str) -> Raw:
    found = _BACKEND.match(text)
    if not found:
        return {}
    number = read_number(found[2])
    port = {"name": found[2]} if number is None else {"number": number}
    return {"service": {"name": found[1], "port": port}}


def describe_network_policy(root: Node) -> Raw:
    """The spec of a NetworkPolicy."""
    node = root.find("Spec")
    spec: Raw = {"podSelector": read_selector(_before_remark(node.get("PodSelector")))}
    for direction, title in (("ingress", "Allowing ingress traffic"), ("egress", "Allowing egress traffic")):
        rules = node.find(title)
        if rules.line:
            spec[direction] = list(_read_policy_rules(rules, "from" if direction == "ingress" else "to"))
    spec["policyTypes"] = [word.strip() for word in node.get("Policy Types").split(",") if word.strip()]
    return {"spec": spec}


def _before_remark(text: str) -> str:
    return "" if text.startswith("<none>") else text


def _read_policy_rules(node: Node, side: str) -> Iterator[Raw]:
    """Rules are divided by a line of dashes; none at all is told in a remark."""
    rule: Raw = {}
    seen = False
    for child in node.children:
        if child.text.startswith("--"):
            yield rule
            rule, seen = {}, False
        elif child.key in ("To Port", "To Port Range"):
            seen = True
            if not child.value.startswith("<any>"):
                rule.setdefault("ports", []).append(_read_policy_port(child.value))
        elif child.key in ("From", "To"):
            seen = True
            if peer := _read_peer(child):
                rule.setdefault(side, []).append(peer)
    if seen:
        yield rule


def _read_policy_port(text: str) -> Raw:
    """``80/TCP``, or ``6000-6010/UDP``."""
    ports, _, protocol = text.partition("/")
    first, _, last = ports.partition("-")
    number, end = read_number(first), read_number(last)
    port = ports if number is None else number
    return {"port": port, "protocol": protocol or "TCP"} | prune({"endPort": end})


def _read_peer(node: Node) -> Raw:
    peer: Raw = {}
    for field, title in (("podSelector", "PodSelector"), ("namespaceSelector", "NamespaceSelector")):
        if node.has(title):
            peer[field] = read_selector(_before_remark(node.get(title)))
    block = node.find("IPBlock")
    if block.line:
        peer["ipBlock"] = prune({"cidr": block.get("CIDR"), "except": read_words(block.get("Except"))})
    return peer

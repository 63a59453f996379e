"""Objects that live tests create."""

from typing import Any

Object = dict[str, Any]


def make(kind: str, name: str, namespace: str = "", api_version: str = "v1", **parts: Any) -> Object:
    meta: Object = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta | parts.pop("metadata", {}), **parts}


HOMELESS: Object = {
    "containers": [{"name": "main", "image": "registry.example/none:1"}],
    "nodeSelector": {"disk": "imaginary"},
}
"""The spec of a Pod that no node is good enough for."""


def deployment(name: str, namespace: str) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": HOMELESS}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return make("Deployment", name, namespace, "apps/v1", metadata={"labels": labels}, spec=spec)


def definition(kind: str, plural: str, group: str) -> Object:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": [version]}
    api_version = "apiextensions.k8s.io/v1"
    return make("CustomResourceDefinition", f"{plural}.{group}", api_version=api_version, spec=spec)

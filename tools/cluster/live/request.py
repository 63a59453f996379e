"""What may be asked of an API server: collections, objects and logs, and the permission each needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from domain.errors import NotFound
from tools.cluster.reader import Resource


@dataclass(frozen=True)
class ReadRequest:
    """One GET. ``verb``, ``group``, ``resource`` and ``namespace`` name the permission it takes."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    accept: str = "application/json"
    verb: str = "get"
    group: str = ""
    resource: str = ""
    namespace: str = ""
    kind: str = ""
    name: str = ""

    def with_params(self, **params: str) -> "ReadRequest":
        """The same request with more query parameters; empty ones are left out."""
        return replace(self, params={**self.params, **{k: v for k, v in params.items() if v}})

    def __str__(self) -> str:
        """``list deployments.apps in namespace shop``: for sentences."""
        thing = f"{self.resource}.{self.group}" if self.group else self.resource or self.path
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.verb} {thing}{' ' if self.name else ''}{self.name}{where}"


def list_objects(resource: Resource, namespace: str | None, labels: str, fields: str) -> ReadRequest:
    """The request for a collection, in one namespace or (None) in all."""
    home = namespace or "" if resource.namespaced else ""
    return ReadRequest(
        path=_path(resource, home),
        verb="list",
        group=resource.group,
        resource=resource.plural,
        namespace=home,
    ).with_params(labelSelector=labels, fieldSelector=fields)


def get_object(resource: Resource, name: str, namespace: str) -> ReadRequest:
    """The request for one object; the namespace is ignored for kinds that have none.

    Raises:
        NotFound: no object can have that name.
    """
    home = namespace if resource.namespaced else ""
    return ReadRequest(
        path=f"{_path(resource, home)}/{_segment(name)}",
        group=resource.group,
        resource=resource.plural,
        namespace=home,
        kind=resource.kind,
        name=name,
    )


def get_log(pod: str, namespace: str, container: str) -> ReadRequest:
    """The request for a container's log with timestamps.

    Raises:
        NotFound: no Pod can have that name.
    """
    return ReadRequest(
        path=f"/api/v1/namespaces/{_segment(namespace)}/pods/{_segment(pod)}/log",
        params={"container": container, "timestamps": "true"},
        accept="*/*",
        resource="pods/log",
        namespace=namespace,
        kind="Pod",
        name=pod,
    )


def _path(resource: Resource, namespace: str) -> str:
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.api_version}"
    home = f"/namespaces/{_segment(namespace)}" if namespace else ""
    return f"{root}{home}/{resource.plural}"


def _segment(name: str) -> str:
    """A name as one segment of a path: none leads to another path.

    Raises:
        NotFound: it is no name that the API server accepts (its ``IsValidPathSegmentName``).
    """
    if name in ("", ".", "..") or "/" in name or "%" in name:
        raise NotFound(f"There is no object named {name!r}: no name is empty or holds '/' or '%'.")
    return quote(name, safe="")

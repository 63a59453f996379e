"""The searches of a later round: what the lines found so far point at.

A line that complains names whom it complains about: a host, an address, a port, a request that went wrong, an
exception. What those say of themselves is the next thing to read.
"""

import re
from collections.abc import Iterator, Sequence

from agents.log_retrieval.found import RankedLine
from agents.log_retrieval.leads import pod_patterns
from agents.log_retrieval.queries import FAILURE_WORDS, PER_QUERY
from domain.objects import KubeObject, ObjectRef
from domain.scope import Scope
from tools.cluster.services import find_addresses, list_workloads, selected_workloads
from tools.cluster.snapshot import Snapshot
from tools.logs.store import LogDocument, LogQuery

MOST_READ = 8
MOST_FOLLOWED = 8
"""Lines that are read for what they point at, and searches that they lead to."""

TRACE_KEYS = ("trace_id", "traceId", "trace.id", "request_id", "requestId", "correlation_id")
_TRACE = re.compile(
    r"(?i)\b(?:trace|request|correlation|req)[-_.]?id\W{1,4}([0-9a-f][0-9a-f-]{7,63}|req-[\w-]{6,40})"
)
_EXCEPTION = re.compile(r"\b[A-Z]\w{2,60}(?:Error|Exception|Fault|Timeout)\b")
_ENDPOINT = re.compile(r"\b((?:\d{1,3}\.){3}\d{1,3})(?::(\d{2,5}))?\b")


def follow_trail(
    lines: Sequence[RankedLine],
    scope: Scope,
    asked: Sequence[LogQuery],
    snapshot: Snapshot | None = None,
    only: Sequence[str] = (),
) -> tuple[LogQuery, ...]:
    """The searches that the best lines lead to and that were not asked before; none when the trail ends.

    The trail may lead into other namespaces; in ``only`` those to which a person limits the look. Without
    a snapshot nobody knows who is behind a name: then its own lines are looked for by that name.
    """
    known = set(asked)
    read = [line.document for line in lines[:MOST_READ]]
    queries = [query for document in read for query in _read_line(document, scope, snapshot)]
    fresh = (q for q in dict.fromkeys(queries) if q not in known)
    return tuple(q for q in fresh if not only or set(q.namespaces) <= set(only))[:MOST_FOLLOWED]


def _read_line(document: LogDocument, scope: Scope, snapshot: Snapshot | None) -> Iterator[LogQuery]:
    for trace in _find_traces(document):
        yield LogQuery(text=trace, namespaces=scope.namespaces, window=scope.window, limit=PER_QUERY)
    for ref in _find_named(document, snapshot) if snapshot else ():
        if not _wrote(ref, document):
            yield LogQuery(
                text=FAILURE_WORDS,
                namespaces=(ref.namespace,),
                pods=pod_patterns([ref]),
                window=scope.window,
                limit=PER_QUERY,
            )
    for name in list(dict.fromkeys(_EXCEPTION.findall(document.message)))[:2]:
        yield LogQuery(text=name, namespaces=scope.namespaces, window=scope.window, limit=PER_QUERY)


def _find_traces(document: LogDocument) -> list[str]:
    told = [document.fields[key] for key in TRACE_KEYS if document.fields.get(key)]
    return list(dict.fromkeys((*told, *_TRACE.findall(document.message))))[:2]


def _wrote(ref: ObjectRef, document: LogDocument) -> bool:
    return ref.namespace == document.namespace and f"{document.pod}-".startswith(f"{ref.name}-")


def _find_named(document: LogDocument, snapshot: Snapshot) -> Iterator[ObjectRef]:
    """The workloads behind the hosts and addresses in a line, or of the names in it."""
    for address in find_addresses(document.message):
        if service := address.service(document.namespace):
            yield from _behind(service, snapshot)
    for ip, port in _ENDPOINT.findall(document.message):
        yield from _behind_endpoint(ip, int(port or 0), document.namespace, snapshot)


def _behind(service: ObjectRef, snapshot: Snapshot) -> list[ObjectRef]:
    """The workloads of a Service of that name; where there is none, the workload of that name."""
    if item := snapshot.find(service):
        return [ObjectRef.of(workload) for workload in selected_workloads(item, snapshot)]
    named = map(ObjectRef.of, list_workloads(snapshot, service.namespace))
    return [ref for ref in named if ref.name == service.name]


def _behind_endpoint(ip: str, port: int, namespace: str, snapshot: Snapshot) -> list[ObjectRef]:
    """Whose address it is: a Pod's, a Service's; of an unknown one, the Services at that port nearby."""
    for pod in snapshot.of_kind("Pod"):
        if (pod.get("status") or {}).get("podIP") == ip:
            return [snapshot.owner(ObjectRef.of(pod))]
    services = snapshot.of_kind("Service")
    owners = [s for s in services if ip in _addresses(s)] or [
        s for s in services if port and ObjectRef.of(s).namespace == namespace and port in _ports(s)
    ]
    return [
        ObjectRef.of(workload) for service in owners for workload in selected_workloads(service, snapshot)
    ]


def _addresses(service: KubeObject) -> Sequence[str]:
    spec = service.get("spec") or {}
    return spec.get("clusterIPs") or [spec.get("clusterIP")]


def _ports(service: KubeObject) -> list[int]:
    return [entry.get("port") for entry in (service.get("spec") or {}).get("ports") or []]

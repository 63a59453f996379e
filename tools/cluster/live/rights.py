"""Which permissions of the shipped role are missing, found out by GET requests alone.

The API has a review for that (SelfSubjectRulesReview), which is a POST, and incomplete wherever an authorizer
besides RBAC decides, as the access entries of EKS do. So each permission is tried instead, on an object and
in a namespace that do not exist: an authorizer answers before anything is looked up, so 403 means no, and 404
or an empty list means yes. The door to the API server stays one that knows nothing but GET.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.errors import ClusterUnavailable
from tools.cluster.live.api import KubernetesApi
from tools.cluster.live.discovery import discover
from tools.cluster.live.request import ReadRequest, get_log, get_object, list_objects
from tools.cluster.reader import Resource
from tools.cluster.resources import BUILTIN_RESOURCES

ABSENT = "kubewhy-asks-whether-it-may"
"""The name of no object and no namespace."""

_NOT_READ = {"bindings", "secrets"}


@dataclass(frozen=True)
class Rule:
    """What a Role or ClusterRole has to grant."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]

    def __str__(self) -> str:
        """As a manifest has it, on one line."""
        resources, verbs = (", ".join(words) for words in (self.resources, self.verbs))
        return f'{{apiGroups: ["{self.group}"], resources: [{resources}], verbs: [{verbs}]}}'


async def find_missing_rules(api: KubernetesApi, namespace: str = "") -> tuple[Rule, ...]:
    """What the shipped role grants and we may not do, of the kinds that the cluster serves.

    Args:
        api: the server that decides.
        namespace: of its namespaced kinds, in this namespace; empty: of all kinds, in the whole cluster.

    Raises:
        ClusterUnavailable: the server cannot be reached, or does not let us look which kinds there are.
    """
    requests = list(_list_needed(await discover(api), namespace))
    answers = await asyncio.gather(*(_is_allowed(api, request) for request in requests))
    return _join(request for request, allowed in zip(requests, answers, strict=True) if not allowed)


def _list_needed(served: Sequence[Resource], namespace: str) -> Iterator[ReadRequest]:
    known = {(resource.group, resource.plural) for resource in served}
    for resource in BUILTIN_RESOURCES:
        written_only = resource.plural in _NOT_READ or resource.kind.endswith("Review")
        if written_only or (resource.group, resource.plural) not in known:
            continue
        if resource.namespaced or not namespace:
            chosen = list_objects(resource, namespace or None, "", f"metadata.name={ABSENT}")
            yield chosen.with_params(limit="1")
            yield get_object(resource, ABSENT, namespace or ABSENT)
    yield get_log(ABSENT, namespace or ABSENT, ABSENT)


async def _is_allowed(api: KubernetesApi, request: ReadRequest) -> bool:
    """A server behind the API server (metrics) that is down has no say in what we may do."""
    try:
        return await api.allows(request)
    except ClusterUnavailable:
        return True


def _join(refused: Iterable[ReadRequest]) -> tuple[Rule, ...]:
    """As few rules as say the same: the verbs of each resource, the resources of equal verbs in a group."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for request in refused:
        verbs.setdefault((request.group, request.resource), []).append(request.verb)
    alike = sorted((group, tuple(sorted(words)), resource) for (group, resource), words in verbs.items())
    return tuple(
        Rule(group, tuple(resource for *_, resource in found), words)
        for (group, words), found in groupby(alike, key=lambda row: row[:2])
    )

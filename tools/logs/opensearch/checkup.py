"""Whether what lies in OpenSearch is what searches need: types of fields, vectors, the age of lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from domain.settings import OpenSearchSettings
from tools.logs.opensearch.client import OpenSearchClient
from tools.logs.opensearch.documents import VECTOR
from tools.logs.opensearch.index import SearchedIndices, read_buckets, read_moment

MOST_CLUSTERS, MOST_NAMESPACES = 100, 1_000

_WHEN = frozenset({"date", "date_nanos"})
_NUMBER = frozenset({"byte", "short", "integer", "long"})
_WORD = frozenset({"keyword"})
_NAMES = ("kubernetes.namespace_name", "kubernetes.pod_name", "kubernetes.container_name")

Types = Mapping[str, frozenset[str]]
"""The types that a field has in the indices; none where no index has the field."""


@dataclass(frozen=True)
class Newest:
    """The time of the newest line of a namespace. ``cluster`` is empty where lines do not tell theirs."""

    cluster: str
    namespace: str
    time: datetime


class Checkup:
    """Looks into the indices that the settings search, with the rights that searching takes and no more."""

    def __init__(self, client: OpenSearchClient, settings: OpenSearchSettings) -> None:
        """Look through a client that somebody else closes."""
        self._client = client
        self._settings = settings
        self._target = settings.search or settings.alias

    async def identify(self) -> str:
        """Which software answers, ``opensearch 2.19.1``; of Serverless no more than its name is known.

        Raises:
            LogsUnavailable: nothing usable answers.
        """
        if self._settings.service == "aoss":
            return "OpenSearch Serverless"
        version = (await self._client.ask("GET", "/")).get("version") or {}
        return f"{version.get('distribution') or 'unknown software'} {version.get('number') or ''}".strip()

    async def read_types(self) -> Types:
        """The types of the fields that searches rest on.

        Raises:
            LogsUnavailable: there is no such index, or no answer.
        """
        names = [*self._list_names(), "@timestamp", "severity", "template_id"]
        wanted = [*names, *(f"{name}.keyword" for name in names)]
        path = f"/{quote(self._target, safe=',*-')}/_field_caps"
        answer = await self._client.ask("GET", path, fields=",".join(wanted))
        return {name: frozenset(types) for name, types in answer.get("fields", {}).items()}

    def find_wrong_types(self, types: Types) -> list[str]:
        """The fields whose type no search can use, in words: ``@timestamp is text``."""
        nothing = frozenset[str]()
        wrong = [
            f"{name} is {' and '.join(sorted(found))}"
            for name, right in (("@timestamp", _WHEN), ("severity", _NUMBER), ("template_id", _WORD))
            if (found := types.get(name, nothing)) - right
        ]
        for name in self._list_names():
            found = types.get(name, nothing)
            if found - _WORD and not types.get(f"{name}.keyword", nothing) & _WORD:
                wrong.append(f"{name} is {' and '.join(sorted(found))} without a keyword beside")
        if "@timestamp" not in types:
            wrong.append("there is no @timestamp")
        return wrong

    async def read_dimensions(self) -> frozenset[int]:
        """The lengths of the vectors of templates; none where no template was embedded yet.

        Raises:
            LogsUnavailable: there was no answer.
        """
        answer = await self._client.ask("GET", f"/{quote(self._settings.templates)}/_mapping", accept=(404,))
        indices = answer.values() if "error" not in answer else ()
        fields = (index["mappings"].get("properties", {}).get(VECTOR, {}) for index in indices)
        return frozenset(field["dimension"] for field in fields if "dimension" in field)

    async def read_newest(self, types: Types, within: timedelta) -> list[Newest]:
        """The newest line of each namespace that has one within that time, by cluster and namespace.

        Raises:
            LogsUnavailable: the indices cannot be searched.
        """
        namespaces = self._count(
            types, _NAMES[0], MOST_NAMESPACES, {"newest": {"max": {"field": "@timestamp"}}}
        )
        by_cluster = self._settings.cluster_field
        grouped = (
            self._count(types, by_cluster, MOST_CLUSTERS, {"groups": namespaces}) if by_cluster else None
        )
        since = {"range": {"@timestamp": {"gte": f"now-{int(within.total_seconds())}s"}}}
        query = {"bool": {"filter": [since]}}
        body = {"size": 0, "query": query, "aggs": {"groups": grouped or namespaces}}
        answer = await SearchedIndices(self._client, self._target).ask(body)
        if grouped is None:
            return _read_newest("", read_buckets(answer, "groups"))
        return [
            newest
            for cluster in read_buckets(answer, "groups")
            for newest in _read_newest(cluster["key"], cluster["groups"]["buckets"])
        ]

    def _list_names(self) -> list[str]:
        return [*_NAMES, *filter(None, [self._settings.cluster_field])]

    def _count(self, types: Types, name: str, size: int, within: dict[str, Any]) -> dict[str, Any]:
        beside = f"{name}.keyword"
        field = beside if "keyword" in types.get(beside, ()) else name
        return {"terms": {"field": field, "size": size}, "aggs": within}


def _read_newest(cluster: str, buckets: Sequence[Mapping[str, Any]]) -> list[Newest]:
    return [
        Newest(cluster, bucket["key"], read_moment(bucket["newest"]["value"]))
        for bucket in buckets
        if bucket["newest"]["value"] is not None
    ]

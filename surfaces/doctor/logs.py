"""The shipped logs: whether OpenSearch answers, its fields can be searched, and lines still arrive."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from domain.errors import ClusterUnavailable, InputError, LogsUnavailable, MalformedSettings
from domain.settings import Settings
from surfaces.doctor.clusters import LIMITS
from surfaces.doctor.finding import Finding, fail, limit, pass_, skip
from tools.cluster.bounds import Bounds
from tools.cluster.fleet import Fleet
from tools.cluster.live.cluster import LiveCluster
from tools.logs.opensearch.checkup import Checkup, Newest, Types
from tools.logs.opensearch.client import connect

STALE = timedelta(minutes=15)
"""A cluster always logs something; a pipeline that is this late stands still, or is falling behind."""

WITHIN = timedelta(days=1)
NOT_OURS = "app.kubernetes.io/part-of!=kubewhy"
"""Fluent Bit leaves out what Kubewhy and it write themselves."""

AHEAD = timedelta(minutes=2)
MOST_NAMED = 20


async def check_logs(settings: Settings) -> list[Finding]:
    """Check the OpenSearch of the settings."""
    if not settings.opensearch.url:
        return [skip("opensearch", "[opensearch] url is not set: Kubewhy reads the clusters' own logs")]
    try:
        client = await asyncio.to_thread(connect, settings.opensearch)
    except MalformedSettings as error:
        return [fail("opensearch", str(error), "correct [opensearch] in kubewhy.toml")]
    try:
        return await _check(Checkup(client, settings.opensearch), settings)
    finally:
        await client.close()


async def _check(checkup: Checkup, settings: Settings) -> list[Finding]:
    try:
        software = await checkup.identify()
    except LogsUnavailable as error:
        return [fail("opensearch", str(error), _advise(error, settings))]
    findings = [pass_("opensearch", f"answers at {settings.opensearch.url}, {software}")]
    try:
        types = await checkup.read_types()
    except LogsUnavailable as error:
        return [*findings, fail("mapping", str(error), _advise(error, settings))]
    if not types:
        return [
            *findings,
            fail("mapping", "no index is there to search", _advise(LogsUnavailable("(404)"), settings)),
        ]
    findings += [_judge_types(checkup, types), *await _check_vectors(checkup, settings)]
    return [*findings, *await _check_newest(checkup, types, settings)]


def _advise(error: LogsUnavailable, settings: Settings) -> str:
    """What helps against a failure; AWS says in the body of a 403 that it is about the time."""
    told, cause = str(error), error.__cause__
    if "Signature" in f"{cause} {getattr(cause, 'info', '')}":
        return "let this machine keep time by NTP: AWS refuses signatures that are five minutes off"
    if "(403)" in told:
        return "let the role or user read: es:ESHttpGet and es:ESHttpPost (aoss: a data access policy)"
    if "(401)" in told:
        return "set auth, user and password of [opensearch], or the role that signs for sigv4"
    if "(404)" in told:
        target = settings.opensearch.search or settings.opensearch.alias
        return f"start Fluent Bit and the pipeline (`kubewhy ingest`, or the function), or correct {target!r}"
    if "certificate" in told:
        return "set [opensearch] ca to the PEM file of the authority that signed it"
    return "correct [opensearch] url, start OpenSearch, or let this machine's network reach it"


def _judge_types(checkup: Checkup, types: Types) -> Finding:
    wrong = checkup.find_wrong_types(types)
    if not wrong:
        return pass_("mapping", "the fields have the types that searches need")
    return fail(
        "mapping",
        f"fields cannot be searched: {'; '.join(wrong)}",
        "an index was made before its template: run the pipeline with [ingest] prepare = true, then reindex"
        " or delete the indices of before",
    )


async def _check_vectors(checkup: Checkup, settings: Settings) -> list[Finding]:
    if settings.embeddings.use == "none" or settings.opensearch.vectors != "template":
        return []
    wanted, name = settings.embeddings.dimensions, settings.opensearch.templates
    try:
        found = await checkup.read_dimensions()
    except LogsUnavailable as error:
        return [limit("vectors", str(error), f"let the role or user read the mapping of {name}")]
    if not found:
        told = f"{name} holds no vectors yet: searches go by words alone"
        return [limit("vectors", told, "set [embeddings] use for the pipeline too, and ship a line")]
    if found != {wanted}:
        told = (
            f"vectors of {name} have {', '.join(map(str, sorted(found)))} numbers, the settings say {wanted}"
        )
        return [fail("vectors", told, f"set [embeddings] dimensions alike everywhere, or delete {name}")]
    return [pass_("vectors", f"{wanted} numbers each, as the settings say")]


async def _check_newest(checkup: Checkup, types: Types, settings: Settings) -> list[Finding]:
    try:
        newest = await checkup.read_newest(types, WITHIN)
    except LogsUnavailable as error:
        return [fail("log freshness", str(error), _advise(error, settings))]
    if not settings.opensearch.cluster_field:
        return _judge_newest("log freshness", newest)
    fleet = Fleet(settings)
    names = fleet.names or sorted({found.cluster for found in newest}) or ("",)
    clusters = settings.clusters
    lists = [_list_running(fleet, name, Bounds(name, clusters[name].namespaces)) for name in fleet.names]
    running = dict(zip(fleet.names, await asyncio.gather(*lists), strict=True))
    findings = []
    for name in names:
        of_cluster = [found for found in newest if found.cluster == name]
        part = f"log freshness {name}".strip()
        findings += _judge_newest(part, of_cluster)
        silent = running.get(name, set()) - {found.namespace for found in of_cluster}
        if of_cluster and silent:
            findings.append(_tell_silent(part, silent))
    return findings


async def _list_running(fleet: Fleet, name: str, allowed: Bounds) -> set[str]:
    """The namespaces that Pods run in, of those that may be read; none where the cluster does not tell."""
    async with LiveCluster(name, fleet.login(name), LIMITS) as cluster:
        try:
            pods = await cluster.list("Pod", labels=NOT_OURS, fields="status.phase=Running")
        except (ClusterUnavailable, InputError):
            return set()  # what is wrong with it is told by its own check
    namespaces = {str(pod["metadata"]["namespace"]) for pod in pods}
    return set(filter(allowed.allow, namespaces))


def _tell_silent(part: str, silent: Iterable[str]) -> Finding:
    return limit(
        part,
        f"Pods run, and no line of the last 24 h is there: {_cut(sorted(silent))}",
        "fine where they write nothing; else look for fluentbit.io/exclude, and at Fluent Bit on their nodes",
    )


def _judge_newest(part: str, newest: Sequence[Newest]) -> list[Finding]:
    """How far behind the pipeline is, by the youngest line; and which namespaces are behind the others."""
    look = "look at the Fluent Bit Pods, the stream's iterator age and the function's errors and dead letters"
    if not newest:
        return [
            fail(
                part,
                "no line of the last 24 h",
                f"{look}; lines carry the cluster's name as kubewhy.toml has it",
            )
        ]
    now = datetime.now(UTC)
    ages = sorted((now - found.time, found.namespace or "(nodes)") for found in newest)
    youngest = ages[0][0]
    if youngest > STALE:
        return [fail(part, f"the newest line is {_tell(youngest)} old", look)]
    if youngest < -AHEAD:
        told = f"lines are {_tell(-youngest)} ahead of this clock, from {ages[0][1]}"
        return [fail(part, told, "let nodes and this machine keep time by NTP")]
    quiet = [f"{name} {_tell(age)}" for age, name in ages if age > STALE]
    fresh = [f"{name} {_tell(age)}" for age, name in ages if age <= STALE]
    findings = [pass_(part, f"newest line by namespace: {_cut(fresh)}")]
    if quiet:
        told = f"namespaces whose newest line is older: {_cut(quiet)}"
        findings.append(
            limit(part, told, "fine where nothing runs or logs; else look for an exclusion of their Pods")
        )
    return findings


def _cut(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _tell(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"

"""The clusters: whether they answer, what their rights lack, whether our clocks agree."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from domain.errors import ClusterUnavailable, InputError
from domain.settings import ClusterSettings, Settings
from surfaces.doctor.finding import Finding, fail, limit, pass_, skip
from tools.cluster.bounds import BoundedCluster
from tools.cluster.fleet import Fleet
from tools.cluster.live.api import KubernetesApi, ReadLimits
from tools.cluster.live.request import ReadRequest
from tools.cluster.live.rights import Rule, find_missing_rules
from tools.cluster.resources import BUILTIN_RESOURCES

SKEW_SECONDS = 30.0
"""A clock that is further off puts log lines and events out of order; AWS refuses at five minutes."""

LIMITS = ReadLimits(attempts=2, attempt_seconds=10.0, total_seconds=25.0)
"""Who waits for a check does not want to wait for long."""

ROLE, NAMESPACED_ROLE = "deploy/kubernetes/rbac.yaml", "deploy/kubernetes/rbac-namespaced.yaml"
_NAMESPACED = {(resource.group, resource.plural) for resource in BUILTIN_RESOURCES if resource.namespaced}
_NAMESPACED.add(("", "pods/log"))


async def check_clusters(settings: Settings, named: str = "") -> list[Finding]:
    """Check the clusters of the settings, or the one that is named.

    Raises:
        UnknownCluster: none goes by that name.
    """
    fleet = Fleet(settings)
    names = [fleet.find(named)] if named else list(fleet.names)
    if not names:
        told = (
            "no cluster is named: [clusters.NAME] in kubewhy.toml does, or --cluster CONTEXT for this check"
        )
        return [skip("cluster", told)]
    checked = await asyncio.gather(*(_check_cluster(fleet, name, settings) for name in names))
    return [finding for findings in checked for finding in findings]


async def _check_cluster(fleet: Fleet, name: str, settings: Settings) -> list[Finding]:
    part = f"cluster {name}"
    api = KubernetesApi(fleet.login(name), LIMITS)
    try:
        begin = datetime.now(UTC)
        version = str((await api.read_json(ReadRequest("/version"))).get("gitVersion") or "unknown version")
        clock = await api.read_clock()
        findings = [pass_(part, f"answers, Kubernetes {version}"), _compare(name, begin, clock)]
        return [*findings, *await _check_rights(fleet, api, name, settings)]
    except (ClusterUnavailable, InputError) as error:
        return [fail(part, str(error), _advise_access(name, settings))]
    finally:
        await api.close()


def _advise_access(name: str, settings: Settings) -> str:
    cluster = settings.clusters.get(name, ClusterSettings())
    if cluster.in_cluster:
        return "give the Pod a ServiceAccount, and let its NetworkPolicy reach the API server"
    command = f"kubectl --context {cluster.context or name} version"
    return f"make `{command}` work with KUBECONFIG={settings.kubeconfig}"


def _compare(name: str, begin: datetime, clock: datetime | None) -> Finding:
    """Our clock against a server's, which tells whole seconds at some moment since ``begin``."""
    part = f"clock {name}"
    if clock is None:
        return limit(part, "the API server's answers carry no time", "compare the clocks by hand: date -u")
    early, late = (begin - clock).total_seconds() - 1, (datetime.now(UTC) - clock).total_seconds()
    skew = late if late < 0 else max(early, 0.0)
    if abs(skew) <= SKEW_SECONDS:
        return pass_(part, "agrees with the API server's")
    which = "behind" if skew < 0 else "ahead of"
    return fail(
        part,
        f"this machine's clock is {abs(skew):.0f} s {which} the API server's",
        "let both keep time by NTP (`timedatectl status`): ages, log windows and AWS signatures go wrong",
    )


async def _check_rights(fleet: Fleet, api: KubernetesApi, name: str, settings: Settings) -> list[Finding]:
    part = f"rights {name}"
    missing = await find_missing_rules(api)
    if not missing:
        return [pass_(part, "all that a diagnosis reads may be read, in every namespace")]
    if not settings.clusters.get(name, ClusterSettings()).namespaces:
        fix = f"kubectl apply -f {ROLE}, or add to the ClusterRole of this identity"
        return [fail(part, f"may not {_tell(missing)}", f"{fix}: {_spell(missing)}")]
    namespaces = await _find_namespaces(fleet, name)
    answers = await asyncio.gather(*(find_missing_rules(api, namespace) for namespace in namespaces))
    within = [
        _refuse_within(part, namespace, lacks)
        for namespace, lacks in zip(namespaces, answers, strict=True)
        if lacks
    ]
    if not within:
        within = [pass_(part, f"all that a diagnosis reads may be read in {', '.join(namespaces)}")]
    return [*within, *_limit_rest(part, missing)]


async def _find_namespaces(fleet: Fleet, name: str) -> list[str]:
    opened = fleet.open(name)
    try:
        return await opened.reader.allowed() if isinstance(opened.reader, BoundedCluster) else []
    finally:
        await opened.close()


def _refuse_within(part: str, namespace: str, missing: Sequence[Rule]) -> Finding:
    fix = f"kubectl apply -n {namespace} -f {NAMESPACED_ROLE}, or add to the Role of this identity there"
    return fail(part, f"may not {_tell(missing)} in namespace {namespace}", f"{fix}: {_spell(missing)}")


def _spell(missing: Sequence[Rule]) -> str:
    return "; ".join(map(str, missing))


def _limit_rest(part: str, missing: Sequence[Rule]) -> list[Finding]:
    """What no Role of a namespace can grant."""
    rest = [
        Rule(rule.group, resources, rule.verbs)
        for rule in missing
        if (resources := tuple(r for r in rule.resources if (rule.group, r) not in _NAMESPACED))
    ]
    if not rest:
        return []
    fix = f"nothing, if that is meant; else a ClusterRole with {_spell(rest)}"
    return [limit(part, f"may not {_tell(rest)}: answers will say so", fix)]


def _tell(missing: Sequence[Rule]) -> str:
    """``get, list nodes, pods; get pods/log``."""
    verbs: dict[tuple[str, ...], list[str]] = {}
    for rule in missing:
        named = (f"{name}.{rule.group}" if rule.group else name for name in rule.resources)
        verbs.setdefault(rule.verbs, []).extend(named)
    return "; ".join(f"{', '.join(words)} {', '.join(names)}" for words, names in verbs.items())

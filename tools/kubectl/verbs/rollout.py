"""``kubectl rollout status|history``, in the words of kubectl's polymorphichelpers; it never waits.

See https://github.com/kubernetes/kubectl/blob/v0.34.2/pkg/polymorphichelpers/rollout_status.go
"""

from domain.objects import KubeObject
from tools.cluster.pods import read_condition
from tools.cluster.reader import Resource
from tools.kubectl.describe.containers import describe_template
from tools.kubectl.describe.writer import Writer
from tools.kubectl.tables.columns import entries, mapping, name_of, number, part
from tools.kubectl.text import NONE, align
from tools.kubectl.verbs.request import Request, get_or_explain

_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_ONLY_ROLLING = "error: rollout status is only available for RollingUpdate strategy type"


async def tell_rollout(request: Request) -> str:
    """Where a rollout stands, or the revisions there were."""
    resource, target = request.found[0]
    item = await get_or_explain(request, resource, target.names[0])
    if isinstance(item, str):
        return item
    if request.command.subverb == "status":
        return _STATUS[resource.kind](item)
    return await _tell_history(request, resource, item)


def _tell_deployment(item: KubeObject) -> str:
    name, status = name_of(item), mapping(item, "status")
    desired = number(item, "spec", "replicas")
    updated, total = number(status, "updatedReplicas"), number(status, "replicas")
    available = number(status, "availableReplicas")
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    if number(item, "metadata", "generation") > number(status, "observedGeneration"):
        return "Waiting for deployment spec update to be observed..."
    if read_condition(item, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        return f'error: deployment "{name}" exceeded its progress deadline'
    if updated < desired:
        return f"{waiting} {updated} out of {desired} new replicas have been updated..."
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination..."
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available..."
    return f'deployment "{name}" successfully rolled out'


def _tell_daemonset(item: KubeObject) -> str:
    name, status = name_of(item), mapping(item, "status")
    desired = number(status, "desiredNumberScheduled")
    updated, available = number(status, "updatedNumberScheduled"), number(status, "numberAvailable")
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    if part(item, "spec", "updateStrategy", "type") != "RollingUpdate":
        return _ONLY_ROLLING
    if number(item, "metadata", "generation") > number(status, "observedGeneration"):
        return "Waiting for daemon set spec update to be observed..."
    if updated < desired:
        return f"{waiting} {updated} out of {desired} new pods have been updated..."
    if available < desired:
        return f"{waiting} {available} of {desired} updated pods are available..."
    return f'daemon set "{name}" successfully rolled out'


def _tell_statefulset(item: KubeObject) -> str:
    status, strategy = mapping(item, "status"), mapping(item, "spec", "updateStrategy")
    desired, updated = number(item, "spec", "replicas"), number(status, "updatedReplicas")
    observed = number(status, "observedGeneration")
    if strategy.get("type") != "RollingUpdate":
        return _ONLY_ROLLING
    if not observed or number(item, "metadata", "generation") > observed:
        return "Waiting for statefulset spec update to be observed..."
    if (ready := number(status, "readyReplicas")) < desired:
        return f"Waiting for {desired - ready} pods to be ready..."
    if "rollingUpdate" in strategy:
        wanted = desired - number(strategy, "rollingUpdate", "partition")
        if updated < wanted:
            waiting = "Waiting for partitioned roll out to finish:"
            return f"{waiting} {updated} out of {wanted} new pods have been updated..."
        return f"partitioned roll out complete: {updated} new pods have been updated..."
    if status.get("updateRevision") != status.get("currentRevision"):
        revision = status.get("updateRevision")
        return f"waiting for statefulset rolling update to complete {updated} pods at revision {revision}..."
    current, revision = number(status, "currentReplicas"), status.get("currentRevision")
    return f"statefulset rolling update complete {current} pods at revision {revision}..."


_STATUS = {"Deployment": _tell_deployment, "DaemonSet": _tell_daemonset, "StatefulSet": _tell_statefulset}


async def _tell_history(request: Request, resource: Resource, item: KubeObject) -> str:
    is_deployment = resource.kind == "Deployment"
    kind = "ReplicaSet" if is_deployment else "ControllerRevision"
    owned = [r for r in await request.reader.list(kind, request.namespace) if _is_owned_by(r, item)]
    read = _read_revision if is_deployment else lambda revision: number(revision, "revision")
    revisions = {number_: r for r in owned if (number_ := read(r))}
    path = f"{resource.kind.lower()}.{resource.group}/{name_of(item)}"
    if not revisions:
        return f"{path}\nNo rollout history found."
    if wanted := request.command.revision:
        return _tell_revision(path, wanted, revisions.get(wanted))
    rows = [
        f"{n}\t{mapping(revisions[n], 'metadata', 'annotations').get(_CAUSE) or NONE}"
        for n in sorted(revisions)
    ]
    return align("\n".join([path, "REVISION\tCHANGE-CAUSE", *rows]))


def _tell_revision(path: str, wanted: int, revision: KubeObject | None) -> str:
    if revision is None:
        return "error: unable to find the specified revision"
    template = mapping(part(revision, "spec", "template") or part(revision, "data", "spec", "template"))
    meta = mapping(template, "metadata")
    if cause := mapping(revision, "metadata", "annotations").get(_CAUSE):
        meta = meta | {"annotations": mapping(meta, "annotations") | {_CAUSE: cause}}
    writer = Writer()
    describe_template(writer, template | {"metadata": meta})
    return f"{path} with revision #{wanted}\n{writer.text()}"


def _read_revision(replicaset: KubeObject) -> int:
    text = str(mapping(replicaset, "metadata", "annotations").get(_REVISION) or "")
    return int(text) if text.isdecimal() else 0


def _is_owned_by(item: KubeObject, owner: KubeObject) -> bool:
    uid = part(owner, "metadata", "uid")
    owners = entries(item, "metadata", "ownerReferences")
    return any(o.get("uid") == uid and o.get("controller") for o in owners)

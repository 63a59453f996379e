"""``kubectl describe`` of claims, volumes and their classes."""

from domain.objects import KubeObject
from tools.kubectl.describe.related import Related
from tools.kubectl.describe.scheduling import write_node_requirement
from tools.kubectl.describe.volumes import describe_source
from tools.kubectl.describe.writer import Writer, write_time
from tools.kubectl.tables.columns import entries, mapping, name_of, number, part
from tools.kubectl.tables.formats import (
    format_access_modes,
    format_bool,
    format_labels,
    is_default_class,
    storage_class_of,
)
from tools.kubectl.text import NONE, tell_age


def describe_claim(writer: Writer, item: KubeObject, related: Related) -> None:
    """A claim with its volume and the Pods that use it."""
    spec, status = mapping(item, "spec"), mapping(item, "status")
    is_bound = bool(spec.get("volumeName"))
    writer.heading(item)
    writer.field("StorageClass", storage_class_of(item))
    writer.field("Status", _tell_phase(item, related))
    writer.field("Volume", spec.get("volumeName") or "")
    writer.metadata(item)
    writer.field("Finalizers", _tell_finalizers(item))
    writer.field("Capacity", part(status, "capacity", "storage") or "0" if is_bound else "")
    writer.field("Access Modes", format_access_modes(status.get("accessModes")) if is_bound else "")
    writer.optional("VolumeMode", spec.get("volumeMode"))
    if source := mapping(spec, "dataSource"):
        writer.line("DataSource:")
        writer.optional("APIGroup", source.get("apiGroup"), 1)
        writer.field("Kind", source.get("kind"), 1)
        writer.field("Name", source.get("name"), 1)
    users = sorted(name_of(pod) for pod in related.of_kind("Pod") if _uses(pod, name_of(item)))
    writer.several("Used By", users)
    if conditions := entries(status, "conditions"):
        writer.line("Conditions:")
        rows = [
            (
                *(f"{c.get('type')} ", f"{c.get('status')} ", f"{write_time(c.get('lastProbeTime'))} "),
                *(
                    f"{write_time(c.get('lastTransitionTime'))} ",
                    f"{c.get('reason', '')} ",
                    c.get("message", ""),
                ),
            )
            for c in conditions
        ]
        header = "Type|Status|LastProbeTime|LastTransitionTime|Reason|Message"
        writer.table(header, rows, rulers=(4, 6, 17, 18, 6, 7))


def _uses(pod: KubeObject, claim: str) -> bool:
    volumes = entries(pod, "spec", "volumes")
    return any(part(v, "persistentVolumeClaim", "claimName") == claim for v in volumes)


def _tell_phase(item: KubeObject, related: Related) -> str:
    if deleted := part(item, "metadata", "deletionTimestamp"):
        return f"Terminating (lasts {tell_age(deleted, related.now)})"
    return str(part(item, "status", "phase") or "")


def _tell_finalizers(item: KubeObject) -> str:
    return f"[{' '.join(entries(item, 'metadata', 'finalizers'))}]"


def describe_volume(writer: Writer, item: KubeObject, related: Related) -> None:
    """A PersistentVolume with its claim, its place and what backs it."""
    spec = mapping(item, "spec")
    claim = mapping(spec, "claimRef")
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.field("Finalizers", _tell_finalizers(item))
    writer.field("StorageClass", storage_class_of(item))
    writer.field("Status", _tell_phase(item, related))
    writer.field("Claim", f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "")
    writer.field("Reclaim Policy", spec.get("persistentVolumeReclaimPolicy") or "")
    writer.field("Access Modes", format_access_modes(spec.get("accessModes")))
    writer.optional("VolumeMode", spec.get("volumeMode"))
    writer.field("Capacity", part(spec, "capacity", "storage") or "0")
    _describe_affinity(writer, item)
    writer.field("Message", part(item, "status", "message") or "")
    writer.line("Source:")
    describe_source(writer, spec)


def _describe_affinity(writer: Writer, item: KubeObject) -> None:
    required = part(item, "spec", "nodeAffinity", "required")
    if required is None:
        writer.field("Node Affinity", NONE)
        return
    terms = entries(required, "nodeSelectorTerms")
    writer.line("Node Affinity:\t")
    writer.line("Required Terms:\t" + ("" if terms else NONE), 1)
    for index, term in enumerate(terms):
        rules = [write_node_requirement(rule) for rule in entries(term, "matchExpressions")]
        writer.several(f"Term {index}", rules, 2)


def describe_storage_class(writer: Writer, item: KubeObject, related: Related) -> None:
    """A StorageClass with its provisioner and parameters."""
    writer.heading(item, namespaced=False)
    writer.field("IsDefaultClass", "Yes" if is_default_class(item) else "No")
    annotations = mapping(item, "metadata", "annotations")
    shown = {key: value for key, value in annotations.items() if "last-applied" not in key}
    writer.field("Annotations", format_labels(shown))
    writer.field("Provisioner", item.get("provisioner") or "")
    writer.field("Parameters", format_labels(mapping(item, "parameters")))
    writer.field("AllowVolumeExpansion", format_bool(item.get("allowVolumeExpansion")))
    options = entries(item, "mountOptions")
    writer.line("MountOptions:" + ("" if options else f"\t{NONE}"))
    for option in options:
        writer.line(str(option), 1)
    writer.optional("ReclaimPolicy", item.get("reclaimPolicy"))
    writer.optional("VolumeBindingMode", item.get("volumeBindingMode"))
    if topologies := entries(item, "allowedTopologies"):
        writer.line("AllowedTopologies:\t")
    for index, term in enumerate(topologies):
        rules = [
            f"{rule.get('key')} in [{', '.join(entries(rule, 'values'))}]"
            for rule in entries(term, "matchLabelExpressions")
        ]
        writer.several(f"Term {index}", rules, 1)


def describe_csi_node(writer: Writer, item: KubeObject, related: Related) -> None:
    """A CSINode: the drivers on a node, and how many volumes each can attach."""
    writer.heading(item, namespaced=False)
    writer.metadata(item)
    writer.field("CreationTimestamp", write_time(part(item, "metadata", "creationTimestamp")))
    writer.line("Spec:")
    if drivers := entries(item, "spec", "drivers"):
        writer.line("Drivers:", 1)
    for driver in drivers:
        writer.line(f"{driver.get('name')}:", 2)
        writer.field("Node ID", driver.get("nodeID") or "", 3)
        if "count" in mapping(driver, "allocatable"):
            writer.line("Allocatables:", 3)
            writer.field("Count", number(driver, "allocatable", "count"), 4)
        if "topologyKeys" in driver:
            writer.field("Topology Keys", f"[{' '.join(entries(driver, 'topologyKeys'))}]", 3)

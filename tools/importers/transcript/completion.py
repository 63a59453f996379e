"""What the API server adds and nobody prints: uids, names of containers, targets of endpoints."""

import re
from uuid import UUID, uuid5

from tools.cluster.resources import builtin_kind
from tools.importers.transcript.owners import Index, complete_owners
from tools.importers.transcript.section import Raw

RECONSTRUCTED = "kubewhy.dev/reconstructed"
"""Annotation of an object that was put together from text."""

_SPACE = UUID("6f1d1c7e-4b0b-4b8b-9c59-6b75626577ff")
_CONTAINER = re.compile(
    r"(?:Created container|Started container|restarting failed container):? ([a-z0-9][-a-z0-9]{0,62})"
)
UNKNOWN_CONTAINER = "unknown"
"""Name of a container of which a text told the state but not the name."""


def complete(objects: Index, events: list[Raw], documented: set[tuple[str, str, str]]) -> None:
    """Make reconstructed objects whole.

    Args:
        objects: everything that was told of, by (kind, namespace, name).
        events: likewise.
        documented: keys of those that were printed as YAML or JSON, which are left as they are.
    """
    complete_owners(objects)
    _name_containers(objects, events)
    for key, item in objects.items():
        if key[0] == "Pod" and key not in documented:
            _tell_restart_policy(item)
    _point_endpoints(objects)
    for key, item in objects.items():
        meta = item["metadata"]
        if key not in documented:
            meta["annotations"] = (meta.get("annotations") or {}) | {RECONSTRUCTED: "true"}
        meta.setdefault("uid", make_uid(*key))
    for (_, namespace, _), item in objects.items():
        for owner in item["metadata"].get("ownerReferences") or []:
            _finish_owner(objects, namespace, owner)


def make_uid(kind: str, namespace: str, name: str) -> str:
    """A uid that is the same each time a recording is imported."""
    return str(uuid5(_SPACE, f"{kind}/{namespace}/{name}"))


def _finish_owner(objects: Index, namespace: str, owner: Raw) -> None:
    kind, name = owner.get("kind") or "", owner.get("name") or ""
    known = builtin_kind(kind)
    found = objects.get((kind, namespace, name)) or objects.get((kind, "", name))
    owner.setdefault("apiVersion", known.api_version if known else "v1")
    owner.setdefault("uid", found["metadata"]["uid"] if found else make_uid(kind, namespace, name))


def _name_containers(objects: Index, events: list[Raw]) -> None:
    """Rows of ``get pods`` count containers; their owner's template or their events name them."""
    told = _names_in_events(events)
    for (kind, namespace, name), pod in objects.items():
        if kind not in ("Pod", "PodMetrics"):
            continue
        template = _template_of(
            objects, namespace, pod if kind == "Pod" else objects.get(("Pod", namespace, name), {})
        )
        for field in ("initContainers", "containers"):
            known = [str(c.get("name") or "") for c in template.get(field) or []]
            if field == "containers":
                known += [found for found in told.get((namespace, name), []) if found not in known]
            holder = pod.get("spec") or {} if kind == "Pod" else pod
            _name_each(holder.get(field) or [], known)
            statuses = (pod.get("status") or {}).get(f"{field.removesuffix('s')}Statuses") or []
            _name_each(statuses, [str(c.get("name")) for c in holder.get(field) or []])
        if kind == "Pod":
            _take_images(pod, template)


def _tell_restart_policy(pod: Raw) -> None:
    """The policy of a Pod that does not live for ever: it is a Job's, or it is over."""
    spec, status = pod.setdefault("spec", {}), pod.get("status") or {}
    owners = {owner.get("kind") for owner in pod["metadata"].get("ownerReferences") or []}
    is_over = status.get("phase") in ("Succeeded", "Failed") and not status.get("reason")
    if "restartPolicy" not in spec and ("Job" in owners or (is_over and not owners)):
        restarts = sum(state.get("restartCount") or 0 for state in status.get("containerStatuses") or [])
        spec["restartPolicy"] = "OnFailure" if restarts else "Never"


def _name_each(entries: list[Raw], known: list[str]) -> None:
    for place, entry in enumerate(entries):
        if not entry.get("name"):
            missing = UNKNOWN_CONTAINER if not place else f"{UNKNOWN_CONTAINER}-{place + 1}"
            entry["name"] = known[place] if place < len(known) and known[place] else missing


def _take_images(pod: Raw, template: Raw) -> None:
    """A row says no more of a container than that it is there: all else comes from the template."""
    by_name = {c.get("name"): c for c in template.get("containers") or []}
    for container in (pod.get("spec") or {}).get("containers") or []:
        if set(container) == {"name"}:
            container.update(by_name.get(container["name"]) or {})


def _template_of(objects: Index, namespace: str, pod: Raw) -> Raw:
    """The spec of the nearest owner's template that names containers."""
    item: Raw | None = pod
    for _ in range(3):
        owners = ((item or {}).get("metadata") or {}).get("ownerReferences") or []
        item = next(
            (found for o in owners if (found := objects.get((o.get("kind"), namespace, o.get("name"))))), None
        )
        spec: Raw = ((((item or {}).get("spec") or {}).get("template")) or {}).get("spec") or {}
        if any(container.get("name") for container in spec.get("containers") or []):
            return spec
    return {}


def _names_in_events(events: list[Raw]) -> dict[tuple[str, str], list[str]]:
    names: dict[tuple[str, str], list[str]] = {}
    for event in events:
        about = event.get("involvedObject") or {}
        found = _CONTAINER.search(event.get("message") or "") if about.get("kind") == "Pod" else None
        if found:
            known = names.setdefault((about.get("namespace") or "", about["name"]), [])
            if (name := found[1]) not in known:
                known.append(name)
    return names


def _point_endpoints(objects: Index) -> None:
    """Say which Pod an address belongs to."""
    pods = {
        (namespace, ip): name
        for (kind, namespace, name), pod in objects.items()
        if kind == "Pod" and (ip := (pod.get("status") or {}).get("podIP"))
    }
    for (kind, namespace, _), item in objects.items():
        for subset in (item.get("subsets") or []) if kind == "Endpoints" else []:
            for address in [*(subset.get("addresses") or []), *(subset.get("notReadyAddresses") or [])]:
                if name := pods.get((namespace, str(address.get("ip")))):
                    address.setdefault("targetRef", {"kind": "Pod", "namespace": namespace, "name": name})

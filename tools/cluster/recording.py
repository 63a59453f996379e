"""A recording on disk -> objects by kind: what ``kubectl cluster-info dump -o json`` writes, and more.

Files may lie anywhere in the folder and hold a List, a typed list (``PodList``, whose items lack ``kind``
and ``apiVersion``), a single object or, in YAML, several. Kinds are read from the content, so custom
resources need no table. ``version.json`` is what ``kubectl version -o json`` prints. Metrics are lists of
``PodMetrics`` and ``NodeMetrics`` (``kubectl get --raw /apis/metrics.k8s.io/v1beta1/pods``), by convention in
``top-pods.json`` and ``top-nodes.json``.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from domain.errors import MalformedRecording
from domain.objects import KubeObject
from tools.cluster.identity import name_kind
from tools.cluster.reader import Resource
from tools.cluster.recorded_files import read_documents
from tools.cluster.recorded_logs import RecordedLogs
from tools.cluster.resources import BUILTIN_RESOURCES, builtin_kind, find_resource, is_builtin_group
from tools.cluster.secrets import drop_values

MAX_FILES = 100_000
"""A dump has one file a Pod and some a namespace; a folder with more is somebody's home."""


Named = dict[tuple[str, str], KubeObject]
"""Objects of one kind by (namespace, name)."""


@dataclass
class Recording:
    """What a folder holds, by kind.

    A custom resource that shares its kind with a built-in one goes by ``Kind.group``:
    ``Service.serving.knative.dev``.
    """

    logs: RecordedLogs
    objects: dict[str, Named] = field(default_factory=dict)
    version: str = ""

    def of_kind(self, kind: str) -> Named:
        """Objects of a kind; empty for a kind that was not recorded."""
        return self.objects.get(kind, {})

    def add(self, item: KubeObject) -> None:
        """Keep one object; the same name read again replaces the earlier one."""
        meta, kind = item["metadata"], name_kind(str(item["kind"]), _group(item))
        self.objects.setdefault(kind, {})[meta.get("namespace") or "", meta["name"]] = item


def read_recording(folder: Path) -> Recording:
    """Read everything in ``folder``, and ``../logs`` beside a folder named ``cluster``. Blocking.

    Raises:
        MalformedRecording: it holds no recording, or a file in it cannot be used.
    """
    files = sorted(islice(_walk(folder), MAX_FILES + 1))
    if len(files) > MAX_FILES:
        raise MalformedRecording(f"{folder} holds over {MAX_FILES} files: name the folder of one recording.")
    beside = folder.parent / "logs" if folder.name == "cluster" else None
    recording = Recording(RecordedLogs.find(files, beside))
    objects = [(rel, path) for rel, path in files if path.suffix in (".json", ".yaml", ".yml")]
    if not objects:
        raise MalformedRecording(
            f"{folder} holds no recording: expected what `kubectl cluster-info dump --all-namespaces "
            "-o json --output-directory DIR` writes, such as <namespace>/pods.json."
        )
    for _, path in objects:
        for document in read_documents(path):
            _take(recording, path, document)
    return recording


def _walk(folder: Path) -> Iterator[tuple[Path, Path]]:
    """(path relative to the folder, path) of every file; links that lead out of the folder are skipped."""
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(base, name)
            if not path.is_symlink() or _leads_into(folder, path):
                yield path.relative_to(folder), path


def _leads_into(folder: Path, link: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # it leads nowhere, in a circle, or where we may not look
        return False


def _take(recording: Recording, path: Path, document: Any) -> None:
    if isinstance(document, Mapping) and (version := _server_version(document)):
        recording.version = version
        return
    for number, item in enumerate(_items(path, document), 1):
        recording.add(_clean(_check(path, number, item)))


def _server_version(document: Mapping[str, Any]) -> str:
    server = document.get("serverVersion") or document
    return str(server.get("gitVersion") or "") if isinstance(server, Mapping) else ""


def _items(path: Path, document: Any) -> list[Any]:
    """The objects of a document, each with its kind and apiVersion."""
    if isinstance(document, list):
        return [_name_kind(path, item, "", "") for item in document]
    if isinstance(document, Mapping) and "items" in document and "name" not in _meta(document):
        listed = str(document.get("kind") or "List").removesuffix("List")
        version = str(document.get("apiVersion") or "") if listed else ""
        items = document["items"] or []
        if not isinstance(items, list):
            raise MalformedRecording(f"{path}: `items` is no list.")
        return [_name_kind(path, item, listed, version) for item in items]
    return [_name_kind(path, document, "", "")]


def _name_kind(path: Path, item: Any, listed: str, version: str) -> Any:
    """Give ``item`` the kind and apiVersion of its list, or else those its file's name tells."""
    if not isinstance(item, Mapping) or (item.get("kind") and item.get("apiVersion")):
        return item
    kind = item.get("kind") or listed
    if not kind:
        named = find_resource(path.stem.replace("-", ""), BUILTIN_RESOURCES)
        kind = named.kind if named else ""
    known = builtin_kind(str(kind))
    version = item.get("apiVersion") or version or (known.api_version if known else "v1")
    return {"apiVersion": version, "kind": kind, **item} if kind else item


def _check(path: Path, number: int, item: Any) -> KubeObject:
    """Return ``item`` if it has the shape of an object.

    Raises:
        MalformedRecording: it has not.
    """
    if not isinstance(item, dict) or not isinstance(item.get("kind"), str):
        raise MalformedRecording(f"{path}: item {number} is no Kubernetes object with `kind` and `metadata`.")
    name = _meta(item).get("name")
    if not isinstance(name, str) or not name:
        raise MalformedRecording(f"{path}: item {number} ({item['kind']}) has no metadata.name.")
    parts = {"metadata.labels": _meta(item).get("labels")}
    if is_builtin_group(_group(item)):
        parts |= {"spec": item.get("spec"), "status": item.get("status")}
    for part, value in parts.items():
        if value is not None and not isinstance(value, dict):
            raise MalformedRecording(f"{path}: `{part}` of {item['kind']} {name} is no mapping.")
    return item


def _clean(item: KubeObject) -> KubeObject:
    """Take the values out of a Secret; give an events.k8s.io event the field names of core/v1."""
    if item["kind"] == "Secret":
        return drop_values(item)
    if item["kind"] == "Event" and "regarding" in item:
        return {"involvedObject": item["regarding"], "message": item.get("note") or "", **item}
    return item


def _group(item: Mapping[str, Any]) -> str:
    return str(item.get("apiVersion") or "").rpartition("/")[0]


def _meta(item: Mapping[str, Any]) -> Mapping[str, Any]:
    meta = item.get("metadata")
    return meta if isinstance(meta, Mapping) else {}


def custom_resources(recording: Recording) -> list[Resource]:
    """The custom resource types: those defined, and those of which objects were recorded."""
    defined = [_read_definition(crd) for crd in recording.of_kind("CustomResourceDefinition").values()]
    known = {(resource.kind, resource.group) for resource in (*defined, *BUILTIN_RESOURCES)}
    for key, items in recording.objects.items():
        sample = next(iter(items.values()))
        group = _group(sample)
        if not (builtin_kind(key) and is_builtin_group(group)) and (key, group) not in known:
            defined.append(_guess_resource(key, sample))
    return defined


def _read_definition(crd: KubeObject) -> Resource:
    spec = crd.get("spec") or {}
    names, group = spec.get("names") or {}, spec.get("group") or ""
    versions = [v.get("name") for v in spec.get("versions") or [] if v.get("served", True)]
    kind = name_kind(names.get("kind") or "", group)
    return Resource(
        kind=kind,
        plural=names.get("plural") or crd["metadata"]["name"].partition(".")[0],
        api_version=f"{group}/{versions[0] if versions else 'v1'}",
        namespaced=spec.get("scope") != "Cluster",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
    )


def _guess_resource(key: str, sample: KubeObject) -> Resource:
    return Resource(
        kind=key,
        plural=_pluralise(str(sample["kind"]).lower()),
        api_version=str(sample.get("apiVersion") or ""),
        namespaced=bool(sample["metadata"].get("namespace")),
    )


def _pluralise(word: str) -> str:
    """English plurals as API authors form them: policies, meshes, gateways."""
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")

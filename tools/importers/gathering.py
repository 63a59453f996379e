"""What bundles of files have in common: objects, logs that may not say their namespace, and the rest."""

from pathlib import Path

import orjson

from domain.errors import MalformedRecording
from domain.objects import KubeObject
from tools.cluster.pods import list_containers
from tools.cluster.recorded_logs import ContainerRun
from tools.cluster.resources import BUILTIN_RESOURCES, find_resource, is_builtin_group
from tools.importers.files import ARCHIVES, RecordedFile
from tools.importers.incident import ImportedIncident, Leftover, is_safe_run

MAX_LEFTOVER = 256 * 1024
"""Characters kept of a text that could not be parsed; the end is what tells."""

_SECRET_PARTS = frozenset(("secret", "secrets"))


class Gathering:
    """Collects the files of a recording."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing.

        Args:
            path: the folder or archive, for its name and for errors.
        """
        self._path = path
        self._objects: dict[tuple[str, str, str, str], KubeObject] = {}
        self._logs: list[tuple[ContainerRun, RecordedFile]] = []
        self._imported = ImportedIncident(_name(path))

    def take(self, objects: list[KubeObject], plural: str = "", namespace: str = "") -> None:
        """Keep objects; the same one read again replaces the earlier one.

        Args:
            objects: what a file held.
            plural: of the kind of which the file lists every object; empty when it does not.
            namespace: where it lists them; counts for kinds that have one.
        """
        resource = find_resource(plural.replace("-", ""), BUILTIN_RESOURCES) if plural else None
        if resource:
            self._imported.listed.add((resource.kind, namespace if resource.namespaced else ""))
        for item in objects:
            meta, group = item["metadata"], str(item["apiVersion"]).rpartition("/")[0]
            self._objects[group, item["kind"], meta.get("namespace") or "", meta["name"]] = item

    def take_version(self, text: str) -> None:
        """Read the server's version from a document with ``gitVersion`` or ``info.gitVersion``."""
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        info = document.get("info") if isinstance(document, dict) else None
        version = (info if isinstance(info, dict) else document).get("gitVersion") if document else ""
        self._imported.version = version if isinstance(version, str) else ""

    def take_log(
        self, namespace: str, pod: str, container: str, file: RecordedFile, *, previous: bool
    ) -> None:
        """Keep a log; where the namespace is not told it is found by the Pod's name."""
        self._logs.append((ContainerRun(namespace, pod, container, previous), file))

    def keep(self, file: RecordedFile) -> None:
        """Keep a file as evidence text; of the data of Secrets its path alone."""
        if _SECRET_PARTS & set(file.path.parts[:-1]):
            text = "(may hold the data of a Secret: not kept)"
        elif not file.is_text:
            text = "(not text, or too large to be read)"
        else:
            text = file.text[-MAX_LEFTOVER:]
        if text.strip() not in ("", "{}", "[]", "null"):
            self._imported.leftovers.append(Leftover(str(file.path), text))

    def finish(self) -> ImportedIncident:
        """The incident.

        Raises:
            MalformedRecording: there is no object in it.
        """
        imported = self._imported
        for (group, kind, _, _), item in self._objects.items():
            is_event = kind == "Event" and is_builtin_group(group)
            (imported.events if is_event else imported.objects).append(item)
        if not imported.objects and not imported.events:
            raise MalformedRecording(f"{self._path} holds no Kubernetes object that can be read.")
        homes = self._homes()
        for run, file in sorted(self._logs, key=lambda log: not log[0].namespace):
            self._place(run, file, homes)
        return imported

    def _homes(self) -> dict[str, list[str]]:
        """The namespaces in which there is a Pod of a name."""
        homes: dict[str, list[str]] = {}
        for _, kind, namespace, name in self._objects:
            if kind == "Pod":
                homes.setdefault(name, []).append(namespace)
        return homes

    def _place(self, run: ContainerRun, file: RecordedFile, homes: dict[str, list[str]]) -> None:
        found = [run.namespace] if run.namespace else homes.get(run.pod, [])
        run = ContainerRun(found[0] if found else "", run.pod, run.container, run.previous)
        if len(found) == 1 and file.is_text and is_safe_run(run) and self._has_container(run):
            known = self._imported.logs.setdefault(run, file.text) if file.text.strip() else file.text
            if known != file.text:
                self.keep(file)
        else:
            self.keep(file)

    def _has_container(self, run: ContainerRun) -> bool:
        pod = self._objects.get(("", "Pod", run.namespace, run.pod))
        return pod is None or run.container in {container.name for container in list_containers(pod)}


def _name(path: Path) -> str:
    """The name of a folder, or of an archive without its ending."""
    name = path.resolve().name
    ending = max((ending for ending in ARCHIVES if name.endswith(ending)), key=len, default="")
    return name.removesuffix(ending) or "recording"

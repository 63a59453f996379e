"""Whose log it is: the Pod and the container behind what a command or a file named."""

from collections import defaultdict

from domain.errors import RefusedCommand
from tools.cluster.recorded_logs import ContainerRun
from tools.cluster.selectors import match_labels
from tools.importers.transcript.command import find_type
from tools.importers.transcript.completion import UNKNOWN_CONTAINER
from tools.importers.transcript.owners import Index
from tools.importers.transcript.section import LogText

MAX_SELECTORS = 100
"""Label selectors of one transcript that are looked up; each is matched with every Pod."""

PodKey = tuple[str, str]
"""(namespace, name)."""


class PodIndex:
    """The Pods of a transcript, by themselves and by what owns them."""

    def __init__(self, objects: Index) -> None:
        """Index every Pod in ``objects`` under its own name and those of its owners."""
        self._objects = objects
        self._owned: dict[tuple[str, str], list[PodKey]] = defaultdict(list)
        self._named: dict[str, list[PodKey]] = defaultdict(list)
        self._selectors = 0
        for kind, namespace, name in objects:
            if kind == "Pod":
                self._add((namespace, name))

    def _add(self, pod: PodKey) -> None:
        namespace, name = pod
        self._named[name].append(pod)
        level = [("Pod", name)]
        for _ in range(3):
            level = [owner for kind, above in level for owner in self._owners(kind, namespace, above)]
            for kind, above in level:
                self._owned[kind, f"{namespace}/{above}"].append(pod)
                self._named[above].append(pod)

    def _owners(self, kind: str, namespace: str, name: str) -> list[tuple[str, str]]:
        item = self._objects.get((kind, namespace, name)) or {"metadata": {}}
        owners = item["metadata"].get("ownerReferences") or []
        return [(owner.get("kind") or "", owner.get("name") or "") for owner in owners]

    def find_run(self, log: LogText, namespace: str) -> ContainerRun | None:
        """The container run of a log that a command printed; None when it is not one Pod's."""
        pods = [(namespace, log.pod)] if log.pod else self._find(log, namespace)
        if len(set(pods)) != 1:
            return None
        home, name = pods[0]
        return ContainerRun(home, name, log.container or self._first_container(pods[0]), log.previous)

    def _find(self, log: LogText, namespace: str) -> list[PodKey]:
        if not log.selector:
            resource = find_type(log.workload[0])
            return self._owned.get((resource.kind if resource else "", f"{namespace}/{log.workload[1]}"), [])
        self._selectors += 1
        if self._selectors > MAX_SELECTORS:
            return []
        try:
            matches = match_labels(log.selector)
        except RefusedCommand:
            return []
        pods = ((key, item) for key, item in self._objects.items() if key[:2] == ("Pod", namespace))
        return [(key[1], key[2]) for key, item in pods if matches(item)]

    def find_named(self, name: str) -> ContainerRun | None:
        """The first container of the only Pod that has a name, or belongs to what has it."""
        pods = set(self._named.get(name, []))
        if len(pods) != 1:
            return None
        pod = pods.pop()
        return ContainerRun(*pod, self._first_container(pod))

    def _first_container(self, pod: PodKey) -> str:
        item = self._objects.get(("Pod", *pod)) or {}
        containers = (item.get("spec") or {}).get("containers") or [{}]
        return containers[0].get("name") or UNKNOWN_CONTAINER

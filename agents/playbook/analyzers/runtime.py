"""Programs that run and are in trouble all the same: errors in their logs, and too little CPU time."""

from collections import defaultdict
from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene, SeenLine
from domain.objects import ObjectRef
from tools.cluster.pods import list_containers
from tools.logs.lines import read_line
from tools.logs.store import Level
from tools.logs.templates import find_template

KINDS = 5
"""Kinds of error that are quoted."""

MANY, LOUD = 5, 0.5
"""A program with that many errors, and hardly a line besides, is in trouble with this confidence."""

QUOTED = 160
"""Characters of each."""


@analyzer("errors-logged")
def find_complaints(scene: Scene) -> Iterator[Match]:
    """Workloads asked about that log errors: each kind once, the frequent first."""
    asked = set(scene.scope.workloads)
    for pod, container, lines in scene.logs_seen():
        if not {pod, scene.owner(pod)} & asked:
            continue
        kinds: dict[str, list[SeenLine]] = defaultdict(list)
        for line in lines:
            if (read_line(line.text).level or Level.INFO) >= Level.ERROR:
                kinds[find_template(line.text)].append(line)
        if kinds:
            most = sorted(kinds.values(), key=len, reverse=True)[:KINDS]
            told = "; ".join(f"“{found[-1].text[:QUOTED]}”{_count(found)}" for found in most)
            evidence = tuple(scene.note_line(pod, found[-1]) for found in most)
            count = sum(map(len, kinds.values()))
            loud = LOUD if count >= MANY and 2 * count >= len(lines) else None
            yield Match(pod, {"container": container, "errors": told}, evidence, confidence=loud)


def _count(lines: list[SeenLine]) -> str:
    return f" ({len(lines)} times)" if len(lines) > 1 else ""


@analyzer("cpu-throttled")
def find_throttled(scene: Scene) -> Iterator[Match]:
    """Containers with a CPU limit, where the question says that they are throttled: no object shows it."""
    if not any("throttl" in word.lower() for word in scene.scope.words):
        return
    for ref in scene.scope.workloads:
        for pod in scene.snapshot.pods_of(ref):
            for container in list_containers(pod):
                resources = container.spec.get("resources") or {}
                limit = (resources.get("limits") or {}).get("cpu")
                if limit and not container.init:
                    wanted = (resources.get("requests") or {}).get("cpu") or "none"
                    text = f"container {container.name} has a CPU limit of {limit} (request {wanted})"
                    subject = ObjectRef.of(pod)
                    variables = {"container": container.name, "limit": str(limit)}
                    yield Match(subject, variables, (scene.note(subject, text),))

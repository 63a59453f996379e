"""Budgets that let nobody go."""

from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.objects import ObjectRef

_EVICTION_WORDS = {
    "drain",
    "draining",
    "drained",
    "evict",
    "evicted",
    "eviction",
    "cordon",
    "maintenance",
    "upgrade",
}


@analyzer("disruption-blocked")
def find_blocked(scene: Scene) -> Iterator[Match]:
    """Budgets that allow no disruption. It is what they are for: it counts when evictions are asked about."""
    for budget in scene.snapshot.of_kind("PodDisruptionBudget"):
        ref, status = ObjectRef.of(budget), budget.get("status") or {}
        if not status.get("expectedPods") or status.get("disruptionsAllowed") != 0:
            continue
        state = (
            f"{status.get('currentHealthy', 0)} Pods are healthy, {status.get('desiredHealthy', 0)} must be"
        )
        asked = ref in scene.scope.workloads or _EVICTION_WORDS & set(scene.scope.words)
        note = scene.note(ref, f"PodDisruptionBudget {ref.name} has disruptionsAllowed 0: {state}")
        yield Match(ref, {"state": state}, (note,), object=ref, confidence=0.85 if asked else 0.3)

"""Autoscalers that cannot scale."""

from collections.abc import Iterator

from agents.playbook.analyzers.registry import analyzer
from agents.playbook.scene import Match, Scene
from domain.objects import ObjectRef
from tools.cluster.pods import read_condition


@analyzer("autoscaler-blind")
def find_blind(scene: Scene) -> Iterator[Match]:
    """Autoscalers that cannot read their metric or find their target."""
    for scaler in scene.snapshot.of_kind("HorizontalPodAutoscaler"):
        ref = ObjectRef.of(scaler)
        for kind in ("AbleToScale", "ScalingActive"):
            condition = read_condition(scaler, kind)
            if condition.get("status") == "False" and condition.get("reason") != "ScalingDisabled":
                message = str(condition.get("message") or "")
                text = f"condition {kind}=False {condition.get('reason')}: {message}"
                yield Match(ref, {"message": message}, (scene.note(ref, text),), object=ref)
                break


@analyzer("autoscaler-at-maximum")
def find_exhausted(scene: Scene) -> Iterator[Match]:
    """Autoscalers that want more replicas than they may have."""
    for scaler in scene.snapshot.of_kind("HorizontalPodAutoscaler"):
        ref, condition = ObjectRef.of(scaler), read_condition(scaler, "ScalingLimited")
        if condition.get("status") == "True" and condition.get("reason") == "TooManyReplicas":
            most = str((scaler.get("spec") or {}).get("maxReplicas"))
            text = f"condition ScalingLimited=True TooManyReplicas: maxReplicas is {most}"
            asked = ref in scene.scope.workloads or any(
                ref.name == workload.name for workload in scene.scope.workloads
            )
            yield Match(
                ref, {"most": most}, (scene.note(ref, text),), object=ref, confidence=0.7 if asked else 0.4
            )

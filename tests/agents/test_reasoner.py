"""The playbook reasoner in the loop: survey, examine, plan, diagnose on recorded incidents."""

import builtins
from pathlib import Path
from shutil import copytree

import pytest

from agents.playbook import Playbook, PlaybookReasoner
from agents.survey import survey
from agents.understanding import understand
from domain.case import CaseFile, CommandRecord
from domain.diagnosis import Outcome
from domain.errors import ClusterUnavailable
from domain.objects import KubeObject, ObjectRef
from tools.cluster.recorded import RecordedCluster
from tools.cluster.snapshot import take_snapshot
from tools.incidents import INCIDENTS, open_incident

PLAYBOOK = Playbook.load()
REASONER = PlaybookReasoner()


async def open_case(incident: str, question: str = "", cluster: RecordedCluster | None = None) -> CaseFile:
    recorded = open_incident(incident, INCIDENTS)
    cluster = cluster or recorded.cluster()
    snapshot = await take_snapshot(cluster)
    understood = understand(question or recorded.question, snapshot)
    seen = survey(understood.scope, snapshot)
    examination = PLAYBOOK.examine(snapshot, understood.scope, seen.evidence)
    return CaseFile(
        question=understood.question,
        scope=understood.scope,
        evidence=(*seen.evidence, *examination.evidence),
        findings=examination.findings,
        not_seen=seen.not_seen,
    )


async def test_a_chain_is_one_diagnosis_whose_root_is_the_missing_configmap() -> None:
    diagnosis = await REASONER.diagnose(await open_case("missing-configmap-chain"))

    assert diagnosis.missing is not None
    assert (diagnosis.missing.kind, diagnosis.missing.name) == ("ConfigMap", "cache-config")
    assert diagnosis.object is not None
    assert diagnosis.object.name == "cache-service"
    assert "container cache" in diagnosis.root_cause
    assert [link.object for link in diagnosis.chain[:2]] == [diagnosis.missing, diagnosis.object]
    assert set(diagnosis.cited) <= {item.id for item in diagnosis.evidence}


async def test_the_plan_asks_for_what_would_confirm_and_never_twice() -> None:
    case = await open_case("missing-configmap-chain")
    seen: set[str] = set()

    for _ in range(10):
        plan = await REASONER.plan(case)
        lines = {command.line for command in plan.commands}
        assert not lines & seen
        assert all(command.purpose for command in plan.commands)
        seen |= lines
        case = case.model_copy(
            update={"commands": (*case.commands, *(CommandRecord(line=line) for line in sorted(lines)))}
        )
        if plan.enough:
            break

    assert plan.enough
    assert "kubectl get configmap -n prod-apps" in seen


async def test_a_crash_without_known_cause_asks_for_the_last_words() -> None:
    plan = await REASONER.plan(await open_case("two-faults", "mailer keeps crashing"))

    assert any("logs" in c.line and "--previous" in c.line for c in plan.commands)


async def test_independent_faults_are_both_told() -> None:
    diagnosis = await REASONER.diagnose(await open_case("two-faults"))

    assert diagnosis.object is not None
    assert diagnosis.object.name == "attachments"
    assert [fault.object.name for fault in diagnosis.also] == ["mailer"]


async def test_where_nothing_is_wrong_it_says_so() -> None:
    diagnosis = await REASONER.diagnose(await open_case("healthy-noisy"))

    assert diagnosis.outcome is Outcome.HEALTHY
    assert diagnosis.object is None
    assert diagnosis.cited


async def test_a_cause_that_nothing_connects_with_the_question_is_told_with_doubt() -> None:
    sure = await REASONER.diagnose(await open_case("missing-configmap-chain"))
    doubtful = await REASONER.diagnose(await open_case("missing-configmap-chain", "what about orders?"))

    assert doubtful.object == sure.object
    assert doubtful.confidence < 0.7 < sure.confidence
    assert "Deployment orders itself shows no fault" in doubtful.summary
    assert any("not known to be connected" in caveat for caveat in doubtful.caveats)


async def test_a_namesake_elsewhere_is_not_blamed_for_the_object_asked_about(tmp_path: Path) -> None:
    for incident in ("healthy-noisy", "image-tag-not-found"):
        copytree(open_incident(incident, INCIDENTS).folder / "cluster", tmp_path, dirs_exist_ok=True)

    diagnosis = await REASONER.diagnose(await open_case("healthy-noisy", cluster=RecordedCluster(tmp_path)))

    assert diagnosis.outcome is Outcome.HEALTHY


class Blinded(RecordedCluster):
    """A cluster that does not let us read some kinds."""

    forbidden: tuple[str, ...] = ()

    async def list(
        self, kind: str, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> builtins.list[KubeObject]:
        if kind in self.forbidden or not self.forbidden:
            raise ClusterUnavailable(f"{kind} may not be listed")
        return await super().list(kind, namespace, labels=labels, fields=fields)

    async def events(
        self, namespace: str | None = None, about: ObjectRef | None = None
    ) -> builtins.list[KubeObject]:
        if not self.forbidden:
            raise ClusterUnavailable("events may not be listed")
        return await super().events(namespace, about)


async def test_what_cannot_be_read_is_said_and_does_not_count_as_healthy() -> None:
    cluster = Blinded(open_incident("healthy-noisy", INCIDENTS).folder / "cluster")
    cluster.forbidden = ("Service", "ConfigMap")

    case = await open_case("healthy-noisy", cluster=cluster)
    diagnosis = await REASONER.diagnose(case)

    assert any("Service" in sentence for sentence in case.not_seen)
    assert diagnosis.outcome is Outcome.UNKNOWN


async def test_a_cluster_that_cannot_be_read_at_all_is_unavailable() -> None:
    cluster = Blinded(open_incident("healthy-noisy", INCIDENTS).folder / "cluster")

    with pytest.raises(ClusterUnavailable):
        await open_case("healthy-noisy", cluster=cluster)

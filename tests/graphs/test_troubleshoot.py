import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agents.playbook import PlaybookReasoner
from domain.case import CaseFile, count_tokens
from domain.diagnosis import CommandPlan, Diagnosis, Outcome
from domain.errors import ClusterUnavailable, Unavailable
from domain.evidence import PlannedCommand
from domain.objects import KubeObject, ObjectRef
from domain.settings import Limits
from graphs.context import Context
from graphs.session import Clarification, Session
from graphs.threads import keep_in_memory
from tools.cluster.recorded import RecordedCluster
from tools.incidents import open_incident

CHAIN = "missing-configmap-chain"
PAYMENT = "Payment service cannot start"


class Scripted(PlaybookReasoner):
    """A reasoner with a will of its own; where the script says nothing, the playbook's."""

    def __init__(
        self,
        plan: Callable[[CaseFile], Sequence[str]] | None = None,
        diagnose: Callable[[Diagnosis], Diagnosis] | None = None,
    ) -> None:
        self._plan = plan
        self._diagnose = diagnose
        self.planned: list[CaseFile] = []
        self.diagnosed: list[CaseFile] = []

    async def plan(self, case: CaseFile) -> CommandPlan:
        self.planned.append(case)
        if self._plan is None:
            return await super().plan(case)
        return CommandPlan(commands=tuple(PlannedCommand(line=line) for line in self._plan(case)))

    async def diagnose(self, case: CaseFile) -> Diagnosis:
        self.diagnosed.append(case)
        diagnosis = await super().diagnose(case)
        return self._diagnose(diagnosis) if self._diagnose else diagnosis


async def converse(session: Session, text: str) -> tuple[list[dict[str, Any]], Diagnosis]:
    items = [item async for item in session.ask(text)]
    assert isinstance(items[-1], Diagnosis)
    return items[:-1], items[-1]


async def ask(context: Context, text: str = PAYMENT) -> tuple[list[dict[str, Any]], Diagnosis]:
    return await converse(Session(context), text)


async def test_a_chain_is_one_diagnosis_rooted_in_the_missing_configmap(prepare):
    progress, diagnosis = await ask(await prepare(CHAIN))
    assert diagnosis.outcome is Outcome.DIAGNOSED
    assert diagnosis.missing == ObjectRef(kind="ConfigMap", name="cache-config", namespace="prod-apps")
    assert diagnosis.chain[-1].object.name == "payment-service"
    assert diagnosis.citations() == {item.id for item in diagnosis.evidence}
    assert diagnosis.cluster == "local"
    nodes = list(dict.fromkeys(item["node"] for item in progress))
    assert nodes[0] == "understand"
    assert set(nodes[1:3]) == {"retrieve_logs", "survey"}
    assert nodes[3:] == ["select_model", "plan_commands", "run_command", "diagnose", "report"]


async def test_nothing_wrong_is_said_so(prepare):
    _, diagnosis = await ask(await prepare("healthy-noisy"), "Is anything wrong with checkout?")
    assert diagnosis.outcome is Outcome.HEALTHY
    assert diagnosis.object is None


async def test_log_lines_become_evidence_of_the_thread(prepare):
    reasoner = Scripted()
    await ask(await prepare(CHAIN, reasoner=reasoner))
    texts = [item.text for item in reasoner.planned[0].evidence]
    assert any("could not reach session store" in text for text in texts)


async def test_rounds_and_commands_are_bounded(prepare):
    def want_more(case: CaseFile) -> list[str]:
        return [f"kubectl get pods -n prod-apps --tail={len(case.commands)}" for _ in "a"] + [
            f"kubectl get pod absent-{len(case.commands)}-{n} -n prod-apps" for n in range(3)
        ]

    reasoner = Scripted(plan=want_more)
    _, diagnosis = await ask(await prepare(CHAIN, Limits(rounds=2, commands=50), reasoner=reasoner))
    assert len(reasoner.planned) == 2
    assert len(reasoner.diagnosed[0].commands) == 8
    assert any("2 rounds" in sentence for sentence in diagnosis.not_seen)

    reasoner = Scripted(plan=want_more)
    _, diagnosis = await ask(await prepare(CHAIN, Limits(rounds=9, commands=6), reasoner=reasoner))
    assert len(reasoner.diagnosed[0].commands) == 6
    assert any("6 commands are the limit" in sentence for sentence in diagnosis.not_seen)


async def test_a_command_is_never_repeated_however_it_is_spelled(prepare):
    spellings = iter(
        ["kubectl get pods -n prod-apps", "kubectl -n prod-apps get  pods", "get pods -n prod-apps"]
    )
    reasoner = Scripted(plan=lambda case: [next(spellings)])
    await ask(await prepare(CHAIN, reasoner=reasoner))
    assert [record.line for record in reasoner.diagnosed[0].commands] == ["kubectl get pods -n prod-apps"]


async def test_a_refusal_comes_back_and_the_round_goes_on(prepare):
    lines = [
        "kubectl delete pod x -n prod-apps",
        "kubectl get secrets -n prod-apps -o yaml; id",
        "kubectl get ns",
    ]
    reasoner = Scripted(plan=lambda case: [] if case.commands else lines)
    _, diagnosis = await ask(await prepare(CHAIN, reasoner=reasoner))
    refused, also_refused, run = sorted(reasoner.planned[1].commands, key=lambda r: lines.index(r.line))
    assert refused.refusal and not refused.evidence
    assert also_refused.refusal
    assert run.evidence and not run.refusal
    assert diagnosis.outcome is Outcome.DIAGNOSED


async def test_what_does_not_exist_is_evidence(prepare):
    line = "kubectl get configmap cache-config -n prod-apps"
    reasoner = Scripted(plan=lambda case: [] if case.commands else [line])
    await ask(await prepare(CHAIN, reasoner=reasoner))
    case = reasoner.planned[1]
    (record,) = case.commands
    (id_,) = record.evidence
    assert "not found" in case.by_id()[id_].text
    assert case.by_id()[id_].object == ObjectRef(kind="ConfigMap", name="cache-config", namespace="prod-apps")


async def test_a_log_store_that_is_down_is_said_and_survived(prepare):
    context = await prepare(CHAIN)
    await (await context.open()).logs.close()
    _, diagnosis = await ask(context)
    assert diagnosis.outcome is Outcome.DIAGNOSED
    assert any("log store" in sentence.lower() for sentence in diagnosis.not_seen)


class Unreachable(RecordedCluster):
    async def list(self, *arguments: Any, **options: Any) -> list[KubeObject]:
        raise ClusterUnavailable("The API server of 'local' refuses connections.")

    events = list
    get = list  # type: ignore[assignment]
    logs = list  # type: ignore[assignment]


class Slow(RecordedCluster):
    async def list(self, *arguments: Any, **options: Any) -> list[KubeObject]:
        await asyncio.sleep(30)
        return []


def broken(kind: type[RecordedCluster]) -> RecordedCluster:
    incident = open_incident(CHAIN)
    return kind(incident.folder / "cluster", name=incident.cluster_name, now=incident.recorded_at)


async def test_a_cluster_that_is_down_is_said_and_the_logs_still_read(prepare):
    context = await prepare(CHAIN, cluster=broken(Unreachable))
    progress, diagnosis = await ask(context)
    assert diagnosis.outcome is Outcome.UNKNOWN
    assert any("refuses connections" in sentence for sentence in diagnosis.not_seen)
    assert any("giving up" in line for item in progress for line in item.get("found", ()))


async def test_time_is_bounded(prepare):
    context = await prepare(CHAIN, Limits(wall_seconds=0.3), cluster=broken(Slow))
    began = time.monotonic()
    _, diagnosis = await ask(context)
    assert time.monotonic() - began < 5
    assert any("0.3 s" in sentence for sentence in diagnosis.not_seen)


async def test_an_unsupported_citation_is_sent_back_once_with_the_reason(prepare):
    def invent(diagnosis: Diagnosis) -> Diagnosis:
        return diagnosis.model_copy(update={"cited": ("E00000bad",)})

    reasoner = Scripted(diagnose=invent)
    _, diagnosis = await ask(await prepare(CHAIN, reasoner=reasoner))
    assert len(reasoner.diagnosed) == 2
    contested = reasoner.diagnosed[1].previous
    assert contested is not None and "E00000bad" in contested.caveats[0]
    honest = await PlaybookReasoner().diagnose(reasoner.diagnosed[1])
    assert diagnosis.confidence < honest.confidence
    assert any("E00000bad" in caveat for caveat in diagnosis.caveats)
    assert all(item.id != "E00000bad" for item in diagnosis.evidence)


async def test_a_diagnosis_that_is_mended_keeps_its_confidence(prepare):
    calls: list[Diagnosis] = []

    def invent_once(diagnosis: Diagnosis) -> Diagnosis:
        calls.append(diagnosis)
        return diagnosis.model_copy(update={"cited": ()}) if len(calls) == 1 else diagnosis

    _, diagnosis = await ask(await prepare(CHAIN, reasoner=Scripted(diagnose=invent_once)))
    assert len(calls) == 2
    assert diagnosis.confidence == calls[1].confidence
    assert not diagnosis.caveats


class Down(PlaybookReasoner):
    name = "some.model"

    async def plan(self, case: CaseFile) -> CommandPlan:
        raise Unavailable("some.model is throttled.")

    async def diagnose(self, case: CaseFile) -> Diagnosis:
        raise Unavailable("some.model is throttled.")


async def test_the_playbook_answers_when_the_reasoner_is_down(prepare):
    _, diagnosis = await ask(await prepare(CHAIN, reasoner=Down()))
    assert diagnosis.outcome is Outcome.DIAGNOSED
    assert diagnosis.reasoner == "playbook"
    assert any("The playbook answered instead" in sentence for sentence in diagnosis.not_seen)


async def test_a_reasoner_sees_no_more_evidence_than_its_budget(prepare):
    reasoner = Scripted()
    await ask(await prepare("two-faults", Limits(evidence_tokens=500), reasoner=reasoner), "What is wrong?")
    for case in (*reasoner.planned, *reasoner.diagnosed):
        assert sum(count_tokens(item.text) for item in case.evidence) <= 500


async def test_a_checkpoint_gives_back_what_was_put_in(prepare, caplog: pytest.LogCaptureFixture):
    saver = keep_in_memory()
    context = await prepare(CHAIN)
    with caplog.at_level(logging.WARNING):
        _, diagnosis = await converse(Session(context, "t", saver), PAYMENT)
        kept = await saver.aget({"configurable": {"thread_id": "t"}})
    assert not caplog.records
    assert kept is not None
    values = kept["channel_values"]
    assert values["diagnosis"] == diagnosis
    assert [type(item).__name__ for item in values["evidence"]] == ["Evidence"] * len(values["evidence"])
    assert values["turns"][0].question == PAYMENT


async def test_a_verification_looks_afresh_and_runs_the_commands_named_for_it(prepare):
    session = Session(await prepare(CHAIN))
    _, first = await converse(session, PAYMENT)
    progress, second = await converse(session, "did the fix work?")
    assert second.outcome is Outcome.NOT_VERIFIED
    assert second.object == first.object
    assert {"plan_commands", "retrieve_logs"}.isdisjoint(item["node"] for item in progress)
    lines = {item["command"] for item in progress if "command" in item}
    assert {command.line for command in first.verification} == lines


async def test_a_follow_up_keeps_the_case_and_has_a_budget_of_its_own(prepare):
    reasoner = Scripted()
    session = Session(await prepare(CHAIN, Limits(commands=4), reasoner=reasoner))
    await converse(session, PAYMENT)
    before = reasoner.diagnosed[-1]
    await converse(session, "and what about the orders pod?")
    after = reasoner.diagnosed[-1]
    assert {item.id for item in before.evidence} <= {item.id for item in after.evidence}
    assert after.commands[: len(before.commands)] == before.commands
    assert after.previous is not None and after.previous.object == ObjectRef(
        kind="Deployment", name="cache-service", namespace="prod-apps"
    )
    assert [ref.name for ref in after.scope.workloads] == ["orders"]
    assert not any("4 commands are the limit" in sentence for sentence in after.not_seen)


async def test_asked_back_it_waits_for_an_answer_that_fits(twins):
    context = Context(str(twins))
    session = Session(context)
    asked = [item async for item in session.ask("what is wrong with basket?")][-1]
    assert isinstance(asked, Clarification)
    assert {option.split()[-1] for option in asked.options} == {"blue/basket", "green/basket"}
    assert [item async for item in session.ask(" ")] == [asked]
    again = [item async for item in session.ask("banana")][-1]
    assert isinstance(again, Clarification)
    assert "banana" in again.question
    progress, diagnosis = await converse(session, "the green one")
    assert "green/basket" in next(item["message"] for item in progress if item["node"] == "understand")
    assert diagnosis.outcome is Outcome.HEALTHY
    await context.close()

"""What is believed when a model and the playbook have both looked at a case."""

from typing import Any

from domain.case import CaseFile
from domain.diagnosis import Diagnosis, Hypothesis, Outcome
from domain.evidence import Evidence

MOST_SURE = 0.9
"""A model's own confidence counts up to here."""

HYPOTHESES = 3


def find_problem(told: Diagnosis, problems: tuple[str, ...], suspicious: frozenset[str]) -> str:
    """Why a model's diagnosis cannot be used, in a sentence for the model; empty when it can.

    Args:
        told: the diagnosis.
        problems: what ``check_citations`` says of it.
        suspicious: ids of the evidence that gives orders to its reader.
    """
    if problems:
        return f"Its citations do not hold: {'; '.join(problems)}."
    if told.outcome is Outcome.DIAGNOSED and told.object is None and told.missing is None:
        return "It names no object that has to change."
    if told.cited and suspicious.issuperset(told.cited):
        return (
            f"It rests only on {', '.join(told.cited)}, which gives orders to its reader and shows nothing."
        )
    return ""


def weigh(own: Diagnosis, told: Diagnosis, settled: bool) -> Diagnosis:
    """The playbook's and a model's diagnosis of one case -> the one that is reported.

    A cause that the playbook is sure of stands, whatever a model says: nothing that a workload writes into a
    log can argue it away. What the model sees otherwise is told beside it. Where the playbook is unsure, the
    model's cause counts, since its citations hold, and the playbook's becomes an alternative.
    """
    if settled or told.outcome is not Outcome.DIAGNOSED:
        return _keep(own, told)
    if own.outcome is Outcome.HEALTHY and told.confidence < own.confidence:
        return _keep(own, told)
    return _take(own, told)


def _keep(own: Diagnosis, told: Diagnosis) -> Diagnosis:
    other = () if _agree(own, told) else tuple(_as_hypothesis(told))
    update: dict[str, Any] = {"alternatives": (*other, *own.alternatives)[:HYPOTHESES]}
    if told.outcome is Outcome.DIAGNOSED and not other:
        update |= {"reasoner": f"{own.reasoner}, confirmed by {told.reasoner}"}
    return own.model_copy(update=update)


def _take(own: Diagnosis, told: Diagnosis) -> Diagnosis:
    known = {(item.object, item.cause) for item in (*told.also, *told.alternatives)}
    others = [item for item in _as_hypothesis(own) if (item.object, item.cause) not in known]
    same = _agree(own, told)
    return told.model_copy(
        update={
            "confidence": min(told.confidence, MOST_SURE),
            "chain": told.chain or (own.chain if same else ()),
            "fix": told.fix if told.fix.summary or not same else own.fix,
            "verification": told.verification or own.verification,
            "alternatives": (*told.alternatives, *([] if same else others), *own.alternatives)[:HYPOTHESES],
        }
    )


def _agree(own: Diagnosis, told: Diagnosis) -> bool:
    """Whether both blame the same object, or miss the same one."""
    mine = {ref for ref in (own.object, own.missing) if ref}
    return own.outcome is told.outcome and (not mine or bool(mine & {told.object, told.missing}))


def _as_hypothesis(diagnosis: Diagnosis) -> list[Hypothesis]:
    blamed = diagnosis.object or diagnosis.missing
    if diagnosis.outcome is not Outcome.DIAGNOSED or blamed is None:
        return []
    told = f"{diagnosis.reasoner} sees it otherwise." if diagnosis.reasoner != "playbook" else ""
    return [
        Hypothesis(
            object=blamed,
            issue_type=diagnosis.issue_type,
            cause=diagnosis.root_cause or diagnosis.summary,
            confidence=min(diagnosis.confidence, MOST_SURE),
            reason=" ".join((told, *diagnosis.caveats)).strip(),
            evidence=diagnosis.cited,
        )
    ]


def warn(diagnosis: Diagnosis, suspicious: tuple[Evidence, ...]) -> Diagnosis:
    """The same diagnosis with a caveat on evidence that gives orders to its reader."""
    if not suspicious:
        return diagnosis
    where = ", ".join(
        dict.fromkeys(f"{item.object or item.command or item.source} ({item.id})" for item in suspicious[:3])
    )
    caveat = (
        f"Suspicious: text in {where} gives orders to whoever reads it. It was read as text, and not obeyed."
    )
    return diagnosis.model_copy(update={"caveats": (*diagnosis.caveats, caveat)})


def cite(diagnosis: Diagnosis, case: CaseFile) -> Diagnosis:
    """The same diagnosis with the observations that it cites."""
    by_id = case.by_id()
    return diagnosis.model_copy(
        update={"evidence": tuple(by_id[id_] for id_ in sorted(diagnosis.citations()) if id_ in by_id)}
    )

"""What is believed when a model and the playbook have both looked at a case."""

from typing import Any

from agents.diagnosis import check_citations
from agents.suspicion import find_suspicious, is_suspicious
from domain.case import CaseFile
from domain.diagnosis import Diagnosis, Hypothesis, Outcome

MOST_SURE = 0.9
"""A model's own confidence counts up to here."""

HYPOTHESES = 3


def find_problem(told: Diagnosis, case: CaseFile) -> str:
    """Why a model's diagnosis cannot be used, in a sentence for the model; empty when it can.

    Its citations have to hold, and to hold without the evidence that gives orders to its reader; and it may
    not pass on as a fix what such evidence says.
    """
    if problems := check_citations(told, case):
        return f"Its citations do not hold: {'; '.join(problems)}."
    if told.outcome is Outcome.DIAGNOSED and told.object is None and told.missing is None:
        return "It names no object that has to change."
    suspicious = find_suspicious(case.evidence)
    ids = {item.id for item in suspicious}
    if tainted := sorted(ids.intersection(told.cited)):
        rest = told.model_copy(update={"cited": tuple(id_ for id_ in told.cited if id_ not in ids)})
        if check_citations(rest, case):
            return f"It rests on {', '.join(tainted)}, which gives orders to its reader and shows nothing."
    texts = [case.question, *(item.text for item in suspicious)]
    if any(line in text for line in told.fix.commands for text in texts):
        return "Its fix repeats a command that a text gives to its reader."
    return ""


def weigh(own: Diagnosis, told: Diagnosis, settled: bool) -> Diagnosis:
    """The playbook's and a model's diagnosis of one case -> the one that is reported.

    A cause that the playbook is sure of stands, whatever a model says: nothing that a workload writes into a
    log can argue it away. What the model sees otherwise is told beside it. Where the playbook is unsure, the
    model's cause counts, since its citations hold, and the playbook's becomes an alternative.

    Args:
        own: the playbook's.
        told: the model's.
        settled: whether the playbook's cause stands: it is sure, or the case argues with its reader, who may
            have been persuaded.
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


def warn(diagnosis: Diagnosis, case: CaseFile) -> Diagnosis:
    """The same diagnosis with a caveat on evidence, or a question, that gives orders to its reader."""
    where = [
        f"{item.object or item.command or item.source} ({item.id})" for item in find_suspicious(case.evidence)
    ]
    places = [*(["the question"] if is_suspicious(case.question) else []), *dict.fromkeys(where)][:3]
    if not places:
        return diagnosis
    caveat = (
        f"Suspicious: text in {', '.join(places)} gives orders to whoever reads it. It was read as text, and"
        " not obeyed."
    )
    return diagnosis.model_copy(update={"caveats": (*diagnosis.caveats, caveat)})


def cite(diagnosis: Diagnosis, case: CaseFile) -> Diagnosis:
    """The same diagnosis with the observations that it cites."""
    by_id = case.by_id()
    return diagnosis.model_copy(
        update={"evidence": tuple(by_id[id_] for id_ in sorted(diagnosis.citations()) if id_ in by_id)}
    )

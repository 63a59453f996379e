"""Output of kubectl that a question holds: parted from the words, remembered, and laid over the cluster."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from agents.understanding import Understanding
from domain.errors import Unavailable
from domain.evidence import Evidence, Source
from domain.objects import ObjectRef
from tools.cluster.overlaid import OverlaidCluster
from tools.cluster.pods import is_well
from tools.cluster.reader import ClusterReader
from tools.cluster.snapshot import Snapshot
from tools.importers.incident import ImportedIncident
from tools.importers.pasted import extract_pasted
from tools.incidents import open_imported
from tools.redaction import Redactor

NOTHING_ASKED = "What is wrong?"
MARK = "  # pasted"
"""Behind the command of evidence that was pasted: a shell takes it for a comment."""

HOME_SECONDS = 10.0
"""How long a cluster is asked where pasted objects are from."""

MOST_CHARACTERS, MOST_TEXTS, MOST_FOCUSED, MOST_NAMED = 4000, 20, 2, 5


class Paste(BaseModel):
    """What was pasted in a thread, prose around it included, and when the last of it was."""

    model_config = ConfigDict(frozen=True)

    text: str
    time: AwareDatetime


async def gather_paste(state: Mapping[str, Any], text: str = "") -> Paste | None:
    """What was pasted in a thread: earlier, in the question of the state, and in ``text``."""
    earlier: Paste | None = state.get("pasted")
    known = earlier.text if earlier else ""
    texts = dict.fromkeys(filter(None, (state.get("question", ""), text)))
    now = datetime.now(UTC)
    new = [t for t in texts if t not in known and await asyncio.to_thread(_holds_paste, t, now)]
    return Paste(text="\n\n".join(filter(None, (known, *new))), time=now) if new else earlier


def _holds_paste(text: str, now: datetime) -> bool:
    return "\n" in text and extract_pasted(text, now)[1] is not None


def take_words(question: str) -> str:
    """The question without what was pasted."""
    if "\n" not in question:
        return question
    words, pasted = extract_pasted(question, datetime.now(UTC))
    return words or (NOTHING_ASKED if pasted else "")


async def read_paste(paste: Paste, namespace: str, reader: ClusterReader | None) -> ImportedIncident:
    """The objects, events and logs of a paste.

    Args:
        paste: what was pasted.
        namespace: of what does not tell its own; empty: the one in which the cluster has most of it.
        reader: the cluster it is from; None where there is none.
    """
    found = await asyncio.to_thread(_extract, paste, namespace)
    if namespace or reader is None:
        return found
    home = await _find_home(found, reader)
    return await asyncio.to_thread(_extract, paste, home) if home else found


def _extract(paste: Paste, home: str) -> ImportedIncident:
    _, found = extract_pasted(paste.text, paste.time, *([home] if home else []))
    return found or ImportedIncident("")


async def _find_home(found: ImportedIncident, reader: ClusterReader) -> str:
    """The namespace that has most of the objects, or of their owners."""
    wanted: dict[str, set[str]] = {}
    for item in found.objects:
        wanted.setdefault(item["kind"], set()).add(ObjectRef.of(item).name)
        for owner in item["metadata"].get("ownerReferences") or []:
            wanted.setdefault(owner["kind"], set()).add(owner["name"])
    try:
        async with asyncio.timeout(HOME_SECONDS):
            lists = await asyncio.gather(*map(reader.list, wanted))
    except (Unavailable, TimeoutError):
        return ""
    refs = (ObjectRef.of(item) for items in lists for item in items)
    homes = Counter(ref.namespace for ref in refs if ref.namespace and ref.name in wanted[ref.kind])
    return homes.most_common(1)[0][0] if homes else ""


async def lay_over(
    reader: ClusterReader, paste: Paste, namespace: str, redactor: Redactor
) -> tuple[OverlaidCluster, ImportedIncident]:
    """The cluster with the paste laid over it, and what the paste holds."""
    found = await read_paste(paste, namespace, reader)
    incident = await asyncio.to_thread(open_imported, found, redactor)
    return OverlaidCluster(reader, incident.cluster()), found


def quote(found: ImportedIncident) -> Iterator[Evidence]:
    """The logs and other texts of a paste as evidence, marked as pasted."""
    for run, text in found.logs.items():
        line = f"kubectl logs {run.pod} -n {run.namespace} -c {run.container}"
        pod = ObjectRef(kind="Pod", name=run.pod, namespace=run.namespace)
        previous = " --previous" if run.previous else ""
        yield _note(text, f"{line}{previous}", pod)
    texts = [*found.answers.items(), *((left.origin, left.text) for left in found.leftovers)]
    for line, text in texts[:MOST_TEXTS]:
        if text.strip() and not line.startswith("kubectl logs"):
            yield _note(text, line)


def _note(text: str, line: str, about: ObjectRef | None = None) -> Evidence:
    end = text.strip()[-MOST_CHARACTERS:]
    return Evidence(source=Source.COMMAND, text=end, command=f"{line}{MARK}".strip(), object=about)


def turn_to_pasted(understood: Understanding, found: ImportedIncident, snapshot: Snapshot) -> Understanding:
    """A question whose words name no object is about what was pasted: of Pods, those that are not well."""
    if understood.scope.workloads or understood.candidates:
        return understood
    refs = [ref for item in found.objects if snapshot.find(ref := ObjectRef.of(item))]
    told = {event["involvedObject"].get("name") for event in found.events if event.get("involvedObject")}
    pods = [item for ref in refs if ref.kind == "Pod" and (item := snapshot.find(ref))]
    ill = [ObjectRef.of(pod) for pod in pods if not is_well(pod, snapshot.now)]
    chosen = ill or (refs if len(refs) == 1 else [ref for ref in refs if ref.name in told])
    owners = tuple(dict.fromkeys(map(snapshot.owner, chosen)))
    spaces = dict.fromkeys((*understood.scope.namespaces, *(ref.namespace for ref in refs if ref.namespace)))
    changed: dict[str, Any] = {"namespaces": tuple(spaces)}
    if len(owners) <= MOST_FOCUSED:
        changed["workloads"] = owners
    return understood.model_copy(update={"scope": understood.scope.model_copy(update=changed)})


def tell_added(reader: ClusterReader) -> Iterator[str]:
    """A sentence on what is known from a paste alone."""
    if isinstance(reader, OverlaidCluster) and reader.added:
        names = sorted(map(str, reader.added))
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        yield f"Known from the pasted text only: {', '.join(names[:MOST_NAMED])}{more}."

"""From words to objects: what is a question about, and what does it want?"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz, process

from agents.naming import (
    WORD,
    content_words,
    list_namespaces,
    mentioned_namespaces,
    resolve,
    settle,
)
from agents.windows import read_window
from domain.errors import EmptyQuestion, InputError, UnknownObject
from domain.objects import ObjectRef
from domain.scope import Scope
from tools.cluster.fleet import whole_word
from tools.cluster.resources import BUILTIN_RESOURCES, find_resource
from tools.cluster.snapshot import Snapshot
from tools.redaction import strip_placeholders

MAX_QUESTION = 4000

_TYPED = re.compile(r"\b(?P<kind>[A-Za-z.]+)/(?P<name>[a-z0-9][a-z0-9.-]*)")
_KIND_WORDS = (
    "pod|deployment|deploy|statefulset|daemonset|service|svc|job|cronjob|node|ingress|pvc|configmap|secret"
)
_NAMED = re.compile(
    rf"(?i)\b(?P<kind>{_KIND_WORDS})s?\s+(?:called\s+|named\s+)?[`'\"]?(?P<name>[a-z0-9]+(?:[-.][a-z0-9]+)+)\b"
)
_COMPOUND = re.compile(
    r"^(?:crash|half|re|non|not|self|so|too|high|low|long|out|in|on|off|up|down|back|well|ill)-"
    r"|-(?:\w+ing|\w+ed|up|down|off|out|only|like|ish|level|side|wide|back|loops?)$"
)
"""English compounds that may follow a kind ("pod crash-looping"); they name nothing."""

_VERIFY = re.compile(
    r"(?i)\b(did|has|have|is|are|was)\b.{0,40}\b(fix\w*|work(?:s|ed)?|recover\w*|resolv\w*|back|healthy|better|solved|gone)\b"
    r"|\bverify\b|\bcheck again\b|\bbetter now\b|\bstill (?:broken|failing|down)\b"
)


class Intent(StrEnum):
    """What a question wants: a cause, or whether a fix worked."""

    DIAGNOSE = "diagnose"
    VERIFY = "verify"


class Understanding(BaseModel):
    """What was understood. ``candidates`` non-empty: several objects fit equally well, ask which.

    ``notes`` say what the question names and may not be looked at.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    intent: Intent = Intent.DIAGNOSE
    scope: Scope
    candidates: tuple[ObjectRef, ...] = ()
    notes: tuple[str, ...] = ()


def understand(
    question: str,
    snapshot: Snapshot,
    *,
    namespaces: tuple[str, ...] = (),
    window_minutes: int = 60,
    known: Scope | None = None,
    cluster_word: str = "",
) -> Understanding:
    """Resolve the words of a question to objects that exist.

    Args:
        question: what was asked, in any words.
        snapshot: the cluster it is about.
        namespaces: restrict the question to these; empty: all that may be read.
        window_minutes: how far back the question looks, unless it speaks of an earlier time.
        known: the scope of the thread so far; kept where the question names nothing new.
        cluster_word: the word that named the cluster; it says nothing about objects.

    Raises:
        EmptyQuestion: nothing was asked.
        UnknownObject: an object or namespace is named outright that does not exist.
    """
    text = " ".join(question.split())[:MAX_QUESTION]
    if not re.search(r"\w", text):
        raise EmptyQuestion('Nothing was asked: say what is wrong, such as "payment service cannot start".')
    said = strip_placeholders(whole_word(cluster_word).sub("", text) if cluster_word else text)
    _check_namespaces(namespaces, snapshot)
    _check_outright_names(said, snapshot)
    window = read_window(said, snapshot.now, timedelta(minutes=window_minutes))
    found = resolve(said, snapshot, namespaces)
    mentioned = namespaces or mentioned_namespaces(said, snapshot)
    if not (found or mentioned):
        _check_slips(said, snapshot)
    notes = _note_bounds(said, snapshot)
    intent = Intent.VERIFY if known is not None and _VERIFY.search(said) and not found else Intent.DIAGNOSE
    if known is not None and not found:
        kept = known.model_copy(update={"window": window, "words": content_words(said)})
        return Understanding(question=text, intent=intent, scope=kept, notes=notes)
    chosen, candidates = settle(found, snapshot)
    scope = Scope(
        cluster=snapshot.cluster,
        window=window,
        namespaces=_gather_namespaces(mentioned, chosen, bool(namespaces)),
        workloads=chosen,
        words=content_words(said),
    )
    return Understanding(question=text, intent=intent, scope=scope, candidates=candidates, notes=notes)


def choose(answer: str, understanding: Understanding) -> Understanding:
    """Settle which candidate was meant, from an answer in words ("the one in staging", "2").

    Raises:
        InputError: the answer fits none, or more than one.
    """
    options = understanding.candidates
    text = answer.strip().lower()
    if text.isdigit() and 1 <= int(text) <= len(options):
        fitting = [options[int(text) - 1]]
    else:
        words = set(WORD.findall(text.replace("/", " ")))
        scores = [len(words & {ref.kind.lower(), ref.namespace, ref.name}) for ref in options]
        fitting = [
            ref for ref, points in zip(options, scores, strict=True) if points and points == max(scores)
        ]
    if len(fitting) != 1:
        raise InputError(f"{answer!r} does not say which: answer with one of {_tell(options)}.")
    chosen = fitting[0]
    scope = understanding.scope.model_copy(
        update={
            "workloads": (chosen,),
            "namespaces": _gather_namespaces(understanding.scope.namespaces, (chosen,), False),
        }
    )
    return understanding.model_copy(update={"candidates": (), "scope": scope})


def _tell(refs: Iterable[ObjectRef]) -> str:
    return ", ".join(f"{number}) {ref}" for number, ref in enumerate(refs, start=1))


def _gather_namespaces(mentioned: Sequence[str], chosen: Sequence[ObjectRef], fixed: bool) -> tuple[str, ...]:
    own = () if fixed else tuple(ref.namespace for ref in chosen if ref.namespace)
    return tuple(dict.fromkeys((*mentioned, *own)))


def _check_namespaces(namespaces: Sequence[str], snapshot: Snapshot) -> None:
    known = list_namespaces(snapshot)
    for namespace in namespaces:
        if namespace not in known:
            raise UnknownObject(
                f"There is no namespace {namespace!r} in this cluster;"
                f" the nearest are: {_nearest(namespace, known)}."
            )


def _nearest(name: str, names: Iterable[str]) -> str:
    found = process.extract(name, sorted(set(names)), scorer=fuzz.WRatio, limit=3)
    return ", ".join(entry[0] for entry in found) or "none"


def _check_outright_names(text: str, snapshot: Snapshot) -> None:
    """An object named together with its kind must exist."""
    for found in (*_TYPED.finditer(text), *_NAMED.finditer(text)):
        resource = find_resource(found["kind"], BUILTIN_RESOURCES)
        name = found["name"].lower()
        if resource is None or not snapshot.saw(resource.kind) or _is_any(name, snapshot):
            continue
        if "/" in found[0] or not _COMPOUND.search(name):
            names = [ref.name for ref in snapshot.refs() if ref.kind == resource.kind]
            raise UnknownObject(
                f"There is no {resource.kind} {name!r} in this cluster;"
                f" the nearest are: {_nearest(name, names)}."
            )


def _check_slips(text: str, snapshot: Snapshot) -> None:
    """A question that names nothing that exists, but almost does, has a slip in it."""
    known = {ref.name for ref in snapshot.refs()}
    for word in dict.fromkeys(WORD.findall(text.lower())):
        slip = "-" in word and not _is_any(word, snapshot)
        near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=80) if slip else None
        if near:
            raise UnknownObject(
                f"There is no object {word!r} in this cluster; the nearest are: {_nearest(word, known)}."
            )


def _is_name_of(word: str, name: str) -> bool:
    """Whether a word names an object: its name, or the front of a generated Pod name."""
    return word == name or name.startswith(f"{word}-")


def _is_any(word: str, snapshot: Snapshot) -> bool:
    return any(_is_name_of(word, ref.name) for ref in snapshot.refs()) or word in list_namespaces(snapshot)


def _note_bounds(text: str, snapshot: Snapshot) -> tuple[str, ...]:
    """A sentence on each namespace that the question names and that may not be read."""
    words = text.lower().split()
    named = {word for word in WORD.findall(text.lower()) if "-" in word}
    named |= {word for pair in zip(words, words[1:], strict=False) if "namespace" in pair for word in pair}
    hidden = sorted(name for name in snapshot.bounds.outside if name in named)
    return tuple(
        f"Namespace {name} was not looked at: {snapshot.bounds.setting} does not include it."
        for name in hidden
    )

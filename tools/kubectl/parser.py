"""The grammar: which words each verb takes, in which order."""

import re
from typing import Any

from domain.errors import RefusedCommand
from tools.kubectl.flags import ALLOWED_VERBS, VERBS, Settings, read_settings, split_flags
from tools.kubectl.parts import Target
from tools.kubectl.values import check_container, check_name, check_type, read_values, split_path
from tools.kubectl.words import quote, split_words

MAX_NAMES = 20

_PATH = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*")
_URL_PATH = re.compile(r"\*|/[A-Za-z0-9._/*-]{0,253}")
"""What ``auth can-i`` may ask about besides types."""

_TOP = {"pod": "pods", "pods": "pods", "po": "pods", "node": "nodes", "nodes": "nodes", "no": "nodes"}
_PODS = ("pod", "pods", "po")
_SUBVERBS = {"rollout": ("status", "history"), "auth": ("can-i",)}


def read_line(text: str) -> dict[str, Any]:
    """The fields of a ``KubectlCommand``, read from one line.

    Raises:
        RefusedCommand: the line is not one of the commands that only read.
    """
    words = split_words(text)
    if not words[0].startswith("-"):
        _check_verb(words[0])
    positional, flags = split_flags(words)
    verb = _check_verb(positional[0] if positional else "")
    fields = read_values(verb, read_settings(verb, flags))
    return {"verb": verb} | fields | _read_positional(verb, positional[1:], fields)


def _check_verb(word: str) -> str:
    if word not in VERBS:
        said = f"{quote(word)} is refused" if word else "There is no verb"
        raise RefusedCommand(f"{said}: Kubewhy only reads, and takes {ALLOWED_VERBS}.")
    return word


def _read_positional(verb: str, words: list[str], fields: Settings) -> dict[str, Any]:
    match verb:
        case "get" | "describe":
            return {"targets": _read_targets(verb, words, fields)}
        case "logs":
            return _read_logs(words, fields)
        case "top":
            return _read_top(words, fields)
        case "rollout" | "auth":
            return _read_subverb(verb, words, fields)
        case "explain":
            return {"arguments": _read_explain(words)}
    if words:
        raise RefusedCommand(f"{verb} takes no names: {quote(words[0])} is one word too many.")
    return {}


def _read_targets(verb: str, words: list[str], fields: Settings) -> tuple[Target, ...]:
    """``TYPE[,TYPE] [NAME...]``, or ``TYPE/NAME...``."""
    if not words:
        raise RefusedCommand(f"{verb} needs a resource type: write {verb} pods, or {verb} deployment/NAME.")
    if any("/" in word for word in words):
        targets = _group([split_path(word) for word in words])
    else:
        names = tuple(dict.fromkeys(check_name(word) for word in words[1:]))
        types = dict.fromkeys(check_type(word) for word in words[0].split(","))
        targets = tuple(Target(word=word, names=names) for word in types)
    count = sum(len(target.names) for target in targets)
    if max(count, len(targets)) > MAX_NAMES:
        raise RefusedCommand(f"A command may name at most {MAX_NAMES} objects: ask for fewer, or use -l.")
    if count and fields.get("all_namespaces"):
        raise RefusedCommand("A name cannot be looked up in all namespaces: give -n NAMESPACE, or no name.")
    if count and (fields.get("selector") or fields.get("field_selector")):
        raise RefusedCommand("Give names or a selector, not both.")
    return targets


def _group(pairs: list[tuple[str, str]]) -> tuple[Target, ...]:
    """One target a type, in the order in which the types were first named."""
    names: dict[str, list[str]] = {}
    for word, name in pairs:
        names.setdefault(word, []).append(name)
    return tuple(Target(word=word, names=tuple(dict.fromkeys(found))) for word, found in names.items())


def _read_logs(words: list[str], fields: Settings) -> dict[str, Any]:
    """``POD [CONTAINER]``, ``TYPE/NAME [CONTAINER]``, nothing with ``-l``; also ``pod NAME``."""
    if not words and fields.get("selector"):
        return {}
    if not words or len(words) > 2 or fields.get("selector"):
        raise RefusedCommand("logs takes one pod, one TYPE/NAME, or -l: write logs POD -c CONTAINER.")
    if len(words) == 2 and words[0] in _PODS:
        words = [f"{words[0]}/{words[1]}"]
    kind, name = split_path(words[0]) if "/" in words[0] else ("pod", check_name(words[0]))
    found = {"targets": (Target(word="pod" if kind in _PODS else kind, names=(name,)),)}
    if len(words) == 1:
        return found
    if fields.get("container"):
        raise RefusedCommand("The container is given twice: write logs POD -c CONTAINER.")
    return found | {"container": check_container(words[1])}


def _read_top(words: list[str], fields: Settings) -> dict[str, Any]:
    kind = _TOP.get(words[0].lower() if words else "")
    if kind is None or len(words) > 2:
        raise RefusedCommand("top takes pod or node, and perhaps one name: write top pods -n NAMESPACE.")
    if fields.get("sort_by", "cpu") not in ("cpu", "memory"):
        raise RefusedCommand("top sorts by cpu or memory: write --sort-by=memory.")
    if kind == "nodes" and (fields.get("containers") or fields.get("all_namespaces")):
        raise RefusedCommand("--containers and -A belong to top pods.")
    return {"subverb": kind, "targets": (Target(word=kind, names=tuple(map(check_name, words[1:]))),)}


def _read_subverb(verb: str, words: list[str], fields: Settings) -> dict[str, Any]:
    subverb, *rest = words or [""]
    if subverb not in _SUBVERBS[verb]:
        said = quote(f"{verb} {subverb}".rstrip())
        raise RefusedCommand(f"{said} is refused: Kubewhy only reads, and takes {ALLOWED_VERBS}.")
    if verb == "auth":
        return {"subverb": subverb, "arguments": _read_can_i(rest, fields)}
    if fields.get("revision", 0) != 0 and subverb == "status":
        raise RefusedCommand("--revision belongs to rollout history.")
    targets = _read_targets("rollout status", rest, fields)
    if len(targets) != 1 or len(targets[0].names) != 1:
        raise RefusedCommand(f"rollout {subverb} takes one object: write rollout {subverb} deployment/NAME.")
    return {"subverb": subverb, "targets": targets}


def _read_can_i(words: list[str], fields: Settings) -> tuple[str, ...]:
    """``VERB TYPE [NAME]`` or ``VERB TYPE/NAME``; nothing with ``--list``."""
    if fields.get("list_rights") and not words:
        return ()
    if fields.get("list_rights") or not 2 <= len(words) <= 3:
        raise RefusedCommand("auth can-i takes a verb and a type: write auth can-i list pods, or --list.")
    if not re.fullmatch(r"[a-z*]+", words[0]):
        raise RefusedCommand(f"{quote(words[0])} cannot be an API verb: write get, list, create, ...")
    if len(words) == 2 and _URL_PATH.fullmatch(words[1]):
        return tuple(words)
    kind, *names = words[1].split("/") + words[2:]
    return (words[0], check_type(kind), *(check_name(name) for name in names))


def _read_explain(words: list[str]) -> tuple[str, ...]:
    if len(words) != 1 or not _PATH.fullmatch(words[0]):
        raise RefusedCommand("explain takes one type or path of fields: write explain pods.spec.containers.")
    return (words[0],)

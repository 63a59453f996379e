"""The grammar: which words each verb takes, in which order."""

import re
from typing import Any

from domain.errors import RefusedCommand
from tools.kubectl.flags import ALLOWED_VERBS, VERBS, Settings, read_settings, split_flags
from tools.kubectl.parts import Output, Target
from tools.kubectl.words import split_words

MAX_NAMES = 20
MAX_TAIL = 5000
"""Lines of a log; a longer ``--tail`` is clipped to it."""

_TYPE = re.compile(r"[a-z][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9.-]{0,252})?")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*")
_DURATION = re.compile(r"(\d+(\.\d+)?(h|m|s|ms))+")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_FORMATS = {
    "get": ("wide", "yaml", "json", "name", "jsonpath", "custom-columns"),
    "events": ("json", "yaml"),
    "api-resources": ("wide", "name"),
    "version": ("json", "yaml"),
}
_EXPRESSIONS = ("jsonpath", "custom-columns")
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
    fields: dict[str, Any] = read_settings(verb, flags)
    _read_values(verb, fields)
    return {"verb": verb} | fields | _read_positional(verb, positional[1:], fields)


def _check_verb(word: str) -> str:
    if word not in VERBS:
        said = f"{word!r} is refused" if word else "There is no verb"
        raise RefusedCommand(f"{said}: Kubewhy only reads, and takes {ALLOWED_VERBS}.")
    return word


def _read_values(verb: str, fields: dict[str, Any]) -> None:
    """Check the values of flags, in place."""
    namespace = fields.get("namespace", "")
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise RefusedCommand(f"{namespace!r} cannot be a namespace: give one name, or -A for all.")
    if "output" in fields:
        fields["output"] = _read_output(verb, fields["output"])
    if not _DURATION.fullmatch(fields.get("since", "1s")):
        raise RefusedCommand("--since takes a duration such as 90s, 15m or 24h.")
    if not _TIME.fullmatch(fields.get("since_time", "2000-01-01T00:00:00Z")):
        raise RefusedCommand("--since-time takes a time such as 2026-01-31T14:05:00Z.")
    if fields.get("since") and fields.get("since_time"):
        raise RefusedCommand("Give --since or --since-time, not both.")
    if "tail" in fields:
        fields["tail"] = min(fields["tail"], MAX_TAIL)
    if fields.get("for_object"):
        fields["for_object"] = "/".join(_split_path(fields["for_object"]))
    if wrong := [kind for kind in fields.get("types", ()) if kind.capitalize() not in ("Normal", "Warning")]:
        raise RefusedCommand(f"--types takes Normal and Warning, not {wrong[0]!r}.")
    fields |= {"types": tuple(kind.capitalize() for kind in fields["types"])} if "types" in fields else {}


def _read_output(verb: str, text: str) -> Output:
    name, has_expression, expression = text.partition("=")
    if name not in _FORMATS[verb]:
        raise RefusedCommand(f"-o {name} is refused: {verb} takes -o {', '.join(_FORMATS[verb])}.")
    if name in _EXPRESSIONS and not expression:
        raise RefusedCommand(f"-o {name} needs an expression: write -o {name}=...")
    if has_expression and name not in _EXPRESSIONS:
        raise RefusedCommand(f"-o {name} takes no expression.")
    return Output(format=name, expression=expression)


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
        raise RefusedCommand(f"{verb} takes no names: {words[0]!r} is one word too many.")
    return {}


def _read_targets(verb: str, words: list[str], fields: Settings) -> tuple[Target, ...]:
    """``TYPE[,TYPE] [NAME...]``, or ``TYPE/NAME...``."""
    if not words:
        raise RefusedCommand(f"{verb} needs a resource type: write {verb} pods, or {verb} deployment/NAME.")
    if any("/" in word for word in words):
        targets = _group([_split_path(word) for word in words])
    else:
        names = tuple(_check_name(word) for word in words[1:])
        types = dict.fromkeys(_check_type(word) for word in words[0].split(","))
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


def _split_path(word: str) -> tuple[str, str]:
    kind, _, name = word.partition("/")
    if not name:
        raise RefusedCommand(f"{word!r} is not TYPE/NAME: write every object like deployment/web.")
    return _check_type(kind), _check_name(name)


def _check_type(word: str) -> str:
    if not _TYPE.fullmatch(word.lower()):
        raise RefusedCommand(
            f"{word!r} cannot be a resource type: write pods, deploy, or ingresses.networking.k8s.io."
        )
    return word.lower()


def _check_name(word: str) -> str:
    if not _NAME.fullmatch(word):
        raise RefusedCommand(f"{word!r} cannot be the name of an object: give the exact name.")
    return word


def _read_logs(words: list[str], fields: Settings) -> dict[str, Any]:
    """``POD [CONTAINER]``, ``TYPE/NAME [CONTAINER]``, nothing with ``-l``; also ``pod NAME``."""
    if not words and fields.get("selector"):
        return {}
    if not words or len(words) > 2 or fields.get("selector"):
        raise RefusedCommand("logs takes one pod, one TYPE/NAME, or -l: write logs POD -c CONTAINER.")
    if len(words) == 2 and words[0] in _PODS:
        words = [f"{words[0]}/{words[1]}"]
    kind, name = _split_path(words[0]) if "/" in words[0] else ("pod", _check_name(words[0]))
    found = {"targets": (Target(word="pod" if kind in _PODS else kind, names=(name,)),)}
    if len(words) == 1:
        return found
    if fields.get("container"):
        raise RefusedCommand("The container is given twice: write logs POD -c CONTAINER.")
    return found | {"container": _check_name(words[1])}


def _read_top(words: list[str], fields: Settings) -> dict[str, Any]:
    kind = _TOP.get(words[0].lower() if words else "")
    if kind is None or len(words) > 2:
        raise RefusedCommand("top takes pod or node, and perhaps one name: write top pods -n NAMESPACE.")
    if fields.get("sort_by", "cpu") not in ("cpu", "memory"):
        raise RefusedCommand("top sorts by cpu or memory: write --sort-by=memory.")
    if kind == "nodes" and (fields.get("containers") or fields.get("all_namespaces")):
        raise RefusedCommand("--containers and -A belong to top pods.")
    return {"subverb": kind, "targets": (Target(word=kind, names=tuple(map(_check_name, words[1:]))),)}


def _read_subverb(verb: str, words: list[str], fields: Settings) -> dict[str, Any]:
    subverb, *rest = words or [""]
    if subverb not in _SUBVERBS[verb]:
        raise RefusedCommand(
            f"{verb} {subverb}".rstrip() + f" is refused: Kubewhy only reads, and takes {ALLOWED_VERBS}."
        )
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
        raise RefusedCommand(f"{words[0]!r} cannot be an API verb: write get, list, create, ...")
    if words[1] == "*" or words[1].startswith("/"):
        return tuple(words)
    kind, *names = words[1].split("/") + words[2:]
    return (words[0], _check_type(kind), *(_check_name(name) for name in names))


def _read_explain(words: list[str]) -> tuple[str, ...]:
    if len(words) != 1 or not _PATH.fullmatch(words[0]):
        raise RefusedCommand("explain takes one type or path of fields: write explain pods.spec.containers.")
    return (words[0],)

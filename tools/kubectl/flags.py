"""The closed table of flags: what each is called, what it takes, and which verbs know it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import RefusedCommand
from tools.kubectl.words import quote

VERBS = ("get", "describe", "logs", "events", "top", "rollout", "auth", "api-resources", "version", "explain")
"""Every verb there is. Each of them only reads."""

ALLOWED_VERBS = (
    "get, describe, logs, events, top, rollout status|history, auth can-i, api-resources, version and explain"
)


class Takes(StrEnum):
    """What follows a flag."""

    NOTHING = "switch"
    TEXT = "text"
    NUMBER = "number"
    LIST = "list"


@dataclass(frozen=True)
class Flag:
    """One flag. ``name`` with underscores is the field of ``KubectlCommand`` that it sets."""

    name: str
    takes: Takes
    verbs: frozenset[str]
    short: str = ""

    @property
    def field(self) -> str:
        """The field of ``KubectlCommand`` that the flag sets."""
        return _FIELDS.get(self.name, self.name.replace("-", "_"))

    @property
    def spelling(self) -> str:
        """``-n/--namespace``."""
        return f"-{self.short}/--{self.name}" if self.short else f"--{self.name}"


_FIELDS = {"for": "for_object", "list": "list_rights"}


def _flag(name: str, takes: Takes, verbs: str, short: str = "") -> Flag:
    return Flag(name, takes, frozenset(verbs.split() or VERBS), short)


FLAGS = (
    _flag("namespace", Takes.TEXT, "", "n"),
    _flag("context", Takes.TEXT, ""),
    _flag("all-namespaces", Takes.NOTHING, "get describe events top auth", "A"),
    _flag("selector", Takes.TEXT, "get describe logs top", "l"),
    _flag("field-selector", Takes.TEXT, "get top"),
    _flag("output", Takes.TEXT, "get events api-resources version", "o"),
    _flag("show-labels", Takes.NOTHING, "get"),
    _flag("label-columns", Takes.LIST, "get", "L"),
    _flag("show-kind", Takes.NOTHING, "get"),
    _flag("sort-by", Takes.TEXT, "get top"),
    _flag("no-headers", Takes.NOTHING, "get events top api-resources"),
    _flag("ignore-not-found", Takes.NOTHING, "get"),
    _flag("show-events", Takes.NOTHING, "describe"),
    _flag("container", Takes.TEXT, "logs", "c"),
    _flag("previous", Takes.NOTHING, "logs", "p"),
    _flag("all-containers", Takes.NOTHING, "logs"),
    _flag("prefix", Takes.NOTHING, "logs"),
    _flag("tail", Takes.NUMBER, "logs"),
    _flag("since", Takes.TEXT, "logs"),
    _flag("since-time", Takes.TEXT, "logs"),
    _flag("timestamps", Takes.NOTHING, "logs"),
    _flag("for", Takes.TEXT, "events"),
    _flag("types", Takes.LIST, "events"),
    _flag("containers", Takes.NOTHING, "top"),
    _flag("revision", Takes.NUMBER, "rollout"),
    _flag("list", Takes.NOTHING, "auth"),
    _flag("subresource", Takes.TEXT, "auth"),
    _flag("namespaced", Takes.NOTHING, "api-resources"),
    _flag("api-group", Takes.TEXT, "api-resources"),
)
"""A name means the same with every verb, so a flag's value can never be taken for a verb or a name."""

_BY_SPELLING = {f"--{flag.name}": flag for flag in FLAGS} | {f"-{f.short}": f for f in FLAGS if f.short}

_REASONS = {
    "it never ends; run the command without it, and again later, to see a change": (
        "--watch -w --watch-only --follow --output-watch-events"
    ),
    "Kubewhy asks one cluster with its own read-only identity; leave it out": (
        "--server -s --token --kubeconfig --user --cluster --as --as-group --as-uid --as-user-extra"
        " --username --password --client-certificate --client-key --certificate-authority"
        " --insecure-skip-tls-verify --insecure-skip-tls-verify-backend --tls-server-name --proxy-url"
    ),
    "nothing is read from files or URLs; name the objects instead": (
        "--filename --kustomize -k --recursive -R"
    ),
    "Go templates are not taken; write -o jsonpath='{...}' or -o custom-columns=...": "--template",
    "nothing is written to files; the answer is what is printed": (
        "--output-directory --profile-output --profile --cache-dir --log-file --log-dir --log_file --log_dir"
    ),
    "Kubewhy pages, bounds and times what it reads itself; leave it out": (
        "--chunk-size --limit-bytes --limit --max-log-requests --request-timeout --timeout"
        " --pod-running-timeout --server-print --use-protocol-buffers --use-openapi-print-columns"
    ),
    "it says how loud kubectl itself is, and prints credentials when it is loud; leave it out": (
        "--v -v --vmodule --logtostderr --alsologtostderr --stderrthreshold"
    ),
    "it belongs to commands that write, and Kubewhy only reads; leave it out": (
        "--dry-run --force --grace-period --overwrite --cascade --replicas --image --patch --record --prune"
        " --server-side --field-manager --save-config --to-revision --edit --rm --stdin -i --tty -t"
    ),
    "it means a file with get and following with logs, and neither is allowed; leave it out": "-f",
    "only typed resources can be read; name a resource, such as get pods": "--raw",
}
_REFUSED = {spelling: reason for reason, spellings in _REASONS.items() for spelling in spellings.split()}
_HARMLESS_WHEN_FALSE = ("--watch", "--follow")
_TRUE, _FALSE = ("true", "t", "1"), ("false", "f", "0")

Settings = dict[str, str | int | bool | tuple[str, ...]]


def split_flags(words: list[str]) -> tuple[list[str], list[tuple[Flag, str]]]:
    """Part positional words from flags, wherever they stand; ``--`` ends the flags.

    Raises:
        RefusedCommand: a flag is not in the table, or lacks its value.
    """
    positional: list[str] = []
    flags: list[tuple[Flag, str]] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            positional.extend(rest)
        elif word.startswith("--"):
            flags.extend(_read_long(word, rest))
        elif word.startswith("-") and word != "-":
            flags.extend(_read_short(word, rest))
        else:
            positional.append(word)
    return positional, flags


def _read_long(word: str, rest: Iterator[str]) -> list[tuple[Flag, str]]:
    name, has_value, value = word.partition("=")
    flag = _BY_SPELLING.get(name)
    if flag is None and name in _HARMLESS_WHEN_FALSE and value.lower() in _FALSE:
        return []
    if flag is None:
        raise RefusedCommand(_refuse_flag(name))
    if has_value:
        return [(flag, value)]
    return [(flag, "true" if flag.takes is Takes.NOTHING else _next_value(flag, rest))]


def _read_short(word: str, rest: Iterator[str]) -> list[tuple[Flag, str]]:
    """``-n x``, ``-nx``, ``-n=x``, ``-Ao wide``, ``-p=true``."""
    found: list[tuple[Flag, str]] = []
    letters = word[1:]
    while letters:
        spelling, letters = f"-{letters[0]}", letters[1:]
        flag = _BY_SPELLING.get(spelling)
        if flag is None:
            raise RefusedCommand(_refuse_flag(spelling))
        if flag.takes is Takes.NOTHING and not letters.startswith("="):
            found.append((flag, "true"))
            continue
        found.append((flag, letters.removeprefix("=") if letters else _next_value(flag, rest)))
        break
    return found


def _next_value(flag: Flag, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise RefusedCommand(f"{flag.spelling} needs a value after it.")
    return value


def _refuse_flag(spelling: str) -> str:
    if reason := _REFUSED.get(spelling):
        return f"{spelling} is refused: {reason}."
    known = ", ".join(flag.spelling for flag in FLAGS)
    return f"{quote(spelling)} is not among the flags that Kubewhy takes: {known}."


def read_settings(verb: str, flags: list[tuple[Flag, str]]) -> Settings:
    """The values of a verb's flags by field; the last of a repeated flag counts, lists are joined.

    Raises:
        RefusedCommand: the verb does not know a flag, or its value has the wrong shape.
    """
    settings: Settings = {}
    for flag, text in flags:
        if verb not in flag.verbs:
            allowed = ", ".join(f.spelling for f in FLAGS if verb in f.verbs)
            raise RefusedCommand(f"{flag.spelling} is not a flag of {verb}, which takes {allowed}.")
        before = settings.get(flag.field, ())
        value = _read_value(flag, text)
        both = isinstance(value, tuple) and isinstance(before, tuple)
        settings[flag.field] = (*before, *value) if both else value  # type: ignore[misc]
    return settings


def _read_value(flag: Flag, text: str) -> str | int | bool | tuple[str, ...]:
    if flag.takes is Takes.NOTHING:
        if text.lower() not in _TRUE + _FALSE:
            raise RefusedCommand(f"{flag.spelling} is a switch: give it alone, or as =true or =false.")
        return text.lower() in _TRUE
    if not text.strip():
        raise RefusedCommand(f"{flag.spelling} needs a value that is not empty.")
    if flag.takes is Takes.NUMBER:
        if not re.fullmatch(r"-1|\d{1,7}", text):
            raise RefusedCommand(
                f"{flag.spelling} takes a whole number of at most 7 digits, not {quote(text)}."
            )
        return int(text)
    return tuple(text.split(",")) if flag.takes is Takes.LIST else text

"""``kubectl logs``: whose log it was."""

import re

from tools.importers.transcript.command import RecordedCommand
from tools.importers.transcript.section import LogText, Section

_DEFAULTED = re.compile(r'Defaulted container "([\w.-]+)" out of:')
_REFUSED = re.compile(
    r"(?:error: |Error from server|Unable to |unable to |failed to |Error: Error from server)"
)


def read_log(section: Section) -> LogText | None:
    """The log of one container; None when kubectl printed an error, or more than one log."""
    command, text = section.command, section.text
    if command is None or is_refusal(text):
        return None
    first, _, rest = text.partition("\n")
    container = command.flags.get("--container", "")
    if found := _DEFAULTED.match(first):
        container, text = found[1], rest
    return _place(command, text, container)


def is_refusal(text: str) -> bool:
    """Whether it is kubectl's word that there is no log, and not a log."""
    return _REFUSED.match(text.lstrip()) is not None


def _place(command: RecordedCommand, text: str, container: str) -> LogText | None:
    words = list(command.words)
    if words[:1] in (["pod"], ["pods"], ["po"]):
        words = words[1:]
    target, container = words[0] if words else "", container or (words[1] if len(words) > 1 else "")
    previous = "--previous" in command.flags and command.flags["--previous"] != "false"
    kind, slash, name = target.rpartition("/")
    selector = command.flags.get("--selector", "")
    if not target and not selector:
        return None
    if slash and kind not in ("pod", "pods", "po"):
        return LogText(text, command.namespace, "", container, previous, workload=(kind, name))
    return LogText(text, command.namespace, name, container, previous, selector=selector)

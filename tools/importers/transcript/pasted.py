"""A terminal's text -> commands with what they printed."""

import re
from collections.abc import Iterator

from tools.importers.transcript.command import RecordedCommand, parse_command
from tools.importers.transcript.section import Section

_PROGRAM = re.compile(r"(?:^|(?<=[\s]))(?:kubectl|k|oc)\s+(?=[a-z])")
_PROMPT_END = re.compile(r"[$#%>❯➜+λ»~)]\s*$")
_BARE_PROMPT = re.compile(r"\s*(?:\S{0,80}[$#❯➜]|\[[^\]]{0,80}\][$#])\s*")
_OTHER_COMMAND = re.compile(r"(?:\S{0,80}[^\s\w]|)\$ \S")
_VERBS_TEXT = """
get describe logs events top version rollout api-resources explain auth config cluster-info apply
delete edit exec create patch scale set label annotate run port-forward cp drain cordon uncordon
taint wait debug diff replace expose autoscale attach proxy api-versions
"""
_VERBS = frozenset(_VERBS_TEXT.split())
MAX_PROMPT = 160
"""Characters before ``kubectl`` on a prompt's line."""


def find_command(line: str) -> RecordedCommand | None:
    """The command in the first column of a terminal's line, or behind a prompt; None when there is none."""
    found = _PROGRAM.search(line, 0, MAX_PROMPT)
    if not found:
        return None
    prompt = line[: found.start()]
    if prompt and not _PROMPT_END.search(prompt):
        return None
    command = parse_command(line[found.start() :].strip().strip("`"))
    return command if command and command.verb in _VERBS else None


def split_terminal(text: str) -> Iterator[Section]:
    """The sections of a terminal's text; what stands before the first command has none."""
    command: RecordedCommand | None = None
    lines: list[str] = []
    for line in _join_continued(text):
        found = find_command(line)
        if found is None and not _OTHER_COMMAND.match(line):
            lines.append(line)
            continue
        if command or any(map(str.strip, lines)):
            yield Section(_tidy(lines), command)
        command, lines = found, []
        if found is None:
            lines = [line]
    if command or any(map(str.strip, lines)):
        yield Section(_tidy(lines), command)


def _join_continued(text: str) -> Iterator[str]:
    """The lines, with those of a command that end in a backslash joined."""
    started = ""
    for line in text.splitlines():
        if line.endswith("\\") and (started or find_command(line)) and len(started) < 4000:
            started += line[:-1] + " "
        else:
            yield started + line
            started = ""
    if started:
        yield started


def _tidy(lines: list[str]) -> str:
    """The output without bare prompts at its end and fences around it."""
    kept = [line for line in lines if not line.startswith("```")]
    while kept and (not kept[-1].strip() or _BARE_PROMPT.fullmatch(kept[-1])):
        kept.pop()
    return "\n".join(kept) + "\n" if kept else ""

"""A terminal's text -> commands with what they printed."""

import re
from collections.abc import Iterator

from tools.importers.transcript.command import RecordedCommand, parse_command
from tools.importers.transcript.section import Section

_PROGRAM = re.compile(r"(?:^|(?<=[\s]))(?:kubectl|k|oc)\s+(?=[a-z])")
_PROMPT_END = re.compile(r"[$#%>❯➜+λ»~)]\s*$")
_OTHER_COMMAND = re.compile(r"(?:[^\s@]{1,60}@[^\s:]{1,80}:\S{0,80})?\$ \S")
_VERBS_TEXT = """
get describe logs events top version rollout api-resources explain auth config cluster-info apply
delete edit exec create patch scale set label annotate run port-forward cp drain cordon uncordon
taint wait debug diff replace expose autoscale attach proxy api-versions
"""
_VERBS = frozenset(_VERBS_TEXT.split())
MAX_PROMPT = 160
"""Characters before ``kubectl`` on a prompt's line."""

MAX_PROMPTS = 20
"""Different prompts of one text that are told from output."""


def find_command(line: str) -> RecordedCommand | None:
    """The command in the first column of a terminal's line, or behind a prompt; None when there is none."""
    return _find(line)[1]


def _find(line: str) -> tuple[str, RecordedCommand | None]:
    """(prompt, command) of a line."""
    found = _PROGRAM.search(line, 0, MAX_PROMPT)
    prompt = line[: found.start()] if found else ""
    if not found or (prompt and not _PROMPT_END.search(prompt)):
        return "", None
    command = parse_command(line[found.start() :].strip().strip("`"))
    return (prompt, command) if command and command.verb in _VERBS else ("", None)


def split_terminal(text: str) -> Iterator[Section]:
    """The sections of a terminal's text; other commands and what stands before the first have none."""
    command: RecordedCommand | None = None
    lines: list[str] = []
    prompts: set[str] = set()
    for line in _join_continued(text):
        if line.rstrip() in prompts:
            continue
        prompt, found = _find(line)
        is_other = found is None and (
            line.startswith(tuple(f"{known} " for known in prompts)) or bool(_OTHER_COMMAND.match(line))
        )
        if found is None and not is_other:
            lines.append(line)
            continue
        if command or any(map(str.strip, lines)):
            yield Section(_tidy(lines), command)
        command, lines = found, [line] if is_other else []
        if prompt.strip() and len(prompts) < MAX_PROMPTS:
            prompts.add(prompt.rstrip())
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
    """The output without empty lines at its end and fences around it."""
    kept = [line for line in lines if not line.startswith("```")]
    while kept and not kept[-1].strip():
        kept.pop()
    return "\n".join(kept) + "\n" if kept else ""

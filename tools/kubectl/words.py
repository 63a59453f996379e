"""From one line of text to words, without a shell: what only a shell could carry out is refused."""

import re
import shlex
import unicodedata

from domain.errors import RefusedCommand

MAX_LINE = 2000
"""Characters. A longer line is no question that a person or a model would ask."""

_OPERATORS = "|;&<>"
_NO_SHELL = (
    "there is no shell, so give one plain kubectl command and narrow it with -l, --field-selector or -o"
)


def split_words(text: str) -> list[str]:
    """Split a line as a POSIX shell would, and drop a leading ``kubectl`` or ``k``.

    The line is NFKC-normalised first and has to be ASCII then, so that no look-alike letter can make a
    word pass for another one.

    Raises:
        RefusedCommand: the line is empty, too long, not ASCII, or needs a shell.
    """
    line = unicodedata.normalize("NFKC", text[: MAX_LINE + 1]).strip()
    _check_characters(line)
    _check_no_shell(line)
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise RefusedCommand("A quote is not closed: check the quotes of the command.") from error
    if words and words[0] in ("kubectl", "k"):
        words = words[1:]
    if not words:
        raise RefusedCommand("The command is empty: write one, such as get pods -n NAMESPACE.")
    return words


def _check_characters(line: str) -> None:
    if len(line) > MAX_LINE:
        raise RefusedCommand(f"A command may have at most {MAX_LINE} characters: ask for less at once.")
    if "\n" in line or "\r" in line:
        raise RefusedCommand(f"A command is one line: {_NO_SHELL}.")
    if strange := next((c for c in line if not " " <= c <= "~"), ""):
        name = unicodedata.name(strange, f"U+{ord(strange):04X}")
        raise RefusedCommand(f"A command is plain ASCII, and this one holds {name}: write it again without.")


def _check_no_shell(line: str) -> None:
    """Refuse operators outside of quotes, and substitutions wherever a shell would carry them out."""
    quote = ""
    escaped = False
    for position, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        elif not quote and character in _OPERATORS:
            raise RefusedCommand(f"{character!r} outside of quotes is a shell's: {_NO_SHELL}.")
        elif quote != "'" and (character == "`" or re.match(r"\$[({A-Za-z_]", line[position:])):
            raise RefusedCommand(f"Variables and substitutions are not expanded: {_NO_SHELL}.")

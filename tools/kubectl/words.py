"""From one line of text to words, without a shell: what only a shell could carry out is refused."""

import re
import shlex
import unicodedata

from domain.errors import RefusedCommand

MAX_LINE = 2000
"""Characters. A longer line is no question that a person or a model would ask."""

_QUOTED = 60
"""Characters of a word that a sentence repeats."""

_OPERATORS = "|;&<>"
_EXPANSION = re.compile(r"""\$[\w({\['"@*#?$!-]""")
"""What a shell expands; kubectl's own ``{$.items}`` is none of it."""

_NO_SHELL = (
    "there is no shell, so give one plain kubectl command and narrow it with -l, --field-selector or -o"
)


def quote(word: str) -> str:
    """A word as a sentence repeats it: in quotes, and cut when it is long."""
    return repr(word if len(word) <= _QUOTED else f"{word[:_QUOTED]}...")


def split_words(text: str) -> list[str]:
    """Split a line as a POSIX shell would, and drop a leading ``kubectl`` or ``k``.

    The line is NFKC-normalised first and has to be ASCII then, so that no look-alike letter can make a
    word pass for another one.

    Raises:
        RefusedCommand: the line is empty, too long, not ASCII, or needs a shell.
    """
    if len(text) > MAX_LINE:
        raise RefusedCommand(f"A command may have at most {MAX_LINE} characters: ask for less at once.")
    line = unicodedata.normalize("NFKC", text).strip(" \r\n")
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
    within = ""
    escaped = False
    for position, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\" and within != "'":
            escaped = True
        elif character in "'\"" and within in ("", character):
            within = "" if within else character
        elif not within and character in _OPERATORS:
            raise RefusedCommand(f"{character!r} outside of quotes is a shell's: {_NO_SHELL}.")
        elif within != "'" and (character == "`" or _EXPANSION.match(line, position)):
            raise RefusedCommand(f"Variables and substitutions are not expanded: {_NO_SHELL}.")

"""Text from logs and clusters, made safe for a terminal."""

import unicodedata


def sanitise(text: str) -> str:
    """The text without control characters (escape sequences start with one); lines and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf"))

"""Label selectors, as they are printed on one line."""

import re

from tools.importers.transcript.objects import prune, read_map
from tools.importers.transcript.section import Raw

_SELECTOR_TERM = re.compile(r"(?<![\w./-])([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)")
_EXISTENCE = re.compile(r"(!?)([A-Za-z0-9][\w./-]*)")


def read_selector(text: str) -> Raw:
    """``app=web,tier in (a,b),!legacy`` as ``matchLabels`` and ``matchExpressions``."""
    terms: list[Raw] = [
        {
            "key": key,
            "operator": "In" if word == "in" else "NotIn",
            "values": [v.strip() for v in values.split(",")],
        }
        for key, word, values in _SELECTOR_TERM.findall(text)
    ]
    plain = _SELECTOR_TERM.sub("", text)
    for piece in plain.split(","):
        if found := _EXISTENCE.fullmatch(piece.strip()):
            terms.append({"key": found[2], "operator": "DoesNotExist" if found[1] else "Exists"})
    return prune({"matchLabels": read_map([plain]), "matchExpressions": terms})

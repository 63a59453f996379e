"""Takes secrets out of everything that leaves: towards a model, a person, a checkpoint, a recording, a log.

A secret becomes ``<secret:1>``; the same secret gets the same number throughout one investigation, so that a
reader can still tell whether two values are equal. What is not clearly a secret stays: logs must remain
readable.
"""

from tools.redaction.catalogue import prepare
from tools.redaction.cluster import RedactedCluster
from tools.redaction.numbers import Remembered
from tools.redaction.objects import ObjectRedactor
from tools.redaction.redactor import Redactor, redact, strip_placeholders

__all__ = [
    "ObjectRedactor",
    "RedactedCluster",
    "Redactor",
    "Remembered",
    "prepare",
    "redact",
    "strip_placeholders",
]

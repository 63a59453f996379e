"""What the index of a log line is called: ``<service>-<date>``, by the date of the event."""

import re
from dataclasses import dataclass
from datetime import UTC

from domain.errors import MalformedSettings
from domain.settings import OpenSearchSettings
from tools.logs.store import LogDocument

MAX_BYTES = 255
"""Of an index name, as OpenSearch counts them."""

UNKNOWN = "unknown"
"""Stands for a service, namespace or cluster that a line does not tell."""

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_NAMES = {"service", "namespace", "cluster", "date"}
_ILLEGAL = re.compile(r'[\\/*?"<>|,#:\s\x00-\x1f]+')
_DIRECTIVE = re.compile(r"%-?[A-Za-z]|%%")


@dataclass(frozen=True)
class IndexPattern:
    """The form of index names. ``date_format`` is strftime's; times are UTC."""

    text: str = "{service}-{date}"
    prefix: str = ""
    date_format: str = "%Y.%m.%d"

    def __post_init__(self) -> None:
        """Refuse what cannot name an index.

        Raises:
            MalformedSettings: it has an unknown placeholder, or no date: nothing could ever expire.
        """
        names = set(_PLACEHOLDER.findall(self.text))
        if unknown := names - _NAMES:
            raise MalformedSettings(
                f"[opensearch] index knows {{service}}, {{namespace}}, {{cluster}} and {{date}}, not "
                f"{{{min(unknown)}}}."
            )
        if "date" not in names:
            raise MalformedSettings(
                "[opensearch] index needs {date}: old lines could not be deleted without."
            )

    @classmethod
    def of(cls, settings: OpenSearchSettings) -> "IndexPattern":
        """The one that the settings describe."""
        return cls(settings.index, settings.prefix, settings.date_format)

    def wildcard(self) -> str:
        """What matches every index of this form, and little else: ``*-*.*.*``."""
        dated = _DIRECTIVE.sub("*", self.date_format)
        text = _PLACEHOLDER.sub(lambda found: dated if found[1] == "date" else "*", self.text)
        return re.sub(r"\*+", "*", (self.prefix + text).lower())


def index_name(document: LogDocument, pattern: IndexPattern) -> str:
    """The index that a line belongs to: a legal name whatever the line says of itself."""
    values = {
        "service": _sanitise(document.service or document.container),
        "namespace": _sanitise(document.namespace),
        "cluster": _sanitise(document.cluster),
        "date": _sanitise(document.time.astimezone(UTC).strftime(pattern.date_format)),
    }
    name = pattern.prefix + _PLACEHOLDER.sub(lambda found: values[found[1]], pattern.text)
    return _shorten(_ILLEGAL.sub("-", name.lower()).lstrip("-_+."), values["date"])


def _sanitise(part: str) -> str:
    return _ILLEGAL.sub("-", part.lower()).strip("-_+.") or UNKNOWN


def _shorten(name: str, date: str) -> str:
    """Cut a name that is too long, but not its date if it ends with that."""
    raw = name.encode()
    if len(raw) <= MAX_BYTES:
        return name
    tail = date if name.endswith(date) else ""
    return raw[: MAX_BYTES - len(tail.encode())].decode(errors="ignore") + tail

"""Log documents in SQLite, in memory: full text, filters, templates. Everything here blocks."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.logs.fusion import rank
from tools.logs.lines import read_line
from tools.logs.store import Level, LogCount, LogDocument, LogQuery
from tools.logs.words import INNER_CHARACTERS, query_words, split_words

MAX_CANDIDATES = 1_000
"""Lines that a search looks at: the best by words or, without words, the most severe and newest."""

ORIGIN_WEIGHT = 0.5
"""What a word of the query counts in a line's Pod and container names, against 1 in its text."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_SCHEMA = f"""
CREATE TABLE logs (
    row INTEGER PRIMARY KEY, time INTEGER, level INTEGER, cluster TEXT, namespace TEXT, pod TEXT,
    container TEXT, template INTEGER
);
CREATE INDEX by_container ON logs (namespace, pod, container);
CREATE VIRTUAL TABLE words USING fts5 (
    text, origin, content = '', tokenize = "porter unicode61 tokenchars '{INNER_CHARACTERS}'"
);
"""
_INSERT = (
    "INSERT INTO logs (row, time, level, cluster, namespace, pod, container) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_WORDS = "INSERT INTO words (rowid, text, origin) VALUES (?, ?, ?)"

# No value is ever put into the text of a statement: S608 sees the filters, which are constant.
_FILTERS = """
level >= :level AND time BETWEEN :start AND :end
AND (:clusters = '[]' OR cluster IN (SELECT value FROM json_each(:clusters)))
AND (:namespaces = '[]' OR namespace IN (SELECT value FROM json_each(:namespaces)))
AND (:containers = '[]' OR container IN (SELECT value FROM json_each(:containers)))
AND (:pods = '[]' OR EXISTS (
    SELECT 1 FROM json_each(:pods) WHERE pod = value
    OR (value LIKE '%*' AND substr(pod, 1, length(value) - 1) = substr(value, 1, length(value) - 1))
))
"""
_MATCH = f"""
SELECT row, bm25(words, 1.0, {ORIGIN_WEIGHT}) FROM words CROSS JOIN logs ON logs.row = words.rowid
WHERE words MATCH :match AND {_FILTERS} ORDER BY bm25(words, 1.0, {ORIGIN_WEIGHT}), row DESC LIMIT :candidates
"""  # noqa: S608 (CROSS JOIN fixes the order: a plain JOIN was seen to choose a plan that does not end)
_SCAN = f"""
SELECT row, 0.0 FROM logs WHERE {_FILTERS} ORDER BY level DESC, time DESC, row DESC LIMIT :candidates
"""  # noqa: S608
_GROUP = f"""
SELECT template, count(*), min(time), max(time), max(level), max(row) FROM logs WHERE {_FILTERS}
GROUP BY template
"""  # noqa: S608
_SAMPLE = f"""
SELECT row, max(level * 1000000000000 + row) FROM logs
WHERE template IN (SELECT value FROM json_each(:templates)) AND {_FILTERS} GROUP BY template
"""  # noqa: S608 (SQLite takes the bare column from the row that holds the maximum)
_COUNT = f"""
SELECT time / :interval * :interval, level, count(*) FROM logs WHERE {_FILTERS} GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608
_NEWEST = "SELECT max(time) FROM logs WHERE namespace = ? AND pod = ?"
_NEIGHBOURS = """
SELECT row FROM (SELECT row FROM logs
    WHERE cluster = :cluster AND namespace = :namespace AND pod = :pod AND container = :container
    AND row <= :row
    ORDER BY row DESC LIMIT :before + 1)
UNION SELECT row FROM (SELECT row FROM logs
    WHERE cluster = :cluster AND namespace = :namespace AND pod = :pod AND container = :container
    AND row > :row
    ORDER BY row LIMIT :after)
ORDER BY row
"""


@dataclass(frozen=True)
class Group:
    """The lines of one template that pass a filter; ``newest`` is a row."""

    template: int
    count: int
    first: datetime
    last: datetime
    level: Level
    newest: int


@dataclass(frozen=True)
class Mined:
    """The template of each row, the text and size of each template, and each row's ranks by signal."""

    templates: list[int]
    texts: dict[int, str]
    sizes: Counter[int]
    ranks: dict[str, list[float]]


class LogIndex:
    """Documents by row, in time order."""

    def __init__(self, documents: Iterable[LogDocument]) -> None:
        """Index documents; of two with one id the first stays."""
        unique: dict[str, LogDocument] = {}
        for document in documents:
            unique.setdefault(document.id, document)
        self.documents: Sequence[LogDocument] = sorted(unique.values(), key=lambda document: document.time)
        self._rows = {document.id: row for row, document in enumerate(self.documents)}
        self._texts = [read_line(document.message).text for document in self.documents]
        self._mined: Mined | None = None
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(_SCHEMA)
        self._connection.executemany(_INSERT, map(_row_of, range(len(self.documents)), self.documents))
        self._connection.executemany(
            _INSERT_WORDS, map(_words_of, self._rows.values(), self.documents, self._texts)
        )

    def close(self) -> None:
        """Release the memory."""
        self._connection.close()

    def candidates(self, query: LogQuery) -> list[tuple[int, float]]:
        """Rows that pass the filters and hold a word of the query, with their BM25 (lower is better)."""
        if not query.text.strip():
            return self._connection.execute(_SCAN, _parameters(query)).fetchall()
        match = " OR ".join(f'"{word}"' for word in query_words(query.text))
        if not match:
            return []
        parameters = {**_parameters(query), "match": match}
        found = self._connection.execute(_MATCH, parameters).fetchall()
        if len(found) == parameters["candidates"]:  # what was cut off must not be the line that matters
            parameters["level"] = max(query.min_level, Level.WARNING)
            found += self._connection.execute(_MATCH, parameters).fetchall()
        return found

    def neighbours(self, document: LogDocument, before: int, after: int) -> list[int]:
        """Rows of the same container around a document, oldest first; none if the document is not here."""
        if (row := self._rows.get(document.id)) is None:
            return []
        place = document.model_dump(include={"cluster", "namespace", "pod", "container"})
        parameters = {**place, "row": row, "before": max(0, before), "after": max(0, after)}
        return [found for (found,) in self._connection.execute(_NEIGHBOURS, parameters)]

    def groups(self, query: LogQuery) -> list[Group]:
        """The lines that pass the query's filters, by template."""
        self._mine()
        rows = self._connection.execute(_GROUP, _parameters(query)).fetchall()
        return [
            Group(template, count, _from_number(first), _from_number(last), Level(level), newest)
            for template, count, first, last, level, newest in rows
        ]

    def occurring(self, query: LogQuery) -> dict[int, str]:
        """The templates of the lines that pass the filters, by number."""
        return {group.template: self.text_of_template(group.template) for group in self.groups(query)}

    def samples(self, query: LogQuery, templates: Collection[int]) -> list[int]:
        """For each of some templates the most severe and newest row that passes the filters."""
        if not templates:
            return []
        parameters = {**_parameters(query), "templates": json.dumps(list(templates))}
        return [row for row, _ in self._connection.execute(_SAMPLE, parameters)]

    def counts(self, query: LogQuery, interval: timedelta) -> list[LogCount]:
        """How many lines pass the query's filters, by interval and severity, in that order."""
        parameters = {**_parameters(query), "interval": interval // _MICROSECOND}
        rows = self._connection.execute(_COUNT, parameters)
        return [LogCount(start=_from_number(s), level=Level(level), count=n) for s, level, n in rows]

    def newest(self, pods: Sequence[tuple[str, str]]) -> list[datetime | None]:
        """The time of the newest line of each Pod, given by namespace and name; None where there is none."""
        found = (self._connection.execute(_NEWEST, pod).fetchone()[0] for pod in pods)
        return [None if time is None else _from_number(time) for time in found]

    def template_of(self, row: int) -> int:
        """The number of a row's template."""
        return self._mine().templates[row]

    def text_of_template(self, template: int) -> str:
        """``connect to <IP> refused after <N> attempts``."""
        return self._mine().texts[template]

    def count_alike(self, row: int) -> int:
        """How many lines of the whole store share the row's template."""
        return self._mine().sizes[self.template_of(row)]

    def standing(self, rows: Sequence[int]) -> dict[str, list[float]]:
        """Where rows rank among all lines of the store by severity, rarity and recency (1 is the top)."""
        ranks = self._mine().ranks
        return {signal: [ranking[row] for row in rows] for signal, ranking in ranks.items()}

    def _mine(self) -> Mined:
        """Templates are mined when first needed: drain3 takes 70 ms to import and 20 µs a line."""
        if self._mined is None:
            from tools.logs.templates import mine_templates

            templates, texts = mine_templates(self._texts)
            sizes = Counter(templates)
            ranks = {
                "severity": rank([-document.level for document in self.documents]),
                "rarity": rank([sizes[template] for template in templates]),
                "recency": rank([-document.time.timestamp() for document in self.documents]),
            }
            numbered = ((template, row) for row, template in enumerate(templates))
            self._connection.executemany("UPDATE logs SET template = ? WHERE row = ?", numbered)
            self._mined = Mined(templates, texts, sizes, ranks)
        return self._mined


def _row_of(row: int, document: LogDocument) -> tuple[int | str, ...]:
    place = (document.cluster, document.namespace, document.pod, document.container)
    return (row, _to_number(document.time), int(document.level), *place)


def _words_of(row: int, document: LogDocument, text: str) -> tuple[int, str, str]:
    origin = f"{document.pod} {document.container}"
    return row, " ".join(split_words(text)), " ".join(split_words(origin))


def _parameters(query: LogQuery) -> dict[str, Any]:
    return {
        "level": int(query.min_level),
        "start": _to_number(query.window.start) if query.window else -(2**63),
        "end": _to_number(query.window.end) if query.window else 2**63 - 1,
        "clusters": json.dumps(query.clusters),
        "namespaces": json.dumps(query.namespaces),
        "pods": json.dumps(query.pods),
        "containers": json.dumps(query.containers),
        "candidates": max(MAX_CANDIDATES, query.limit),
    }


def _to_number(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def _from_number(microseconds: int) -> datetime:
    return _EPOCH + microseconds * _MICROSECOND

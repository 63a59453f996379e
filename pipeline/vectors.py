"""The vector of each template: known, borrowed from one alike, or embedded now."""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cachetools import LRUCache

from domain.errors import EmbeddingUnavailable, LogsUnavailable
from pipeline.sink import TemplateVectors
from tools.embeddings.embedder import Embedder, Vector
from tools.logs.templates import TemplateGroups, strip_head

MOST_KEPT = 20_000
"""Vectors in memory: 80 MB at 1,024 dimensions."""

MOST_EMBEDDED = 200
"""Templates embedded in one batch; the others stay without a vector until they come again."""

PAUSE_SECONDS = 30.0
"""After a failure the model is left alone for so long: a batch does not wait for one that is down."""


class Vectors:
    """Vectors of templates. One instance serves every batch of a process.

    Templates of one drain3 group share a vector: they differ in names only, which words find better anyway.
    """

    def __init__(
        self,
        embedder: Embedder,
        kept: TemplateVectors,
        on_lines: bool = False,
        seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Embed with a model, and remember in ``kept``. A batch waits ``seconds`` for the model, at most.

        ``on_lines``: each line is to carry its template's vector, beside pointing to it.
        """
        self.on_lines = on_lines
        self._embedder = embedder
        self._kept = kept
        self._seconds = seconds
        self._clock = clock
        self._known: LRUCache[str, array[float]] = LRUCache(MOST_KEPT)
        self._of_group: LRUCache[int, str] = LRUCache(MOST_KEPT)
        self._groups: TemplateGroups | None = None
        self._resting_until = float("-inf")

    async def resolve(self, templates: Mapping[str, str], counts: Counter[str]) -> dict[str, Vector]:
        """The vectors of templates, given as id -> text; one that cannot be had is left out, and counted."""
        missing = {key: text for key, text in templates.items() if key not in self._known}
        if missing:
            await self._recall(missing, counts)
            await self._embed({key: text for key, text in missing.items() if key not in self._known}, counts)
        found = {key: tuple(self._known[key]) for key in templates if key in self._known}
        counts["TemplatesWithoutVector"] += len(templates) - len(found)
        return found

    async def _recall(self, missing: Mapping[str, str], counts: Counter[str]) -> None:
        try:
            found = await self._kept.fetch(list(missing), self._embedder.name)
        except LogsUnavailable:
            counts["TemplateIndexErrors"] += 1
            return
        for key, vector in found.items():
            self._learn(key, vector, self._group_of(missing[key]))

    async def _embed(self, missing: Mapping[str, str], counts: Counter[str]) -> None:
        """Embed the first template of each group that has no vector yet; the others of a group borrow it."""
        groups = {key: self._group_of(text) for key, text in missing.items()}
        leaders: dict[int, str] = {}
        for key, group in groups.items():
            if self._of_group.get(group) not in self._known:
                leaders.setdefault(group, key)
        asked = {key: missing[key] for key in list(leaders.values())[:MOST_EMBEDDED]}
        for key, vector in (await self._ask(asked, counts)).items():
            self._learn(key, vector, groups[key])
        for key, group in groups.items():
            self._borrow(key, group, counts)
        await self._save({key: text for key, text in missing.items() if key in self._known}, counts)

    def _borrow(self, key: str, group: int, counts: Counter[str]) -> None:
        leader = self._of_group.get(group)
        if key not in self._known and leader is not None and leader in self._known:
            self._known[key] = self._known[leader]
            counts["TemplatesBorrowed"] += 1

    async def _ask(self, texts: Mapping[str, str], counts: Counter[str]) -> dict[str, Vector]:
        if not texts or self._clock() < self._resting_until:
            return {}
        counts["EmbeddingCalls"] += len(texts)
        try:
            async with asyncio.timeout(self._seconds):
                vectors = await self._embedder.embed([strip_head(text) for text in texts.values()])
        except (EmbeddingUnavailable, TimeoutError):
            self._resting_until = self._clock() + PAUSE_SECONDS
            counts["EmbeddingErrors"] += 1
            return {}
        return dict(zip(texts, vectors, strict=True))

    async def _save(self, texts: Mapping[str, str], counts: Counter[str]) -> None:
        """Keep new vectors, borrowed ones too: a line is found by the vector of its own template."""
        if not texts:
            return
        name, moment = self._embedder.name, datetime.now(UTC).isoformat(timespec="seconds")
        rows = {
            key: {"template": text, "vector": list(self._known[key]), "embedder": name, "embedded_at": moment}
            for key, text in texts.items()
        }
        try:
            await self._kept.save(rows)
        except LogsUnavailable:
            counts["TemplateIndexErrors"] += 1

    def _learn(self, key: str, vector: Vector, group: int) -> None:
        self._known[key] = array("f", vector)
        self._of_group[group] = key

    def _group_of(self, template: str) -> int:
        if self._groups is None:
            self._groups = TemplateGroups()
        return self._groups.group_of(strip_head(template))

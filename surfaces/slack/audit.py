"""The audit log: who asked what from where, what was allowed and what came of it, a JSON line each."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any

import orjson

from surfaces.serving.metrics import Metrics
from surfaces.slack.audit_index import AuditIndex
from surfaces.slack.questions import Question, State
from tools.redaction import redact

ENDS = {State.ANSWERED, State.ASKED_BACK, State.FAILED}
"""The states of a question that somebody waited for."""


class AuditLog:
    """A file that is only ever appended to, readable by its owner alone; besides, an index and metrics."""

    def __init__(self, path: Path, metrics: Metrics, index: AuditIndex | None = None) -> None:
        """Write to ``path``, whose folder is made with the first line, and to ``index``."""
        self._path = path
        self._metrics = metrics
        self._index = index
        self._lock = asyncio.Lock()

    async def write(self, question: Question, verdict: str, **more: Any) -> None:
        """Write down what became of a question: asked, refused, an outcome, stopped, failed."""
        place = question.place
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "team": place.team,
            "channel": place.channel,
            "thread": place.thread,
            "user": question.user,
            "way": question.way,
            "question": redact(question.text),
            "verdict": verdict,
        } | more
        async with self._lock:
            await asyncio.to_thread(self._append, line)
        if self._index:
            self._index.add(line)
        self._count(question, verdict)

    def _append(self, line: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(descriptor, "ab") as file:
            file.write(orjson.dumps(line) + b"\n")

    def _count(self, question: Question, verdict: str) -> None:
        # An alert's way goes on with its fingerprint.
        self._metrics.add_verdict(question.way.partition(" ")[0], verdict)
        if question.state in ENDS and question.asked_at:
            calls = question.answer.calls if question.answer else ()
            self._metrics.add_answer(verdict, time() - question.asked_at, calls)

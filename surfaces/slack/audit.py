"""The audit log: who asked what from where, what was allowed and what came of it, a JSON line each."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from surfaces.slack.questions import Question
from tools.redaction import redact


class AuditLog:
    """A file that is only ever appended to, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        """Write to ``path``; its folder is made with the first line."""
        self._path = path
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
            "question": question.text,
            "verdict": verdict,
        }
        async with self._lock:
            await asyncio.to_thread(self._append, line | more)

    def _append(self, line: dict[str, Any]) -> None:
        line["question"] = redact(line["question"])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(descriptor, "ab") as file:
            file.write(orjson.dumps(line) + b"\n")

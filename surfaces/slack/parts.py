"""What a desk and its investigations work with."""

from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver

from domain.settings import Settings
from surfaces.slack.access import Access
from surfaces.slack.audit import AuditLog
from surfaces.slack.poster import Poster
from surfaces.slack.questions import Questions


@dataclass(frozen=True)
class Parts:
    """Opened once a process, shared by all threads."""

    settings: Settings
    questions: Questions
    saver: BaseCheckpointSaver[Any]
    poster: Poster
    access: Access
    audit: AuditLog

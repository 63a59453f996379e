"""What a desk and its investigations work with."""

from dataclasses import dataclass

from domain.settings import Settings
from surfaces.serving.metrics import Metrics
from surfaces.slack.access import Access
from surfaces.slack.audit import AuditLog
from surfaces.slack.poster import Poster
from surfaces.slack.questions import Questions
from surfaces.slack.quota import Quota
from surfaces.slack.storage.storage import Storage


@dataclass(frozen=True)
class Parts:
    """Opened once a process, shared by all threads."""

    settings: Settings
    storage: Storage
    poster: Poster
    access: Access
    audit: AuditLog
    metrics: Metrics
    quota: Quota

    @property
    def questions(self) -> Questions:
        """What was asked."""
        return self.storage.questions

"""Who may answer, as a person asks for it in one run."""

from enum import StrEnum


class Mode(StrEnum):
    """The playbook alone; models too, but a cause that the playbook is sure of stands; models first."""

    PLAYBOOK = "playbook"
    HYBRID = "hybrid"
    MODEL = "model"

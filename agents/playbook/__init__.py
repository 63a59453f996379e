"""The playbook: rules as data, typed analyzers, and the reasoner that needs no model."""

from agents.playbook.examine import Examination
from agents.playbook.playbook import Playbook
from agents.playbook.reasoner import PlaybookReasoner
from agents.playbook.scene import Scene

__all__ = ["Examination", "Playbook", "PlaybookReasoner", "Scene"]

"""The catalogue of failure types: our own rules, and a team's."""

from collections.abc import Iterable
from pathlib import Path

from rapidfuzz import process

from agents.playbook.analyzers import ANALYZERS
from agents.playbook.examine import Examination, examine
from agents.playbook.rule import Rule, read_folder
from agents.playbook.scene import Scene
from domain.errors import MalformedRule
from domain.evidence import Evidence
from domain.scope import Scope
from tools.cluster.snapshot import Snapshot

OWN_RULES = Path(__file__).parent / "rules"


class Playbook:
    """A set of rules, ready to examine a snapshot."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the rules.

        Raises:
            MalformedRule: a rule names an analyzer that does not exist, or has neither match nor analyzer.
        """
        self.rules = tuple(rules)
        for rule in self.rules:
            if rule.analyzer and rule.analyzer not in ANALYZERS:
                near = ", ".join(
                    entry[0] for entry in process.extract(rule.analyzer, ANALYZERS.keys(), limit=3)
                )
                raise MalformedRule(
                    f"Rule {rule.id!r} names analyzer {rule.analyzer!r}, which does not exist;"
                    f" the nearest are: {near}."
                )
            if bool(rule.analyzer) == bool(rule.match):
                raise MalformedRule(f"Rule {rule.id!r} needs either `match` or `analyzer`.")

    @classmethod
    def load(cls, folder: Path | None = None) -> "Playbook":
        """Our own rules and those of ``folder``, which replace ours of the same id.

        Raises:
            MalformedRule: a rule file cannot be used.
        """
        rules = {rule.id: rule for rule in read_folder(OWN_RULES)}
        if folder is not None:
            rules |= {rule.id: rule for rule in read_folder(folder)}
        return cls(rules.values())

    def examine(self, snapshot: Snapshot, scope: Scope, evidence: Iterable[Evidence]) -> Examination:
        """What the rules conclude from a snapshot and the log lines among ``evidence``."""
        return examine(self.rules, Scene(snapshot, scope, evidence))

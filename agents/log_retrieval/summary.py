"""What was searched, found and not found, in a sentence."""

from collections import Counter
from collections.abc import Sequence

from agents.log_retrieval.found import Found, RankedLine
from agents.log_retrieval.leads import pod_patterns
from agents.log_retrieval.ranking import is_from
from domain.objects import ObjectRef
from domain.scope import Scope


def summarise(lines: Sequence[RankedLine], found: Found, scope: Scope, searches: int = 0) -> str:
    """One sentence on what was searched, what stood out and who was silent, for the progress display."""
    where = ", ".join(scope.namespaces) or "all namespaces"
    if not found.total and not found.documents:
        return f"No log line of {where} lies in the window."
    speakers = Counter(line.document.container for line in lines)
    told = ", ".join(f"{name} ({count})" for name, count in speakers.items())
    outcome = f"{len(lines)} explain something: {told}" if lines else "none speaks of a failure"
    made = f" in {searches} searches" if searches else ""
    silent = ", ".join(str(ref) for ref in find_silent(found, scope))
    silence = f"; not a line of {silent}" if silent else ""
    return f"{found.total} log lines of {where}, {found.kinds} kinds{made}; {outcome}{silence}."


def find_silent(found: Found, scope: Scope) -> tuple[ObjectRef, ...]:
    """The named workloads of which not a single line came up: they never started, or say nothing."""
    return tuple(
        ref
        for ref in scope.workloads
        if pod_patterns([ref]) and not any(is_from(document, ref) for document in found.documents)
    )

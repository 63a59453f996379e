"""Links into OpenSearch Dashboards: the log lines around an observation."""

from datetime import timedelta
from urllib.parse import quote

from domain.evidence import Evidence, Source
from surfaces.slack.blocks.parts import Block

AROUND = timedelta(minutes=15)
"""How far before and after an observation its link looks."""

LABEL = "in OpenSearch Dashboards"


def link_logs(item: Evidence, dashboards: str) -> list[Block]:
    """A link to the lines around one that was observed, as spans; none without an address, or for no line.

    Discover of OpenSearch Dashboards reads its state from the fragment, in Rison. Fields are Fluent Bit's.
    """
    if not dashboards or item.source is not Source.LOG or item.object is None:
        return []
    start, end = "now-24h", "now"
    if item.time:
        begin, over = item.time - AROUND, item.time + AROUND
        start, end = (f"{moment:%Y-%m-%dT%H:%M:%S.000Z}" for moment in (begin, over))
    name = item.object.name if item.object.kind == "Pod" else f"{item.object.name}-*"
    query = f'kubernetes.namespace_name:"{item.object.namespace}" and kubernetes.pod_name:{name}'
    period = f"(time:(from:{_say(start)},to:{_say(end)}))"
    asked = f"(query:(language:kuery,query:{_say(query)}))"
    state = f"_g={quote(period, safe='')}&_a={quote(asked, safe='')}"
    url = f"{dashboards.rstrip('/')}/app/discover#/?{state}"
    return [{"type": "text", "text": "  "}, {"type": "link", "url": url, "text": LABEL}]


def _say(text: str) -> str:
    """A string of Rison."""
    told = text.replace("!", "!!").replace("'", "!'")
    return f"'{told}'"

"""Lines alike but for their variables, found by drain3."""

import logging
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2s
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drain3.template_miner_config import TemplateMinerConfig

MAX_CHARACTERS = 1_000
"""Of a longer line only its beginning shapes the template."""

_MASKS = (
    (r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", "UUID"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?", "TIME"),
    (r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b", "IP"),
    (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b", "HEX"),
    (r"\b0x[0-9a-fA-F]+\b", "HEX"),
    (r"(?<![A-Za-z_\d])[-+]?\d+(?:\.\d+)*", "N"),
)
"""Variables that are masked before mining, the longest forms first. Digits inside names stay (``utf8``)."""

logging.getLogger("drain3").setLevel(logging.WARNING)


@lru_cache(maxsize=1)
def _config() -> "TemplateMinerConfig":
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig

    config = TemplateMinerConfig()
    config.profiling_enabled = False
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in _MASKS]
    return config


def mine_templates(texts: Iterable[str]) -> tuple[list[int], dict[int, str]]:
    """The template number of each text, and the template of each number (variables are ``<*>``, ``<N>``).

    Nothing is written to disk, and no ``drain3.ini`` is looked for.
    """
    from drain3 import TemplateMiner

    miner = TemplateMiner(config=_config())
    numbers = [int(miner.add_log_message(text[:MAX_CHARACTERS])["cluster_id"]) for text in texts]
    return numbers, {cluster.cluster_id: cluster.get_template() for cluster in miner.drain.clusters}


_STABLE_MASKS = tuple(
    (re.compile(pattern), f"<{name}>")
    for pattern, name in (
        _MASKS[0],
        _MASKS[1],
        (r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", "EMAIL"),
        (r"(?<=[\w/])\?[\w.%-]+=[^\s\"'<>]*", "QUERY"),
        _MASKS[2],
        (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b|\b0x[0-9a-fA-F]+\b", "HEX"),
        (r"(?<![\w.-])[-+]?\d+(?:\.\d+)*(?:%|[A-Za-zµ]{1,3})?(?![\w-])", "N"),
        (r"\b(?=[\w-]*[A-Za-z])(?:[A-Za-z_-]*\d){2}[\w-]*", "ID"),
        _MASKS[5],
    )
)
"""``_MASKS`` and more, since nothing is learned here: amounts (``12ms``), names (``pod-7d9f8``)."""


_HEAD = re.compile(
    r"(?i:[\[(<|]?(?:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|severe|fatal|crit(?:ical)?|panic)"
    r"[\])>|]?[:\s-]+)?"
    r"(?:[\[(][\w./:$-]{1,60}[\])][:\s-]*)?"
)


def find_template(text: str) -> str:
    """The template of one text by masks alone: the same for the same text in every process and at every time.

    What drain3 finds depends on the lines before, so that its numbers mean nothing elsewhere. Of a stack
    trace the frames are left out.
    """
    lines = text.splitlines()
    told = lines[:1] + [line for line in lines[1:] if not line[:1].isspace()]
    masked = " ".join(" ".join(told)[:MAX_CHARACTERS].split())
    for pattern, mask in _STABLE_MASKS:
        masked = pattern.sub(mask, masked)
    return masked


def strip_head(template: str) -> str:
    """What a template says, without the level and the logger in brackets that many lines begin with.

    Neither bears on its meaning, and both are fields of the document.
    """
    return _HEAD.sub("", template, count=1).strip() or template


def identify_template(template: str) -> str:
    """The id of a template, 16 hexadecimal digits."""
    return blake2s(template.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class TemplateGroups:
    """Templates alike but for words that no mask knows for a variable (names, verbs of users), by drain3.

    Groups depend on what this process has seen. They only save work, such as embedding; ids do not come from
    them.
    """

    def __init__(self, most: int = 10_000) -> None:
        """Remember at most so many groups, the least recently met are forgotten."""
        from drain3 import TemplateMiner
        from drain3.template_miner_config import TemplateMinerConfig

        config = TemplateMinerConfig()
        config.profiling_enabled = False
        config.drain_max_clusters = most
        self._miner = TemplateMiner(config=config)

    def group_of(self, template: str) -> int:
        """The number of the group that a template belongs to."""
        return int(self._miner.add_log_message(template)["cluster_id"])

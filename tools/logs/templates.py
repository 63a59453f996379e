"""Lines alike but for their variables, found by drain3."""

import logging
from collections.abc import Iterable
from functools import lru_cache

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
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
def _config() -> TemplateMinerConfig:
    config = TemplateMinerConfig()
    config.profiling_enabled = False
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in _MASKS]
    return config


def mine_templates(texts: Iterable[str]) -> tuple[list[int], dict[int, str]]:
    """The template number of each text, and the template of each number (variables are ``<*>``, ``<N>``).

    Nothing is written to disk, and no ``drain3.ini`` is looked for.
    """
    miner = TemplateMiner(config=_config())
    numbers = [int(miner.add_log_message(text[:MAX_CHARACTERS])["cluster_id"]) for text in texts]
    return numbers, {cluster.cluster_id: cluster.get_template() for cluster in miner.drain.clusters}

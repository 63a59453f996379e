"""Log retrieval: which lines of a namespace's chatter explain the trouble.

Steps from data to data (``search_logs``, ``search_further`` and ``quote_lines`` alone ask the store): find
leads, write queries, search, rank, follow the trail for another round, quote, summarise. A line that is kept
becomes evidence with the command that shows it.
"""

from agents.log_retrieval.found import Found, RankedLine, search_further, search_logs
from agents.log_retrieval.leads import Lead, find_leads
from agents.log_retrieval.queries import write_queries
from agents.log_retrieval.quoting import quote_lines
from agents.log_retrieval.ranking import KEPT, PER_CONTAINER, rank_lines
from agents.log_retrieval.summary import find_silent, summarise
from agents.log_retrieval.trail import follow_trail

__all__ = [
    "KEPT",
    "PER_CONTAINER",
    "Found",
    "Lead",
    "RankedLine",
    "find_leads",
    "find_silent",
    "follow_trail",
    "quote_lines",
    "rank_lines",
    "search_further",
    "search_logs",
    "summarise",
    "write_queries",
]

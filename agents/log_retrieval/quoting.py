"""Ranked lines -> evidence, with the lines around that belong to them."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from agents.log_retrieval.found import RankedLine
from domain.evidence import Evidence, Source
from domain.objects import ObjectRef
from tools.logs.store import LogDocument, LogStore
from tools.redaction import Redactor

LINE_CHARACTERS = 600
FOLLOWING = 8
"""Lines after one that only announces them."""

IN_CONTEXT = 3
BESIDE = timedelta(seconds=2)
"""The best lines are shown with the one before and the one after, if written at nearly that time."""

_UNFINISHED = re.compile(r"^(?:Traceback |panic: |Exception in thread )|:\s*$")


async def quote_lines(
    lines: Iterable[RankedLine], store: LogStore, redactor: Redactor
) -> tuple[Evidence, ...]:
    """The lines as evidence, redacted and bounded.

    A line that only announces what follows (``Traceback ...``, ``error:``) brings the lines after it, and the
    best few bring their neighbours, unless those are quoted themselves.

    Raises:
        LogsUnavailable: the store cannot be reached.
    """
    documents = [line.document for line in lines]
    quoted = {document.id for document in documents}
    work = [
        _quote(document, store, redactor, quoted, beside=number < IN_CONTEXT)
        for number, document in enumerate(documents)
    ]
    return tuple(await asyncio.gather(*work))


async def _quote(
    document: LogDocument, store: LogStore, redactor: Redactor, quoted: set[str], beside: bool
) -> Evidence:
    lines: Sequence[LogDocument] = [document]
    if _UNFINISHED.search(document.message):
        lines = await store.around(document, before=0, after=FOLLOWING)
    elif beside:
        near = await store.around(document, before=1, after=1)
        lines = [line for line in near if line.id == document.id or _belongs(line, document, quoted)]
    text = "\n".join(line.message for line in lines) or document.message
    return Evidence(
        source=Source.LOG,
        object=ObjectRef(kind="Pod", name=document.pod, namespace=document.namespace),
        time=document.time,
        text=_bound(redactor.redact(text)),
        command=write_logs_command(document),
    )


def _belongs(line: LogDocument, document: LogDocument, quoted: set[str]) -> bool:
    return line.id not in quoted and abs(line.time - document.time) <= BESIDE


def _bound(text: str) -> str:
    if len(text) <= LINE_CHARACTERS:
        return text
    half = LINE_CHARACTERS // 2
    return f"{text[:half]} ... {text[-half:]}"


def write_logs_command(document: LogDocument) -> str:
    """The kubectl line that shows the document among its neighbours."""
    previous = " --previous" if document.previous else ""
    return f"kubectl logs {document.pod} -n {document.namespace} -c {document.container}{previous}"

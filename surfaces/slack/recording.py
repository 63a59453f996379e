"""What an answer was about, recorded: to export it, and to keep it as a case of the evaluation."""

import asyncio
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from domain.diagnosis import Diagnosis
from domain.errors import InputError
from domain.objects import ObjectRef
from domain.settings import SlackGrant
from surfaces.slack.access import GrantedContext
from surfaces.slack.parts import Parts
from surfaces.slack.questions import Question
from tools.recorder import record


async def record_incident(parts: Parts, question: Question, grant: SlackGrant, folder: Path) -> None:
    """Record the namespaces that an answer is about as they are now, without secrets, into a new folder.

    Raises:
        ClusterUnavailable: nothing can be read.
        InputError: the answer is about no namespace, or one may not be read any more.
    """
    if question.answer is None:
        raise InputError("There is no answer to record yet.")
    namespaces = list(dict.fromkeys(_list_namespaces(question.answer)))
    if not namespaces:
        raise InputError("The answer is about no namespace, so there is nothing to record.")
    context = GrantedContext(parts.settings, grant)
    try:
        if not context.incident:
            await context.turn_to(question.answer.cluster)
        instruments = await context.open()
        await record(
            instruments.cluster,
            namespaces,
            timedelta(minutes=instruments.settings.window_minutes),
            folder,
            progress=lambda *_: None,
            question=question.text,
            redactor=await context.redactor(),
        )
    finally:
        await context.close()


def _list_namespaces(diagnosis: Diagnosis) -> Iterator[str]:
    """Where all that an answer names lies."""
    for ref in _list_objects(diagnosis):
        if name := ref.namespace or (ref.name if ref.kind == "Namespace" else ""):
            yield name


def _list_objects(diagnosis: Diagnosis) -> Iterator[ObjectRef]:
    yield from filter(None, (diagnosis.object, diagnosis.missing))
    yield from (link.object for link in diagnosis.chain)
    yield from (guess.object for guess in (*diagnosis.also, *diagnosis.alternatives))
    yield from filter(None, (item.object for item in diagnosis.evidence))


async def archive_incident(parts: Parts, question: Question, grant: SlackGrant) -> bytes:
    """The recording and the answer in one zip file.

    Raises:
        ClusterUnavailable: nothing can be read.
        InputError: there is nothing to record.
    """
    with TemporaryDirectory(prefix="kubewhy-") as temporary:
        folder = Path(temporary) / "incident"
        await record_incident(parts, question, grant, folder)
        return await asyncio.to_thread(_pack, folder, question)


def _pack(folder: Path, question: Question) -> bytes:
    answer = question.answer.model_dump(mode="json") if question.answer else None
    told = {"question": question.text, "commands": question.commands, "diagnosis": answer}
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("answer.json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return content.getvalue()

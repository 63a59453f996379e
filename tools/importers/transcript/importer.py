"""Transcripts on disk: one file, or a folder of such files with logs and other texts beside them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from domain.errors import MalformedRecording
from tools.importers.files import RecordedFile, list_files, read_file, read_files
from tools.importers.incident import ImportedIncident, Leftover
from tools.importers.transcript.assemble import assemble, attach_logs
from tools.importers.transcript.mapping import (
    is_command_mapping,
    is_log_mapping,
    is_tool_call,
    read_command_mapping,
    read_tool_call,
)
from tools.importers.transcript.pasted import find_command, split_terminal
from tools.importers.transcript.reader import looks_printed
from tools.importers.transcript.section import Section

_TEXTS = frozenset((".txt", ".md", ".out"))
_DOCUMENTS = frozenset((".json", ".yaml", ".yml"))
_FILES = _TEXTS | _DOCUMENTS | {".log", ""}
"""Endings of files that may be transcripts: of several in a folder, and of one that was named."""

_ABOUT = frozenset(("metadata.json", "case.json"))
"""Files that tell about the recording, often the answer too: only the question is taken from them."""

_QUESTION_KEYS = ("query", "prompt", "question")
_TRIED = 20
"""Files of a folder that are looked at to know whether they are transcripts."""

_SNIFFED = 256 * 1024
"""Characters at the beginning of a text by which it is known."""


class TranscriptImporter:
    """Texts of kubectl commands: a JSON mapping, recorded tool calls, or what a terminal showed."""

    name = "transcript"

    def accepts(self, path: Path) -> bool:
        """Whether the file, or one of the first files in the folder, is a transcript.

        Raises:
            MalformedRecording: it cannot be read.
        """
        if path.is_file():
            return path.suffix in _FILES and _is_readable(read_file(path))
        found = [
            file for file in list_files(path) if file.suffix in _TEXTS | _DOCUMENTS and len(file.parts) < 3
        ]
        return any(_is_transcript(read_file(path / file)) for file in found[:_TRIED])

    def read(self, path: Path) -> ImportedIncident:
        """Read a transcript.

        Raises:
            MalformedRecording: nothing in it can be read.
        """
        name = path.stem if path.is_file() else path.resolve().name
        now = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if path.is_file():
            imported = assemble(name, list(_sections_of(read_file(path))), now)
        else:
            imported = _read_folder(name, list(read_files(path)), now)
        texts = any(map(str.strip, imported.answers.values()))
        if not (texts or imported.objects or imported.events or imported.logs):
            raise MalformedRecording(
                f"{path} holds no output of kubectl: expected lines like `$ kubectl describe pod NAME` and "
                "what they printed, or a JSON mapping from command to text."
            )
        return imported


def _is_transcript(file: RecordedFile) -> bool:
    """Whether a file among others holds commands with what they printed."""
    if not file.is_text or file.path.name in _ABOUT:
        return False
    document = parse_json(file)
    if document is not None:
        return is_command_mapping(document) or is_tool_call(document)
    return file.path.suffix in _TEXTS and any(map(find_command, file.text[:_SNIFFED].splitlines()))


def _is_readable(file: RecordedFile) -> bool:
    """Whether a file that was named is a transcript, or at least something that kubectl prints."""
    start = file.text[:_SNIFFED]
    return file.is_text and (
        _is_transcript(file) or any(map(find_command, start.splitlines())) or looks_printed(start)
    )


def parse_json(file: RecordedFile) -> Any:
    """The document of a file; None when it is no JSON."""
    if file.path.suffix != ".json":
        return None
    try:
        return orjson.loads(file.content or b"")
    except orjson.JSONDecodeError:
        return None


def _sections_of(file: RecordedFile) -> Iterator[Section]:
    document = parse_json(file)
    if isinstance(document, dict) and is_command_mapping(document):
        yield from read_command_mapping(document)
    elif isinstance(document, dict) and is_tool_call(document):
        yield read_tool_call(document)
    elif file.path.suffix in _DOCUMENTS:
        yield Section(file.text, origin=str(file.path))
    else:
        yield from split_terminal(file.text)


def _read_folder(name: str, files: list[RecordedFile], now: datetime) -> ImportedIncident:
    transcripts = {file.path for file in files if _is_transcript(file)}
    sections = [section for file in files if file.path in transcripts for section in _sections_of(file)]
    others = [(file, parse_json(file)) for file in files if file.path not in transcripts]
    printed = list(_find_printed(others, {section.text for section in sections}))
    imported = assemble(name, [*sections, *printed], now)
    known = {section.text for section in (*sections, *printed)}
    for file, document in others:
        if file.path.name in _ABOUT:
            _take_question(imported, document)
        elif isinstance(document, dict) and is_log_mapping(document):
            imported.leftovers += attach_logs(imported, document, str(file.path))
        else:
            imported.leftovers += _keep(file, document, known)
    return imported


def _find_printed(others: Sequence[tuple[RecordedFile, Any]], known: set[str]) -> Iterator[Section]:
    """Entries of other mappings that kubectl could have printed, such as manifests."""
    for file, document in others:
        if isinstance(document, dict) and file.path.name not in _ABOUT:
            for key, text in document.items():
                if isinstance(text, str) and text not in known and looks_printed(text):
                    yield Section(text, origin=f"{file.path}: {key}")


def _take_question(imported: ImportedIncident, document: Any) -> None:
    if isinstance(document, Mapping):
        asked = next((document[key] for key in _QUESTION_KEYS if isinstance(document.get(key), str)), "")
        imported.question = imported.question or asked
        if isinstance(namespace := document.get("namespace"), str) and namespace:
            imported.namespaces = (namespace,)


def _keep(file: RecordedFile, document: Any, known: set[str]) -> Iterator[Leftover]:
    """What else lies there, as evidence text; what was read before is not kept twice."""
    if not file.is_text:
        yield Leftover(str(file.path), "(not text, or too large to be read)")
    elif isinstance(document, Mapping):
        for key, value in document.items():
            text = value if isinstance(value, str) else orjson.dumps(value).decode()
            if text.strip() and text not in known:
                yield Leftover(f"{file.path}: {key}", text)
    elif file.text.strip():
        yield Leftover(str(file.path), file.text)

"""Recorded incidents: what was asked, the cluster and the logs as they were, and the answer expected."""

import asyncio
from datetime import datetime
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any
from weakref import finalize

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from domain.errors import MalformedRecording, UnknownIncident
from domain.evidence import Evidence, Source
from tools.cluster.coverage import Coverage
from tools.cluster.recorded import RecordedCluster
from tools.cluster.recorded_files import find_line, read_documents

if TYPE_CHECKING:
    from tools.cluster.recording import Recording
    from tools.importers.incident import ImportedIncident
    from tools.logs.store import LogStore
    from tools.redaction import Redactor

INCIDENTS = Path(__file__).resolve().parents[1] / "evals" / "incidents"
"""The incidents that come with Kubewhy."""

_FILE = "incident.yaml"
MOST_LEFTOVERS, LEFTOVER_CHARACTERS = 20, 2000
_RECORDED = tuple(f"{depth}*.{suffix}" for depth in ("", "*/", "*/*/") for suffix in ("json", "y*ml"))
"""Where the lists of a recording lie: in the folder, under ``cluster/``, in a namespace of either."""


class Incident(BaseModel):
    """One incident. ``incident.yaml`` describes it; a plain cluster-info dump goes by its folder's name.

    Attributes:
        folder: where it lies.
        cluster_folder: ``folder/cluster``, or the folder itself for a plain dump.
        question: what was asked; empty for a plain dump.
        cluster_name: ``cluster`` in the file; how people call the cluster.
        namespaces: those the incident is about; empty means all.
        recorded_at: the present of the recording; None: the newest time found in it.
        kubernetes: the server's version, where told.
        provenance: ``recorded`` from a real API server, ``authored`` by hand, or another word of its maker.
        coverage: what the recording holds whole; None where that was not written down.
        expected: what a right answer says, raw; None where nobody said.
        origin: the file or folder of another form that it was imported from; None for our own form.
    """

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    folder: Path
    cluster_folder: Path
    id: str = Field(min_length=1)
    title: str = ""
    question: str = ""
    cluster_name: str = Field(default="recorded", alias="cluster")
    namespaces: tuple[str, ...] = ()
    recorded_at: AwareDatetime | None = None
    kubernetes: str = ""
    provenance: str = ""
    coverage: Coverage | None = None
    expected: dict[str, Any] | None = None
    origin: Path | None = None

    @cached_property
    def _reader(self) -> RecordedCluster:
        return RecordedCluster(
            self.cluster_folder, name=self.cluster_name, now=self.recorded_at, coverage=self.coverage
        )

    def cluster(self) -> RecordedCluster:
        """The cluster as it was; the same reader each time, so that files are read once."""
        return self._reader

    @property
    def address(self) -> str:
        """What to open it by again, from anywhere."""
        return str((self.origin or self.folder).resolve())

    @cached_property
    def _answers(self) -> dict[str, str]:
        from tools.importers.incident import read_answers

        return read_answers(self.folder)

    def recall(self, line: str) -> str:
        """What the recording says that a kubectl line printed; empty when it does not say.

        Raises:
            MalformedRecording: the file of recorded answers cannot be used.
        """
        if not self._answers:
            return ""
        from tools.importers.transcript.command import canonical_line

        return self._answers.get(canonical_line(line), "")

    def leftovers(self, redactor: "Redactor") -> tuple[Evidence, ...]:
        """What an importer could not read, as evidence: redacted and bounded.

        Raises:
            MalformedRecording: the file of leftovers cannot be used.
        """
        from tools.importers.incident import read_leftovers

        kept = read_leftovers(self.folder)[:MOST_LEFTOVERS]
        texts = [(left.origin, redactor.redact(left.text)[:LEFTOVER_CHARACTERS]) for left in kept]
        return tuple(Evidence(source=Source.COMMAND, text=t, command=origin) for origin, t in texts)

    async def logs(self) -> "LogStore":
        """A new store over the incident's log lines; close it after use.

        Raises:
            MalformedRecording: a log file cannot be used.
        """
        recording, now = await self._reader.recording(), await self._reader.now()
        return await asyncio.to_thread(_open_logs, recording, self.folder / "logs", now)


def _open_logs(recording: "Recording", folder: Path, now: datetime) -> "LogStore":
    from tools.logs.recorded import open_recorded_logs  # SQLite only when logs are asked for

    return open_recorded_logs(recording, folder, now)


def find_incidents(folder: Path = INCIDENTS) -> list[Incident]:
    """The incidents in a folder, by id: every folder in it that has an ``incident.yaml``.

    Raises:
        MalformedRecording: an ``incident.yaml`` cannot be used.
    """
    found = [_read(path.parent) for path in folder.glob(f"*/{_FILE}")]
    return sorted(found, key=lambda incident: incident.id)


def open_incident(name_or_path: str | Path, folder: Path = INCIDENTS) -> Incident:
    """The incident of that id in ``folder``, or the one that the file or directory ``name_or_path`` holds.

    Besides our own form and what ``kubectl cluster-info dump`` writes, the forms of ``tools.importers``
    are read: support bundles, must-gathers, transcripts of kubectl.

    Raises:
        UnknownIncident: there is neither.
        MalformedRecording: its ``incident.yaml`` cannot be used, or it holds no recording.
    """
    name, path = str(name_or_path), Path(name_or_path).expanduser()
    own = folder / name
    if name and own.parent == folder and (own / _FILE).is_file():
        return _read(own)
    if name and (path / _FILE).is_file():
        return _read(path)
    if name and path.exists():
        return _open_foreign(path)
    raise UnknownIncident(_explain_unknown(name, folder))


def _read(folder: Path) -> Incident:
    path = folder / _FILE
    documents = read_documents(path)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise MalformedRecording(f"{path}, line 1: expected one mapping with id, question and expected.")
    try:
        return Incident.model_validate({"id": folder.name, **documents[0], **_places(folder)})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        line = find_line(path, first["loc"])
        raise MalformedRecording(f"{path}, line {line}: `{place}`: {first['msg']}.") from error


def _open_foreign(path: Path) -> Incident:
    """A recording of another form."""
    from tools.importers.registry import detect, import_recording
    from tools.redaction import Redactor

    if detect(path) is None and path.is_dir():
        return _open_plain(path)
    return open_imported(import_recording(path), Redactor(), path)


def open_imported(imported: "ImportedIncident", redactor: "Redactor", origin: Path | None = None) -> Incident:
    """An incident in memory, without its secrets: in a folder that lasts as long as its reader. Blocking."""
    from tools.importers.cleaning import clean_imported
    from tools.importers.incident import write_incident

    folder = Path(mkdtemp(prefix="kubewhy-"))
    write_incident(clean_imported(imported, redactor), folder)
    incident = _read(folder).model_copy(update={"origin": origin})
    finalize(incident.cluster(), rmtree, folder, ignore_errors=True)
    return incident


def _open_plain(folder: Path) -> Incident:
    folder = folder.resolve()
    if not any(path for pattern in _RECORDED for path in folder.glob(pattern)):
        raise MalformedRecording(
            f"{folder} holds no recording: expected {_FILE}, or what `kubectl cluster-info dump "
            "--all-namespaces -o json --output-directory DIR` writes."
        )
    name = folder.name or "recorded"
    return Incident.model_validate({"id": name, "cluster": name, **_places(folder)})


def _places(folder: Path) -> dict[str, Path]:
    """A dump has ``nodes.json`` at its top, and may have a namespace of the name ``cluster``."""
    inner = folder / "cluster"
    is_inner = inner.is_dir() and not (folder / "nodes.json").exists()
    return {"folder": folder, "cluster_folder": inner if is_inner else folder}


def _explain_unknown(name: str, folder: Path) -> str:
    from rapidfuzz import process

    known = sorted(path.parent.name for path in folder.glob(f"*/{_FILE}"))
    near = [match for match, score, _ in process.extract(name, known, limit=3) if score >= 60]
    hint = f" The nearest are: {', '.join(near)}." if near else ""
    return f"There is no incident or folder {name!r}.{hint} `kubewhy incidents` lists all."

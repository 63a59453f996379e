"""What an importer found, and how it becomes an incident folder of our own form."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import orjson
import yaml

from domain.errors import MalformedRecording
from domain.objects import KubeObject
from tools.cluster.coverage import Coverage
from tools.cluster.recorded_logs import ContainerRun, print_log_error
from tools.cluster.resources import builtin_kind, is_builtin_group

ANSWERS, LEFTOVERS = "answers.json", "leftovers.json"
"""Files beside ``incident.yaml``: recorded text by command, and what could not be parsed."""

_METRICS = {"PodMetrics": "top-pods", "NodeMetrics": "top-nodes"}
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,250}[A-Za-z0-9])?")


@dataclass(frozen=True)
class Leftover:
    """Text that could not be parsed, kept as evidence. ``origin`` is the command or file it comes from."""

    origin: str
    text: str


@dataclass
class ImportedIncident:
    """A recording in memory.

    Attributes:
        name: a short name, from the file's or folder's.
        objects: as the API server would serve them; reconstructed ones are annotated.
        events: of core/v1.
        logs: the lines of each container run, as ``kubectl logs`` prints them.
        log_errors: why the log of a run that there was could not be read.
        answers: recorded text by command (``canonical_line``); of Secrets never more than their keys.
        leftovers: what could not be parsed.
        listed: (kind, namespace) of which every object was recorded; an empty namespace means all.
        unseen: why a kind could not be read, where that is known.
        question: what was asked, where the recording says it.
        namespaces: those it is about; empty means all.
        only: the namespaces that were looked into; empty: that is not known.
        recorded_at: its present; None: the newest time found in it.
        version: the server's gitVersion, empty when not told.
        title: for people; by default from the name.
        cluster: how people call the cluster; by default the name.
        provenance: how it came to be.
    """

    name: str
    objects: list[KubeObject] = field(default_factory=list)
    events: list[KubeObject] = field(default_factory=list)
    logs: dict[ContainerRun, str] = field(default_factory=dict)
    log_errors: dict[ContainerRun, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)
    listed: set[tuple[str, str]] = field(default_factory=set)
    unseen: dict[str, str] = field(default_factory=dict)
    question: str = ""
    namespaces: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    recorded_at: datetime | None = None
    version: str = ""
    title: str = ""
    cluster: str = ""
    provenance: str = "imported"

    @property
    def coverage(self) -> Coverage:
        """What it holds whole."""
        return Coverage.of(self.listed, self.unseen, self.only)


def is_safe_name(name: str) -> bool:
    """Whether a name from a recording may become a file's or folder's name."""
    return _NAME.fullmatch(name) is not None and ".." not in name


def write_incident(imported: ImportedIncident, folder: Path) -> Path:
    """Write ``incident.yaml``, ``cluster/``, ``logs/`` and the texts into a new or empty folder.

    Blocking. They are written beside it and moved when they are complete.

    Returns:
        The folder.

    Raises:
        MalformedRecording: the folder holds something already, or cannot be written.
    """
    check_is_new(folder)
    unfinished = folder.absolute().with_name(f".{folder.absolute().name}.{uuid4().hex[:8]}")
    try:
        unfinished.mkdir(parents=True)
        _write_parts(imported, unfinished)
        unfinished.replace(folder)
    except OSError as error:
        raise MalformedRecording(f"{folder} cannot be written: {error.strerror}.") from error
    finally:
        rmtree(unfinished, ignore_errors=True)
    return folder


def check_is_new(folder: Path) -> None:
    """Let pass a folder that is empty or does not exist yet. Blocking.

    Raises:
        MalformedRecording: there is something in it, or it is no folder.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise MalformedRecording(f"{folder} is not empty: name a new folder for the incident.")
    except OSError as error:
        raise MalformedRecording(f"{folder} cannot be written: {error.strerror}.") from error


def _write_parts(imported: ImportedIncident, folder: Path) -> None:
    _write_description(imported, folder / "incident.yaml")
    _write_objects(imported, folder / "cluster")
    _write_logs(imported, folder / "logs")
    _write_log_errors(imported, folder / "cluster")
    _write_json(folder / ANSWERS, imported.answers)
    _write_json(folder / LEFTOVERS, [{"origin": o.origin, "text": o.text} for o in imported.leftovers])


def _write_description(imported: ImportedIncident, path: Path) -> None:
    described: dict[str, Any] = {
        "id": imported.name,
        "title": imported.title or f"Imported from {imported.name}",
        "question": imported.question,
        "cluster": imported.cluster or imported.name,
        "namespaces": list(imported.namespaces),
        "kubernetes": imported.version,
        "provenance": imported.provenance,
    }
    if imported.recorded_at:
        described["recorded_at"] = imported.recorded_at.isoformat()
    described["coverage"] = imported.coverage.describe()
    text = yaml.safe_dump(described, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110)
    path.write_text(text, encoding="utf-8")


def _write_objects(imported: ImportedIncident, folder: Path) -> None:
    lists: dict[tuple[str, str], list[KubeObject]] = defaultdict(list)
    for item in (*imported.objects, *imported.events):
        group = str(item.get("apiVersion") or "").rpartition("/")[0]
        lists[_place(item["metadata"].get("namespace") or ""), _plural(item["kind"], group)].append(item)
    folder.mkdir()
    if not lists:
        _write_json(folder / "objects.json", {"kind": "List", "apiVersion": "v1", "items": []})
    for (namespace, plural), items in lists.items():
        (folder / namespace).mkdir(exist_ok=True)
        path = folder / namespace / f"{plural}.json"
        _write_json(path, {"kind": "List", "apiVersion": "v1", "items": items})
    if imported.version:
        _write_json(folder / "version.json", {"serverVersion": {"gitVersion": imported.version}})


def _place(namespace: str) -> str:
    return namespace if is_safe_name(namespace) else ""


def _plural(kind: str, group: str) -> str:
    known = builtin_kind(kind)
    if known and is_builtin_group(group):
        return _METRICS.get(kind, known.plural)
    return re.sub(r"[^a-z0-9.]+", "-", f"{kind}.{group}".lower())[:100].strip(".-") or "objects"


def _write_logs(imported: ImportedIncident, folder: Path) -> None:
    for run, text in imported.logs.items():
        home = folder / run.namespace / run.pod
        home.mkdir(parents=True, exist_ok=True)
        name = f"{run.container}{'.previous' if run.previous else ''}.log"
        (home / name).write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")


def _write_log_errors(imported: ImportedIncident, folder: Path) -> None:
    """In the words and places of ``kubectl cluster-info dump``."""
    texts: dict[Path, dict[str, str]] = defaultdict(dict)
    for run, why in sorted(imported.log_errors.items(), key=lambda entry: entry[0].previous):
        texts[folder / run.namespace / run.pod].setdefault(run.container, " ".join(why.split()))
    for home, errors in texts.items():
        home.mkdir(parents=True, exist_ok=True)
        parts = (print_log_error(home.parent.name, home.name, *entry) for entry in errors.items())
        (home / "logs.txt").write_text("".join(parts), encoding="utf-8")


def _write_json(path: Path, content: Any) -> None:
    """A file, where there is something to write."""
    if content:
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def is_safe_run(run: ContainerRun) -> bool:
    """Whether a log has a place among the files: every name in it may be a file's name."""
    return all(map(is_safe_name, (run.namespace, run.pod, run.container)))


def read_leftovers(folder: Path) -> list[Leftover]:
    """The leftovers of an incident folder; none when it has no such file.

    Raises:
        MalformedRecording: the file cannot be used.
    """
    return [Leftover(entry["origin"], entry["text"]) for entry in _read_json(folder / LEFTOVERS, list)]


def read_answers(folder: Path) -> dict[str, str]:
    """The recorded answers of an incident folder by canonical command; none when it has no such file.

    Raises:
        MalformedRecording: the file cannot be used.
    """
    return dict(_read_json(folder / ANSWERS, dict))


def _read_json(path: Path, shape: type) -> Any:
    if not path.is_file():
        return shape()
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise MalformedRecording(f"{path} cannot be read: import the recording again.") from error
    if not isinstance(content, shape):
        raise MalformedRecording(f"{path} is no {shape.__name__}: import the recording again.")
    return content

"""Container logs of a recording: one file a container, or the sections of cluster-info dump's ``logs.txt``.

Files are found by walking and looked up by name, so no name, however made, leads out of the recording.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from domain.errors import MalformedRecording
from tools.cluster.reader import LogLine
from tools.cluster.times import parse_time

MAX_LOG_BYTES = 32 * 2**20
"""Of a longer file the last 32 MiB are read: the end is what tells."""

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?(.*)", re.DOTALL)
_START = re.compile(r"==== START logs for container (\S+) of pod \S+/\S+ ====")
_END = re.compile(r"==== END logs for container (\S+) of pod \S+/\S+ ====")
_REQUEST_ERROR = "Request log error: "
_PREVIOUS = ".previous"


@dataclass(frozen=True)
class ContainerRun:
    """Whose log it is; ``previous`` is the run before the container's last restart."""

    namespace: str
    pod: str
    container: str
    previous: bool = False


class RecordedLogs:
    """The logs of a recording. Reading is blocking: call it off the event loop."""

    def __init__(self, dumped: dict[tuple[str, str], Path], files: dict[ContainerRun, Path]) -> None:
        """Take cluster-info dump's files by (namespace, pod), and the single files by container."""
        self._dumped = dumped
        self._files = files

    @classmethod
    def find(cls, dump_files: Iterable[tuple[Path, Path]], log_folder: Path | None) -> "RecordedLogs":
        """Index ``<ns>/<pod>/logs.txt`` among (relative, real) paths, and the ``.log`` files of a folder."""
        dumped = {(rel.parts[0], rel.parts[1]): path for rel, path in dump_files if _is_dumped_log(rel)}
        found = sorted(log_folder.glob("*/*/*.log")) if log_folder else []
        return cls(dumped, {_run_of(path): path for path in found if path.is_file()})

    def runs(self) -> list[ContainerRun]:
        """Every container run that has a log, sorted; a file of its own hides the dump's section."""
        runs = set(self._files)
        for namespace, pod in self._dumped:
            for container, lines in self._sections(namespace, pod).items():
                if _error_of(lines) is None:
                    runs.add(ContainerRun(namespace, pod, container))
        return sorted(runs, key=lambda run: (run.namespace, run.pod, run.container, not run.previous))

    def read(self, run: ContainerRun) -> list[LogLine] | None:
        """The lines of a run, oldest first; None when it has no log in the recording."""
        if path := self._files.get(run):
            return [_read_line(line) for line in _read_lines(path)]
        lines = None if run.previous else self._sections(run.namespace, run.pod).get(run.container)
        if lines is None or _error_of(lines) is not None:
            return None
        return [LogLine(text=line) for line in lines]

    def error(self, run: ContainerRun) -> str:
        """Why the dump could not read the log of a run; the empty string when it says nothing."""
        return _error_of(self._sections(run.namespace, run.pod).get(run.container, [])) or ""

    def _sections(self, namespace: str, pod: str) -> dict[str, list[str]]:
        path = self._dumped.get((namespace, pod))
        return _split_sections(path, _read_lines(path)) if path else {}


def print_log_error(namespace: str, pod: str, container: str, why: str) -> str:
    """The section of ``logs.txt`` that ``kubectl cluster-info dump`` writes when a log cannot be read."""
    whose = f"logs for container {container} of pod {namespace}/{pod} ===="
    return f"==== START {whose}\n{_REQUEST_ERROR}{why}\n==== END {whose}\n"


def _is_dumped_log(relative: Path) -> bool:
    return len(relative.parts) == 3 and relative.name == "logs.txt"


def _run_of(path: Path) -> ContainerRun:
    namespace, pod = path.parts[-3:-1]
    container = path.stem.removesuffix(_PREVIOUS)
    return ContainerRun(namespace, pod, container, previous=path.stem.endswith(_PREVIOUS))


def _read_lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - MAX_LOG_BYTES))
            content = file.read()
    except OSError as error:
        raise MalformedRecording(f"{path} cannot be read: {error.strerror}.") from error
    lines = content.decode(errors="replace").split("\n")
    return [line.rstrip("\r") for line in (lines if lines[-1] else lines[:-1])]


def _read_line(line: str) -> LogLine:
    found = _STAMP.fullmatch(line)
    time = parse_time(found[1]) if found else None
    return LogLine(text=found[2], time=time, stamp=found[1]) if found and time else LogLine(text=line)


def _split_sections(path: Path, lines: list[str]) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: str | None = None
    for number, line in enumerate(lines, 1):
        if start := _START.fullmatch(line):
            current = start[1]
            sections[current] = []
        elif (end := _END.fullmatch(line)) and end[1] == current:
            current = None
        elif current is not None:
            sections[current].append(line)
        elif line.strip():
            raise MalformedRecording(
                f"{path}, line {number}: expected '==== START logs for container ... ====' as "
                "kubectl cluster-info dump writes it."
            )
    return sections


def _error_of(lines: list[str]) -> str | None:
    text = [line for line in lines if line.strip()]
    if len(text) == 1 and text[0].startswith(_REQUEST_ERROR):
        return text[0].removeprefix(_REQUEST_ERROR)
    return None

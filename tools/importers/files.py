"""The files of a folder or of a tar archive, read where they lie: nothing is unpacked, no link followed."""

import os
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from domain.errors import MalformedRecording

MAX_FILES = 100_000
MAX_FILE_BYTES = 32 * 2**20
MAX_TOTAL_BYTES = 2**30
"""A file beyond its limit is left out; a recording beyond the others is refused."""

SNIFFED = 2_000
"""Files that are looked at to know what a recording is."""

ARCHIVES = (".tar", ".tar.gz", ".tgz")


@dataclass(frozen=True)
class RecordedFile:
    """One file: where it lay in the recording, and its bytes; None when it was too large to be read."""

    path: PurePosixPath
    content: bytes | None

    @property
    def text(self) -> str:
        """The content as text; what is not UTF-8 is replaced."""
        return (self.content or b"").decode(errors="replace")

    @property
    def is_text(self) -> bool:
        """Whether it was read and is no binary file."""
        return self.content is not None and b"\0" not in self.content[:8192]


def is_archive(path: Path) -> bool:
    """Whether it is a file with the name of a tar archive."""
    return path.is_file() and path.name.endswith(ARCHIVES)


def list_files(path: Path, most: int = MAX_FILES) -> list[PurePosixPath]:
    """The first paths in a folder or an archive, links and folders left out.

    Raises:
        MalformedRecording: it cannot be read.
    """
    found = (entry for entry, _ in (_members(path) if is_archive(path) else _walk(path)))
    return [entry for entry, _ in zip(found, range(most), strict=False)]


def has_path(path: Path, fits: Callable[[tuple[str, ...]], bool]) -> bool:
    """Whether the parts of one of the first paths in a folder or archive fit; false for any other file.

    Raises:
        MalformedRecording: an archive cannot be read.
    """
    if not (path.is_dir() or is_archive(path)):
        return False
    return any(fits(file.parts) for file in list_files(path, SNIFFED))


def read_file(path: Path) -> RecordedFile:
    """One file by itself.

    Raises:
        MalformedRecording: it cannot be read, or is larger than any file of a recording.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_FILE_BYTES else None
    except OSError as error:
        raise MalformedRecording(f"{path} cannot be read: {error.strerror}.") from error
    if content is None:
        raise MalformedRecording(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB: import a part of it.")
    return RecordedFile(PurePosixPath(path.name), content)


def read_files(path: Path) -> Iterator[RecordedFile]:
    """Every file of a folder or an archive; links are not followed.

    Raises:
        MalformedRecording: it cannot be read, or is larger than any recording.
    """
    return _read_archive(path) if is_archive(path) else _read_folder(path)


def _walk(folder: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(base, name)
            if path.is_file() and not path.is_symlink():
                yield PurePosixPath(path.relative_to(folder).as_posix()), path


def _read_folder(folder: Path) -> Iterator[RecordedFile]:
    budget = _Budget(folder)
    for relative, path in _walk(folder):
        try:
            size = path.stat().st_size
            content = path.read_bytes() if budget.admits(size) else None
        except OSError as error:
            raise MalformedRecording(f"{path} cannot be read: {error.strerror}.") from error
        yield RecordedFile(relative, content)


def _members(path: Path) -> Iterator[tuple[PurePosixPath, tuple[tarfile.TarFile, tarfile.TarInfo]]]:
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                relative = PurePosixPath(member.name)
                if member.isreg() and not relative.is_absolute() and ".." not in relative.parts:
                    yield relative, (archive, member)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise MalformedRecording(f"{path} is no readable tar archive: {error}.") from error


def _read_archive(path: Path) -> Iterator[RecordedFile]:
    budget = _Budget(path)
    for relative, (archive, member) in _members(path):
        admitted = budget.admits(member.size)
        file = archive.extractfile(member) if admitted else None
        yield RecordedFile(relative, file.read(MAX_FILE_BYTES) if file else None)


class _Budget:
    """Counts files and bytes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = 0
        self._bytes = 0

    def admits(self, size: int) -> bool:
        """Whether a file of that size may be read.

        Raises:
            MalformedRecording: there are too many of them, or too much in them, read or not.
        """
        self._files += 1
        self._bytes += size
        if self._files > MAX_FILES or self._bytes > MAX_TOTAL_BYTES:
            raise MalformedRecording(
                f"{self._path} holds over {MAX_FILES} files or {MAX_TOTAL_BYTES >> 20} MiB: import a part."
            )
        return size <= MAX_FILE_BYTES

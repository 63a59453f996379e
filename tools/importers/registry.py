"""Which importer reads a file or folder."""

from pathlib import Path
from typing import Protocol

from domain.errors import MalformedRecording
from tools.importers.bundle import SupportBundleImporter
from tools.importers.gathered import MustGatherImporter
from tools.importers.incident import ImportedIncident
from tools.importers.transcript.importer import TranscriptImporter


class Importer(Protocol):
    """Reads recordings of one form. Both methods are blocking."""

    name: str

    def accepts(self, path: Path) -> bool:
        """Whether the file or folder has this form; it exists.

        Raises:
            MalformedRecording: it cannot be read.
        """
        ...

    def read(self, path: Path) -> ImportedIncident:
        """Read it whole.

        Raises:
            MalformedRecording: nothing in it can be used.
        """
        ...


IMPORTERS: tuple[Importer, ...] = (SupportBundleImporter(), MustGatherImporter(), TranscriptImporter())
_OWN = "incident.yaml"


def detect(path: Path) -> Importer | None:
    """The importer for a file or folder; None for our own incidents and for what nobody knows.

    A folder as ``kubectl cluster-info dump`` leaves it needs no importer: it is read as it is.

    Raises:
        MalformedRecording: it cannot be read.
    """
    if (path / _OWN).is_file():
        return None
    return next((importer for importer in IMPORTERS if importer.accepts(path)), None)


def import_recording(path: Path) -> ImportedIncident:
    """Read a recording of another form.

    Raises:
        MalformedRecording: it is of no form that can be imported, or nothing in it can be used.
    """
    importer = detect(path) if path.exists() else None
    if importer is None:
        raise MalformedRecording(
            f"{path} cannot be imported: expected a Troubleshoot support bundle or a must-gather (folder or "
            ".tar.gz), or a transcript of kubectl commands (text, or JSON from command to text)."
        )
    return importer.read(path)

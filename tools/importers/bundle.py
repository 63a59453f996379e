"""Troubleshoot support bundles: https://troubleshoot.sh/docs/support-bundle/.

``cluster-resources/<plural>/<namespace>.json`` holds objects, and
``cluster-resources/pods/logs/<namespace>/<pod>/<container>[-previous].log`` logs. Each other collector has a
folder of its own, with logs as ``<pod>/<container>.log``. Whatever holds no object becomes evidence text.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from tools.importers.documents import find_objects, read_documents
from tools.importers.files import RecordedFile, has_path, read_files
from tools.importers.gathering import Gathering
from tools.importers.incident import ImportedIncident

RESOURCES = "cluster-resources"
_VERSION = "cluster_version.json"
_DISCOVERY = frozenset(("groups.json", "resources.json"))
"""What the API server offers; Kubewhy knows the built-in types, and tells custom ones from their objects."""

_PREVIOUS = "-previous"


class SupportBundleImporter:
    """Reads a bundle, packed (``.tar.gz``) or not."""

    name = "Troubleshoot support bundle"

    def accepts(self, path: Path) -> bool:
        """Whether it holds ``cluster-resources/``.

        Raises:
            MalformedRecording: an archive cannot be read.
        """
        return has_path(path, lambda parts: RESOURCES in parts[:2])

    def read(self, path: Path) -> ImportedIncident:
        """Read every file of the bundle.

        Raises:
            MalformedRecording: nothing in it can be used.
        """
        gathering = Gathering(path)
        for file in read_files(path):
            _take(gathering, file)
        return gathering.finish()


def _take(gathering: Gathering, file: RecordedFile) -> None:
    parts = file.path.parts[file.path.parts.index(RESOURCES) :] if RESOURCES in file.path.parts else ()
    if file.path.name == _VERSION:
        gathering.take_version(file.text)
    elif parts and len(parts) <= 4 and file.path.suffix in (".json", ".yaml"):
        _take_objects(gathering, file, parts)
    elif file.path.suffix == ".log":
        _take_log(gathering, file, parts)
    elif not (parts and file.path.name in _DISCOVERY):
        gathering.keep(file)


def _take_objects(gathering: Gathering, file: RecordedFile, parts: Sequence[str]) -> None:
    stem = PurePosixPath(parts[-1]).stem
    hint, namespace = (parts[1], stem) if len(parts) == 3 else (stem, "")
    documents = read_documents(file.text)
    found = [item for document in documents for item in find_objects(document, hint)]
    is_list = bool(found) or _is_empty_list(documents)
    gathering.take(found, hint if is_list else "", namespace)
    if not is_list and file.path.name not in _DISCOVERY:
        gathering.keep(file)


def _is_empty_list(documents: Sequence[object]) -> bool:
    return all(isinstance(d, dict) and "items" in d and not d["items"] for d in documents)


def _take_log(gathering: Gathering, file: RecordedFile, parts: Sequence[str]) -> None:
    """``pods/logs/<namespace>/<pod>/<container>.log``; of other collectors ``<pod>/<container>.log``."""
    stem, previous = file.path.stem.removesuffix(_PREVIOUS), file.path.stem.endswith(_PREVIOUS)
    if parts[1:3] == ("pods", "logs") and len(parts) == 6:
        gathering.take_log(parts[3], parts[4], stem, file, previous=previous)
    elif len(file.path.parts) >= 3:
        gathering.take_log("", file.path.parts[-2], stem, file, previous=previous)
    else:
        gathering.keep(file)

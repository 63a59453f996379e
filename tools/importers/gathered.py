"""OpenShift must-gathers, as ``oc adm must-gather`` and ``oc adm inspect`` leave them.

``namespaces/<namespace>/<group>/<plural>.yaml`` and
``cluster-scoped-resources/<group>/<plural>/<name>.yaml`` hold objects,
``namespaces/<namespace>/pods/<pod>/<container>/<container>/logs/{current,previous}.log`` logs. There may be
folders above, one for each image that gathered.
"""

from pathlib import Path

from tools.importers.documents import find_objects, read_documents
from tools.importers.files import RecordedFile, has_path, read_files
from tools.importers.gathering import Gathering
from tools.importers.incident import ImportedIncident

NAMESPACES, CLUSTER = "namespaces", "cluster-scoped-resources"
_LOGS = ("current.log", "previous.log")
_DEPTH = 3
"""Folders above ``namespaces``: the gathering's own, and one an image."""


class MustGatherImporter:
    """Reads a must-gather, packed or not."""

    name = "must-gather"

    def accepts(self, path: Path) -> bool:
        """Whether it holds ``cluster-scoped-resources/``, or ``namespaces/<namespace>/core/``.

        Raises:
            MalformedRecording: an archive cannot be read.
        """
        return has_path(path, _is_gathered)

    def read(self, path: Path) -> ImportedIncident:
        """Read every file of the must-gather.

        Raises:
            MalformedRecording: nothing in it can be used.
        """
        gathering = Gathering(path)
        for file in read_files(path):
            _take(gathering, file)
        return gathering.finish()


def _is_gathered(parts: tuple[str, ...]) -> bool:
    place = next((i for i, part in enumerate(parts[: _DEPTH + 1]) if part in (NAMESPACES, CLUSTER)), None)
    if place is None:
        return False
    return parts[place] == CLUSTER or parts[place + 2 : place + 3] in (("core",), ("pods",))


def _take(gathering: Gathering, file: RecordedFile) -> None:
    parts = file.path.parts
    place = next((i for i, part in enumerate(parts) if part in (NAMESPACES, CLUSTER)), len(parts))
    if file.path.name in _LOGS and parts[place + 2 : place + 3] == ("pods",) and len(parts) == place + 8:
        previous = file.path.name == "previous.log"
        gathering.take_log(parts[place + 1], parts[place + 3], parts[place + 4], file, previous=previous)
    elif file.path.suffix in (".yaml", ".yml", ".json") and place < len(parts):
        found = [
            item for document in read_documents(file.text) for item in find_objects(document, file.path.stem)
        ]
        is_list = bool(found) or "items: []" in file.text[:4096]
        in_namespace = parts[place] == NAMESPACES and len(parts) == place + 4
        gathering.take(found, file.path.stem if is_list and in_namespace else "", parts[place + 1])
        if not is_list:
            gathering.keep(file)
    elif file.path.suffix not in (".html", ".gz"):
        gathering.keep(file)

"""Writes ``docs/licences.md`` from a bill of materials: ``python -m docs.licences BILL.cdx.json``."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "licences.md"

_HEAD = """# Licences

<!-- Written by `make sbom`. -->

What the app's image holds of Python packages, each with the licence that it declares. Kubewhy itself is under
Apache-2.0.

| package | licence |
|---|---|
"""
_TOLD_IN_WORDS = {"protobuf": "BSD-3-Clause", "sqlite-vec": "MIT OR Apache-2.0"}
"""What a package's metadata say in words that are no name of SPDX."""

_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?")
_LONGEST = 60
"""Characters of a name; what is longer is the text of a licence."""


def write_licences(bill: Mapping[str, Any]) -> str:
    """The page: a line for each package of a CycloneDX document."""
    rows = {component["name"]: ", ".join(_list_names(component)) for component in bill["components"]}
    return _HEAD + "".join(
        f"| {name} | {rows[name] or _TOLD_IN_WORDS.get(name, 'none declared')} |\n"
        for name in sorted(rows, key=str.lower)
    )


def _list_names(component: Mapping[str, Any]) -> Iterator[str]:
    """Each licence once, by its SPDX name where there is one."""
    names: dict[str, None] = {}
    for entry in component.get("licenses", ()):
        licence = entry.get("license", {})
        told = entry.get("expression") or licence.get("id") or licence.get("name") or ""
        names[_CLASSIFIER.sub("", told.partition("\n")[0]).strip()[:_LONGEST]] = None
    yield from filter(None, names)


if __name__ == "__main__":
    PAGE.write_text(
        write_licences(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), encoding="utf-8"
    )

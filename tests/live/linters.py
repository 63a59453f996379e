"""Linters of what is deployed, locked and apart from our own packages: checkov pins a hundred of its own."""

import hashlib
import subprocess
import sys
from pathlib import Path

from tests.live.build import cache_home

LOCK = Path(__file__).parent / "linters" / "requirements.lock"


def install() -> Path:
    """The folder of the programs ``checkov`` and ``hadolint``; the first time they are installed.

    Raises:
        CalledProcessError: the package index did not give them.
    """
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]
    folder = cache_home() / f"linters-{digest}"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", str(LOCK)]
        subprocess.run([folder / "bin/python", "-m", "pip", "install", *options], check=True)
        (folder / "complete").touch()
    return folder / "bin"

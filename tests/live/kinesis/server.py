"""A local Kinesis (kinesalite, from npm), installed once into the user's cache."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.live.processes import Processes, find_ports, reaches

HERE = Path(__file__).parent


class CannotInstall(Exception):
    """Node.js or npm is missing, or npm failed; the message says which."""


def install() -> Path:
    """Install what ``package-lock.json`` pins unless it is in the cache, and return the folder.

    Raises:
        CannotInstall: it could not be.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:8]
    folder = home / "kubewhy" / f"kinesis-{digest}"
    if folder.exists():
        return folder
    if missing := [name for name in ("node", "npm") if not shutil.which(name)]:
        raise CannotInstall(f"A local Kinesis takes Node.js and npm in PATH; missing: {', '.join(missing)}.")
    unfinished = folder.with_name(f".{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, unfinished)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=unfinished, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotInstall(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return unfinished.rename(folder)


class Kinesis:
    """One process that keeps its streams in memory."""

    def __init__(self, installation: Path, folder: Path) -> None:
        """``folder`` gets its log."""
        self._installation = installation
        self._port = find_ports(1)[0]
        self._processes = Processes(folder)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        modules = f"NODE_PATH={self._installation / 'node_modules'}"
        command = ("env", modules, "node", HERE / "serve.js", str(self._port))
        self._processes.start("kinesis", *command, ready=lambda: reaches("127.0.0.1", self._port))

    def stop(self) -> None:
        """Stop it."""
        self._processes.stop_all()

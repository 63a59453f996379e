"""A PostgreSQL of Debian's package, in a folder of its own and on loopback alone."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import chown, rmtree
from tempfile import mkdtemp

import psycopg

BINARIES = Path("/usr/lib/postgresql")
USER = "postgres"
"""The package makes this user; the server refuses to run as root."""

START_SECONDS = 30


class Postgres:
    """One server. It can be stopped and started again; what was written stays."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        """Use the programs in ``binaries``; the data goes into ``folder``."""
        self._binaries, self._data = binaries, folder / "data"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self.port = _find_port()

    def add_database(self) -> str:
        """Make an empty database; its address."""
        address, name = f"postgresql://{USER}@127.0.0.1:{self.port}", f"test{next(self._numbers)}"
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"{address}/{name}"

    def create(self) -> None:
        """Lay out the folder."""
        options = [
            "--auth=trust",
            f"--username={USER}",
            "--encoding=UTF8",
            "--no-sync",
            "-D",
            str(self._data),
        ]
        subprocess.run([self._binaries / "initdb", *options], check=True, capture_output=True, **_become())

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = ["-D", str(self._data), "-p", str(self.port), "-k", str(self._folder)]
        options += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        log = (self._folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", *options], stdout=log, stderr=log, **_become()
            )
        ready = [self._binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(ready, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                raise TimeoutError((self._folder / "log").read_text())
            time.sleep(0.1)

    def stop(self) -> None:
        """End every session at once, and stop."""
        if self._process:
            self._process.send_signal(2)
            self._process.wait(START_SECONDS)
            self._process = None


def _become() -> dict[str, str]:
    return {"user": USER, "group": USER, "cwd": "/"} if os.geteuid() == 0 else {"cwd": "/"}


def _find_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def find_binaries() -> Path | None:
    """The newest installed server's programs; None if there is none."""
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def run_postgres(binaries: Path) -> Iterator[Postgres]:
    """A server until the block ends."""
    folder = Path(mkdtemp(prefix="kubewhy-postgres-"))
    if os.geteuid() == 0:
        chown(folder, USER, USER)
    server = Postgres(binaries, folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        rmtree(folder, ignore_errors=True)

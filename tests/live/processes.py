"""Programs that run beside the tests, and that are stopped again, each by its own number."""

import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx

READY_SECONDS = 120.0
STOP_SECONDS = 15.0
END_SECONDS = 5.0


class NotReady(Exception):
    """A program ended, or did not become ready in time; the end of its log is in the message."""


class Processes:
    """Started in order, stopped in the reverse one. Their output goes to ``<folder>/<name>.log``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *command: str | Path, ready: Callable[[], bool]) -> float:
        """Start a program, wait until it is ready, and return how many seconds that took.

        Raises:
            NotReady: it ended, or is not ready in time.
        """
        begin = time.monotonic()
        output = self._folder / f"{name}.log"
        with output.open("ab") as log:
            process = subprocess.Popen(
                list(map(str, command)),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._running[name] = process
        while not ready():
            if process.poll() is not None or time.monotonic() - begin > READY_SECONDS:
                raise NotReady(f"{name} is not ready:\n{output.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        return time.monotonic() - begin

    def number(self, name: str) -> int:
        """The process id of a program that runs."""
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """End a program without warning; it keeps its place in the order when it is started again."""
        self._running[name].kill()
        self._running[name].wait()

    def stop(self, name: str) -> None:
        """Ask a program to end, and make it end; one that does not run is stopped already."""
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self) -> None:
        """Stop everything that was started here, the last first."""
        for name in reversed(list(self._running)):
            self.stop(name)


def find_ports(count: int) -> list[int]:
    """Free ports on loopback, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports


def answers(url: str, authority: Path | None = None) -> bool:
    """Whether a GET of ``url`` is answered with 200."""
    context = ssl.create_default_context(cafile=str(authority)) if authority else None
    try:
        return httpx.get(url, timeout=2, verify=context or False).status_code == 200
    except (httpx.HTTPError, OSError):
        return False


def reaches(host: str, port: int) -> bool:
    """Whether a TCP connection is accepted there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def stop_programs(folder: Path) -> None:
    """Stop every program whose arguments name ``folder``, whoever started it, the last started first."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        for number in reversed(_find(folder)):
            with suppress(ProcessLookupError):
                os.kill(number, wanted)
            _wait_for_end(number, folder)


def _wait_for_end(number: int, folder: Path) -> None:
    begin = time.monotonic()
    while number in _find(folder) and time.monotonic() - begin < END_SECONDS:
        time.sleep(0.05)


def _find(folder: Path) -> list[int]:
    """The programs that name ``folder``, but not ourselves; one that has ended has no arguments any more."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"{folder}/".encode() in (place / "cmdline").read_bytes() and int(place.name) != os.getpid():
                found.append(int(place.name))
    return sorted(found)

"""This machine: room on its disk, and the databases that threads and questions are kept in."""

import asyncio
import shutil
from pathlib import Path
from tempfile import TemporaryFile

from domain.errors import InputError, QuestionsUnavailable
from domain.settings import Settings
from graphs.threads import open_threads
from surfaces.doctor.finding import Finding, fail, pass_
from surfaces.slack.storage.storage import open_storage

FREE_BYTES = 200 * 2**20
"""Threads take some 100 KB a question; below that a day of them may not fit."""


async def check_machine(settings: Settings) -> list[Finding]:
    """Check the places that the settings name."""
    places = {"threads": settings.threads}
    if _answers_in_slack(settings):
        places["slack.audit"] = settings.slack.audit
    if settings.models.use != "never":
        places["models.usage"] = settings.models.usage
    findings = await asyncio.to_thread(_check_places, places)
    if any(finding.fix for finding in findings):
        return findings
    return [*findings, await _check_database(settings)]


def _answers_in_slack(settings: Settings) -> bool:
    return bool(settings.slack.channels or settings.slack.groups)


def _check_places(places: dict[str, Path]) -> list[Finding]:
    disks = {_find_folder(path): name for name, path in reversed(places.items())}
    return [_check_folder(folder, name) for folder, name in disks.items()]


def _find_folder(path: Path) -> Path:
    """The folder of a file, or the nearest one above that exists."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _check_folder(folder: Path, setting: str) -> Finding:
    part = f"disk {folder}"
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError:
        told = f"{setting} is kept there, and the folder cannot be written"
        return fail(
            part, told, f"mount a volume there that this user may write, or name another path in {setting}"
        )
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        return fail(
            part,
            f"{free / 2**20:.0f} MB are free",
            "make room, or mount a larger volume: threads are kept there",
        )
    return pass_(part, f"can be written, {free / 2**30:.1f} GB are free")


async def _check_database(settings: Settings) -> Finding:
    """Open it as who answers would: only that tells whether it can be done."""
    opened = open_storage(settings) if _answers_in_slack(settings) else open_threads(settings.threads)
    try:
        async with opened:
            return pass_("database", "threads and questions can be kept")
    except QuestionsUnavailable as error:
        return fail("database", str(error), "correct KUBEWHY_SLACK__DATABASE, and let the network reach it")
    except InputError as error:
        return fail("database", str(error), "put a copy in its place, or let a new one be made")

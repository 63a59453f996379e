"""How a command ends: exit codes, and one sentence instead of a traceback."""

import asyncio
import sys
import traceback
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any, TypeVar

import typer

Result = TypeVar("Result")


class ExitCode(IntEnum):
    """What the shell is told."""

    DIAGNOSED = 0
    NO_CAUSE = 1
    BAD_INPUT = 2
    BUG = 3
    INTERRUPTED = 130


def run(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run the work of a command to its end.

    Raises:
        typer.Exit: it failed; a sentence on stderr says why, and the code says whose fault it was.
    """
    try:
        return asyncio.run(work())
    except (BrokenPipeError, typer.Exit):
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("Interrupted.", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Exception as error:
        raise typer.Exit(_explain(error)) from None


def _explain(error: Exception) -> ExitCode:
    from domain.errors import KubewhyError
    from tools.redaction import redact

    if isinstance(error, KubewhyError):
        typer.echo(redact(f"kubewhy: {error}"), err=True)
        return ExitCode.BAD_INPUT
    if _wants_trace():
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
    else:
        told = redact(f"{type(error).__name__}: {error}").splitlines()[0][:200]
        typer.echo(f"kubewhy: this is a bug in Kubewhy ({told}); KUBEWHY_DEBUG=1 shows the trace.", err=True)
    return ExitCode.BUG


def _wants_trace() -> bool:
    from domain.errors import MalformedSettings
    from domain.settings import load_settings

    try:
        return load_settings().debug
    except MalformedSettings:
        return False

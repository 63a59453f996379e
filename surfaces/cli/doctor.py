"""``kubewhy doctor``: what a deployment needs, one line a part, with the fix."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from surfaces.cli.guard import run
from surfaces.text import sanitise

if TYPE_CHECKING:
    from surfaces.doctor.finding import Finding

MARKS = {"ok": "ok", "limited": "limited", "failed": "FAILED", "unset": "-"}
COLUMN = 10


def doctor(
    cluster: Annotated[
        str, typer.Option(metavar="NAME", help="Check this cluster or kubeconfig context alone.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON to stdout and nothing else.")] = False,
) -> None:
    """Check what a deployment needs: clusters and rights, logs, models, Slack, clocks, disk, database.

    It changes nothing; each chat model of the routes is asked for one word. Parts that are not configured are
    named and are no failure.

    Exit codes: 0 nothing failed, 1 something did, 2 bad input.
    """
    run(lambda: _examine(cluster, as_json))


async def _examine(cluster: str, as_json: bool) -> None:
    import asyncio

    from domain.settings import load_settings
    from surfaces.doctor.examine import examine
    from surfaces.doctor.finding import Verdict

    findings = [_clean(found) for found in await examine(await asyncio.to_thread(load_settings), cluster)]
    told = [found.model_dump(mode="json") for found in findings]
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False) if as_json else "\n".join(_write(findings)))
    if any(finding.verdict is Verdict.FAILED for finding in findings):
        raise typer.Exit(1)


def _clean(finding: "Finding") -> "Finding":
    """On one line, without secrets or control characters: a sentence may quote what a server said."""
    from tools.redaction import redact

    told = {name: " ".join(sanitise(redact(getattr(finding, name))).split()) for name in ("says", "fix")}
    return finding.model_copy(update=told)


def _write(findings: Sequence["Finding"]) -> list[str]:
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.verdict]:<{COLUMN}}{finding.part}: {finding.says}")
        if finding.fix:
            lines.append(f"{'':<{COLUMN}}  fix: {finding.fix}")
    return lines

"""Container logs as the kubelet serves them through the API server."""

from datetime import UTC, datetime

from domain.errors import NotFound
from tools.cluster.live.api import KubernetesApi
from tools.cluster.live.request import ReadRequest
from tools.cluster.reader import LogLine
from tools.cluster.times import parse_time

_GONE = "unable to retrieve container logs for "
"""What the kubelet serves, with status 200, in place of the log of a container that was removed."""


async def read_log(
    api: KubernetesApi, request: ReadRequest, *, previous: bool, tail: int | None, since: datetime | None
) -> list[LogLine]:
    """The lines of a log, oldest first.

    The API takes whole seconds; the rest of ``since`` is applied here.

    Raises:
        NotFound: there is no such log.
    """
    asked = request.with_params(
        previous="true" if previous else "",
        tailLines=str(tail) if tail is not None and tail >= 0 else "",
        sinceTime=since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since else "",
    )
    body = await api.read(asked, keep=api.limits.log_bytes)
    texts = body.decode(errors="replace").split("\n")
    lines = [_read_line(text.rstrip("\r")) for text in (texts if texts[-1] else texts[:-1])]
    if len(lines) == 1 and lines[0].time is None and lines[0].text.startswith(_GONE):
        raise NotFound(f"The log of Pod {request.name} is no longer on its node.")
    return [line for line in lines if since is None or line.time is None or line.time >= since]


def _read_line(text: str) -> LogLine:
    stamp, _, rest = text.partition(" ")
    time = parse_time(stamp) if len(stamp) >= len("2026-01-01T00:00:00Z") else None
    return LogLine(text=rest, time=time, stamp=stamp) if time else LogLine(text=text)

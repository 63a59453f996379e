"""The one HTTP server of a process: whoever has routes adds them, and it serves them all on one port."""

import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from aiohttp import web

from domain.errors import MalformedSettings
from domain.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST_BYTES = 2**20
"""Of one request; Alertmanager's and Slack's are far smaller."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def serve(settings: Settings, routes: Iterable[web.RouteDef]) -> AsyncIterator[int | None]:
    """Serve routes as ``[serving]`` says until the block ends; it yields the port, None if it has none.

    Raises:
        MalformedSettings: the port cannot be used.
    """
    serving = settings.serving
    if serving.port is None:
        yield None
        return
    app = web.Application(client_max_size=MOST_BYTES, middlewares=[_hide_faults])
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        await _start(runner, serving.host, serving.port)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _start(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise MalformedSettings(
            f"Port {port} of {host} cannot be used ({error.strerror}): set [serving] port and host."
        ) from error


def require_token(handler: Handler, token: str) -> Handler:
    """The handler, for those who show ``token`` as their bearer token; an empty one is not asked for."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        known = scheme.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), token.encode())
        if token and not known:
            return web.json_response({"error": "Show the token of [serving] as a bearer token."}, status=401)
        return await handler(request)

    return guarded


@web.middleware
async def _hide_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A fault of ours is told as such, and nothing of it."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        _log.exception("%s %s failed", request.method, request.path)
        return web.json_response({"error": "This is a bug in Kubewhy; its log says more."}, status=500)

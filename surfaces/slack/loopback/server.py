"""The loopback Slack: the Web API and Socket Mode on a port of this machine."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aiohttp import web

from surfaces.slack.loopback.methods import METHODS, SCOPES, refuse
from surfaces.slack.loopback.people import People
from surfaces.slack.loopback.socket import Socket
from surfaces.slack.loopback.workspace import Message, Payload, Workspace

BOT_TOKEN = "xoxb-loopback"  # noqa: S105 (opens nothing but the loopback)
APP_TOKEN = "xapp-loopback"  # noqa: S105


class LoopbackSlack:
    """A Slack of one workspace and one app.

    Attributes:
        workspace: what was written.
        socket: the app's connections.
        people: what the users do.
        calls: the methods that were called, in order, with their arguments.
        url: the address of the Web API, once it is served.
    """

    def __init__(self) -> None:
        """Nothing is served yet."""
        self.workspace = Workspace()
        self.socket = Socket()
        self.people = People(self.workspace, self.socket)
        self.calls: list[tuple[str, Payload]] = []
        self.url = ""
        self._limited: dict[str, list[int]] = defaultdict(list)
        self._failing: dict[str, list[str]] = defaultdict(list)
        self._numbers = count(1)

    def limit(self, method: str, times: int = 1, seconds: int = 1) -> None:
        """Answer the next calls of a method with 429, to be tried again after some seconds."""
        self._limited[method] += [seconds] * times

    def fail(self, method: str, error: str, times: int = 1) -> None:
        """Answer the next calls of a method with an error."""
        self._failing[method] += [error] * times

    def make_app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._answer)
        app.router.add_get("/socket", self.socket.serve)
        app.router.add_post("/upload/{file}", self._take_file)
        app.router.add_post("/respond/{channel}/{user}", self._take_response)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        method, arguments = request.match_info["method"], await _read(request)
        self.calls.append((method, arguments))
        if waits := self._limited[method]:
            seconds = waits.pop(0)
            return web.json_response(refuse("ratelimited"), status=429, headers={"Retry-After": str(seconds)})
        answer = await self._call(method, arguments, request.headers.get("Authorization", ""))
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(self.workspace.scopes))})

    async def _call(self, method: str, arguments: Payload, authorization: str) -> Payload:
        if method == "apps.connections.open":
            address = self.url.replace("http://", "ws://").removesuffix("/api/") + "/socket"
            known = authorization == f"Bearer {APP_TOKEN}"
            return {"ok": True, "url": address} if known else refuse("invalid_auth")
        if authorization != f"Bearer {BOT_TOKEN}":
            return refuse("invalid_auth")
        if (needed := SCOPES.get(method)) and needed not in self.workspace.scopes:
            return refuse("missing_scope", needed=needed, provided=",".join(self.workspace.scopes))
        if method == "files.getUploadURLExternal":
            return self._offer_upload(arguments)
        if errors := self._failing[method]:
            return refuse(errors.pop(0))
        known_method = METHODS.get(method)
        return await known_method(self.workspace, arguments) if known_method else refuse("unknown_method")

    def _offer_upload(self, arguments: Payload) -> Payload:
        id_ = f"F{next(self._numbers):06d}"
        self.workspace.files[id_] = (arguments.get("filename", ""), b"")
        return {"ok": True, "file_id": id_, "upload_url": self.url.removesuffix("/api/") + f"/upload/{id_}"}

    async def _take_file(self, request: web.Request) -> web.Response:
        id_ = request.match_info["file"]
        self.workspace.files[id_] = (self.workspace.files[id_][0], await request.read())
        return web.Response(text="OK")

    async def _take_response(self, request: web.Request) -> web.Response:
        """What the app says over a ``response_url``: only the one who acted sees it."""
        told, place = await request.json(), request.match_info
        seen = Message(place["channel"], self.workspace.next_ts(), told.get("text", ""))
        seen.user, seen.only_for, seen.blocks = "U0KUBEWHY", place["user"], told.get("blocks") or []
        await self.workspace.add(seen)
        return web.Response(text="ok")


async def _read(request: web.Request) -> Payload:
    """The arguments of a call, wherever the SDK put them."""
    arguments: Payload = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json() if request.can_read_body else {}
    elif request.can_read_body:
        arguments |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    for key in ("blocks", "metadata", "files", "view", "prompts"):
        arguments |= _revive(key, arguments.get(key))
    return arguments


def _revive(key: str, value: Any) -> Payload:
    return {key: json.loads(value)} if isinstance(value, str) and value else {}


@asynccontextmanager
async def serve_slack() -> AsyncIterator[LoopbackSlack]:
    """A loopback Slack on a free port, until the block ends."""
    slack = LoopbackSlack()
    runner = web.AppRunner(slack.make_app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        slack.people.respond_url = slack.url.removesuffix("/api/") + "/respond"
        yield slack
    finally:
        await slack.people.leave()
        await slack.socket.drop()
        await runner.cleanup()
        await asyncio.sleep(0)

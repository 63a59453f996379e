"""A loopback OpenSearch that keeps documents and fails as a test writes down beforehand.

It knows ``_bulk`` (create and index) and ``_mget``. The real one is used in tests/live: this one is for
failures that a healthy cluster never shows.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

OK, WHOLE = "ok", "whole"
"""A bulk is taken, or fails as a whole with 429. A sequence of statuses is given to its items in turn."""

ERRORS = {
    429: "rejected_execution_exception",
    400: "mapper_parsing_exception",
    503: "unavailable_shards_exception",
}


@dataclass
class LoopbackOpenSearch:
    """``script`` has one step a bulk; after the last one it takes everything.

    ``poison`` is a text that no document may hold: such a one is refused with 400, as a mapping conflict is.
    """

    url: str = ""
    script: list[Any] = field(default_factory=list)
    poison: str = "\0never"
    documents: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    created: Counter[tuple[str, str]] = field(default_factory=Counter)
    prepared: list[str] = field(default_factory=list)
    bulks: int = 0

    async def bulk(self, request: web.Request) -> web.Response:
        text = (await request.read()).decode()
        self.bulks += 1
        step = self.script.pop(0) if self.script else OK
        if step == WHOLE:
            return web.json_response({"error": {"type": "x", "reason": "down"}, "status": 429}, status=429)
        statuses = iter([] if step == OK else list(step))
        items = [self._take(action, document, next(statuses, 201)) for action, document in _pairs(text)]
        return web.json_response({"took": 1, "errors": any("error" in str(i) for i in items), "items": items})

    def _take(self, action: dict[str, Any], document: dict[str, Any], status: int) -> dict[str, Any]:
        ((verb, meta),) = action.items()
        key = (meta["_index"], meta["_id"])
        if self.poison in json.dumps(document):
            status = 400
        if status == 201 and verb == "create" and key in self.documents:
            status = 409
        if status == 201:
            self.documents[key] = document
            self.created[key] += 1
            return {verb: {"_index": key[0], "_id": key[1], "status": 201, "result": "created"}}
        error = {"type": ERRORS.get(status, "version_conflict_engine_exception"), "reason": "scripted"}
        return {verb: {"_index": key[0], "_id": key[1], "status": status, "error": error}}

    async def prepare(self, request: web.Request) -> web.Response:
        if request.method == "PUT":
            self.prepared.append(request.path)
        return web.json_response({"acknowledged": True})

    async def mget(self, request: web.Request) -> web.Response:
        index, ids = request.match_info["index"], (await request.json())["ids"]
        docs = []
        for key in ids:
            found: Mapping[str, Any] | None = self.documents.get((index, key))
            docs.append({"_index": index, "_id": key, "found": found is not None, "_source": found})
        return web.json_response({"docs": docs})

    def lines(self) -> list[dict[str, Any]]:
        """The documents of log lines, without the vectors of templates."""
        return [found for found in self.documents.values() if "message" in found]


def _pairs(text: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    rows = [json.loads(row) for row in text.split("\n") if row]
    return zip(rows[::2], rows[1::2], strict=True)


@asynccontextmanager
async def serve_opensearch() -> AsyncIterator[LoopbackOpenSearch]:
    """Serve it on a free port until the block ends."""
    opensearch = LoopbackOpenSearch()
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/_bulk", opensearch.bulk)
    app.router.add_route("*", "/{index}/_mget", opensearch.mget)
    app.router.add_route("*", "/{path:_index_template/.*|_plugins/.*}", opensearch.prepare)
    server = TestServer(app)
    await server.start_server()
    opensearch.url = str(server.make_url("")).rstrip("/")
    try:
        yield opensearch
    finally:
        await server.close()

"""A collector on this machine: it takes traces over OTLP/HTTP, as protobuf, and keeps the spans."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass
class Collector:
    """What was sent. ``status`` is what it answers with."""

    url: str = ""
    status: int = 200
    spans: list[Any] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def find(self, name: str) -> Any:
        """The only span of that name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        self.raw.append(body)
        self.headers.append(dict(request.headers))
        told = ExportTraceServiceRequest.FromString(body)
        self.spans += [span for r in told.resource_spans for s in r.scope_spans for span in s.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, status=self.status, content_type="application/x-protobuf")


@asynccontextmanager
async def serve_collector() -> AsyncIterator[Collector]:
    collector, app = Collector(), web.Application()
    app.router.add_post("/v1/traces", collector.take)
    async with TestServer(app) as server:
        collector.url = str(server.make_url("/v1/traces"))
        yield collector


def read_attributes(span: Any) -> dict[str, Any]:
    """A span's attributes, or an event's, by name."""
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes}

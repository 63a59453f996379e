"""Where traces go: a collector that takes OTLP over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from opentelemetry.trace import NoOpTracer, Tracer

from domain.errors import MalformedSettings
from domain.surface_settings import TraceSettings

SEND_SECONDS = 5.0
"""Until the collector's answer to one batch is given up; a batch that it does not take is dropped."""


@asynccontextmanager
async def open_tracer(settings: TraceSettings) -> AsyncIterator[Tracer]:
    """A tracer whose spans are sent as ``[traces]`` says, the last when the block ends; without it, of none.

    Raises:
        MalformedSettings: traces are wanted, and what sends them is not installed.
    """
    if not settings.endpoint:
        yield NoOpTracer()
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError as error:
        raise MalformedSettings(
            "[traces] endpoint needs what sends traces: pip install 'kubewhy[traces]', or leave it out."
        ) from error
    token = settings.authorization.get_secret_value()
    headers = {"Authorization": token} if token else None
    exporter = OTLPSpanExporter(settings.endpoint, headers=headers, timeout=SEND_SECONDS)
    about = Resource.create({"service.name": "kubewhy", "service.version": version("kubewhy")})
    sampler = ParentBased(TraceIdRatioBased(settings.share))
    provider = TracerProvider(sampler, about, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield provider.get_tracer("kubewhy")
    finally:
        await asyncio.to_thread(provider.shutdown)

"""An asynchronous loopback service in a thread, for code that blocks the test's own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

Service = TypeVar("Service")


@contextmanager
def in_thread(serving: AbstractAsyncContextManager[Service]) -> Iterator[Service]:
    """Enter a context in an event loop of its own, and leave it when the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        service = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(10)
        try:
            yield service
        finally:
            asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

"""The only door to AWS's own SDK."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

from domain.errors import Unavailable

T = TypeVar("T")
R = TypeVar("R")

_making = Lock()


def create_client(
    service: str,
    region: str,
    endpoint_url: str | None = None,
    seconds: float = 10.0,
    attempts: int | None = None,
) -> Any:
    """A client of one service, the same for the same arguments. Blocking: call it off the event loop.

    It throttles itself when AWS throttles (botocore's adaptive mode) and repeats what may be repeated. With
    ``attempts`` it only makes so many, for who has another to turn to. ``seconds`` bound the wait for a
    connection and for an answer.
    """
    with _making:
        return _create(service, region, endpoint_url, seconds, attempts)


@lru_cache(maxsize=16)
def _create(service: str, region: str, endpoint_url: str | None, seconds: float, attempts: int | None) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard" if attempts else "adaptive", "total_max_attempts": attempts or 5},
        connect_timeout=min(seconds, 5.0),
        read_timeout=seconds,
        max_pool_connections=32,
    )
    return boto3.Session().client(service, region_name=region, endpoint_url=endpoint_url, config=config)


def find_credentials() -> Any:
    """The credentials that the SDK finds here, which renew themselves. Blocking, as is their renewal.

    Returns: ``botocore.credentials.Credentials``, or None if there are none.
    """
    import boto3

    return boto3.Session().get_credentials()


async def call(unavailable: type[Unavailable], service: str, work: Callable[[T], R], argument: T) -> R:
    """Run blocking work with a client in a thread.

    Raises:
        Unavailable: AWS cannot be reached or refuses; of the kind given, with a sentence that says which.
    """
    return await asyncio.to_thread(_call, unavailable, service, work, argument)


def _call(unavailable: type[Unavailable], service: str, work: Callable[[T], R], argument: T) -> R:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return work(argument)
    except ClientError as error:
        told = error.response.get("Error", {})
        raise unavailable(f"{service} answers {told.get('Code')}: {told.get('Message')}.") from error
    except BotoCoreError as error:
        raise unavailable(f"{service} cannot be used: {error}") from error

"""The only door to an API server. It knows one HTTP method, GET, and takes no other.

Each answer is waited for within bounds; an overloaded or restarting server (429, 5xx, a lost connection) is
asked again after a pause: what it wished for in ``Retry-After``, else a random one that doubles.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson
from kubernetes.aio.client.api_client import ApiClient
from kubernetes.aio.client.configuration import Configuration
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
    wait_random_exponential,
)

from domain.errors import ClusterUnavailable
from tools.cluster.live.login import Login
from tools.cluster.live.refusal import explain_refusal, read_message
from tools.cluster.live.request import ReadRequest

RENEW_BEFORE = timedelta(seconds=30)
"""Credentials are renewed this long before they expire."""

_BACKOFF = wait_random_exponential(multiplier=0.25, max=8)
_CHUNK = 2**16


@dataclass(frozen=True)
class ReadLimits:
    """How hard a cluster may be asked, and how long an answer may take."""

    concurrency: int = 8
    page_size: int = 500
    attempts: int = 5
    attempt_seconds: float = 20.0
    total_seconds: float = 60.0
    log_bytes: int = 32 * 2**20
    """Of a longer log the end is kept."""


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Failure:
    """Why the server gave no answer, though it well may when asked again ``pause`` seconds later."""

    reason: str
    pause: float = 0.0


class KubernetesApi:
    """GET requests to one API server, side by side up to a limit, within one event loop."""

    def __init__(self, login: Login, limits: ReadLimits) -> None:
        """Nothing is connected, and no file read, before the first request."""
        self.limits = limits
        self._login = login
        self._client: ApiClient | None = None
        self._expires: datetime | None = None
        self._logins = 0
        self._logging_in = asyncio.Lock()
        self._slots = asyncio.Semaphore(limits.concurrency)

    async def read(self, request: ReadRequest, keep: int | None = None) -> bytes:
        """The body of the answer, or its last ``keep`` bytes.

        Raises:
            ClusterUnavailable: the server cannot be reached, not in time, or does not let us.
            NotFound: there is no such object.
            RefusedCommand: it cannot use a selector.
        """
        return _expect_body(request, await self._ask(request, keep))

    async def read_json(self, request: ReadRequest) -> dict[str, Any]:
        """The object that the server answers with. Raises what ``read`` raises."""
        return _parse(request, await self.read(request))

    async def read_page(self, request: ReadRequest) -> dict[str, Any] | None:
        """A page of a list; None when its token is too old (410). Raises what ``read`` raises."""
        answer = await self._ask(request)
        return None if answer.status == 410 else _parse(request, _expect_body(request, answer))

    async def allows(self, request: ReadRequest) -> bool:
        """Whether the server lets us send this: it decides that before it looks whether there is anything.

        Raises:
            ClusterUnavailable: the server cannot be reached, not in time, or does not know us.
        """
        answer = await self._ask(request)
        if answer.status == 401:
            raise explain_refusal(request, answer.status, answer.body)
        return answer.status != 403

    async def read_clock(self) -> datetime | None:
        """The server's clock, to the second; None where something between us takes it away.

        Raises:
            ClusterUnavailable: the server cannot be reached, or not in time.
        """
        answer = await self._ask(ReadRequest("/version"))
        written = next((text for name, text in answer.headers.items() if name.lower() == "date"), "")
        try:
            return parsedate_to_datetime(written)
        except ValueError:
            return None

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _ask(self, request: ReadRequest, keep: int | None = None) -> Answer:
        """Ask until there is an answer or patience ends."""
        retrying = AsyncRetrying(
            retry=retry_if_result(lambda result: isinstance(result, Failure)),
            wait=_choose_pause,
            stop=stop_any(
                stop_after_attempt(self.limits.attempts), stop_before_delay(self.limits.total_seconds)
            ),
            retry_error_callback=_return_last,
        )
        try:
            async with asyncio.timeout(self.limits.total_seconds):
                answer: Answer | Failure = await retrying(self._attempt, request, keep)
        except TimeoutError as error:
            raise ClusterUnavailable(
                f"The API server did not `{request}` within {self.limits.total_seconds:g}s."
            ) from error
        if isinstance(answer, Failure):
            raise ClusterUnavailable(f"The API server could not `{request}`: {answer.reason}.")
        return answer

    async def _attempt(self, request: ReadRequest, keep: int | None) -> Answer | Failure:
        client, login = await self._log_in()
        answer = await self._get(client, request, keep)
        if isinstance(answer, Answer) and answer.status == 401:
            client, _ = await self._log_in(rejected=login)
            answer = await self._get(client, request, keep)
        if isinstance(answer, Answer) and _may_pass(request, answer.status):
            reason = read_message(answer.body) or "no reason given"
            return Failure(f"it answered {answer.status} ({reason})", _read_pause(answer.headers))
        return answer

    async def _get(self, client: ApiClient, request: ReadRequest, keep: int | None) -> Answer | Failure:
        """Send one GET and read the answer whole."""
        _, url, headers, _, _ = await client.param_serialize(
            "GET",
            request.path,
            query_params=list(request.params.items()),
            header_params={"Accept": request.accept},
            auth_settings=["BearerToken"],
        )
        timeout = aiohttp.ClientTimeout(total=self.limits.attempt_seconds)
        try:
            async with self._slots:
                sent = await client.rest_client.request("GET", url, headers=headers, _request_timeout=timeout)
                async with sent.response as response:
                    chunks = response.content.iter_chunked(_CHUNK)
                    return Answer(response.status, dict(response.headers), await _read_end(chunks, keep))
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            return _explain_failure(error, self.limits.attempt_seconds)

    async def _log_in(self, rejected: int = 0) -> tuple[ApiClient, int]:
        """The client and the number of its login; a new login if that one was rejected or has expired."""
        async with self._logging_in:
            expired = self._expires is not None and datetime.now(UTC) >= self._expires - RENEW_BEFORE
            client = self._client
            if client is None or expired or rejected == self._logins:
                fresh = await self._login.load()
                client = await asyncio.to_thread(_renew, client, fresh.configuration)
                self._client, self._expires = client, fresh.expires
                self._logins += 1
            return client, self._logins


def _may_pass(request: ReadRequest, status: int) -> bool:
    """Whether the same request may be answered well a little later.

    A 500 to a log is the word of a node that is gone: it would be said of each of its Pods, again and again.
    """
    return status == 429 or (status >= 500 and (request.resource, status) != ("pods/log", 500))


def _renew(client: ApiClient | None, fresh: Configuration) -> ApiClient:
    """A client with fresh credentials; one that exists keeps its connections. Blocking."""
    try:
        if client is None:
            fresh.disable_strict_ssl_verification = True  # kubectl accepts what RFC 5280 is stricter about
            client = ApiClient(fresh)
            client.user_agent = "kubewhy"
            return client
        client.configuration.api_key = fresh.api_key
        if fresh.cert_file:
            context: ssl.SSLContext = client.rest_client.ssl_context
            context.load_cert_chain(fresh.cert_file, fresh.key_file)
    except OSError as error:  # ssl.SSLError is one
        raise ClusterUnavailable(f"A certificate or key of this login cannot be used: {error}.") from error
    return client


def _explain_failure(error: Exception, seconds: float) -> Failure:
    """What a connection suffered.

    Raises:
        ClusterUnavailable: it will suffer that again.
    """
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        raise ClusterUnavailable(
            f"The API server's certificate is not trusted ({error}): "
            "check certificate-authority of the kubeconfig cluster."
        ) from error
    if isinstance(error, TimeoutError):
        return Failure(f"it did not answer within {seconds:g}s")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Failure(f"it cannot be reached ({error})")
    return Failure(f"the connection broke ({error or type(error).__name__})")


def _expect_body(request: ReadRequest, answer: Answer) -> bytes:
    if answer.status != 200:
        raise explain_refusal(request, answer.status, answer.body)
    return answer.body


def _parse(request: ReadRequest, body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise ClusterUnavailable(
            f"What answered `{request}` is no Kubernetes API server: {read_message(body) or 'nothing'}."
        )
    return value


async def _read_end(chunks: AsyncIterator[bytes], keep: int | None) -> bytes:
    """All bytes, or the last ``keep`` of them, never holding more than twice as many."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if keep is not None and len(body) > 2 * keep:
            del body[:-keep]
    return bytes(body if keep is None else body[-keep:])


def _choose_pause(state: RetryCallState) -> float:
    """What the server wished for, spread a little so that not all of its clients return at once."""
    failure = _return_last(state)
    return (failure.pause if isinstance(failure, Failure) else 0.0) + _BACKOFF(state)


def _return_last(state: RetryCallState) -> Answer | Failure | None:
    return state.outcome.result() if state.outcome else None


def _read_pause(headers: Mapping[str, str]) -> float:
    """``Retry-After`` in seconds, which is how the API server writes it; 0 without one."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(text) if text.isdecimal() else 0.0

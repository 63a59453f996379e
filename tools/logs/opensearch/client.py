"""The only door to OpenSearch: requests, and its failures as sentences."""

import logging
import ssl
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import orjson
from opensearchpy import AIOHttpConnection, AsyncHttpConnection, AsyncOpenSearch, AWSV4SignerAsyncAuth
from opensearchpy.exceptions import (
    ConnectionTimeout,
    ImproperlyConfigured,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
)

from domain.errors import LogsUnavailable, MalformedSettings
from domain.settings import OpenSearchSettings
from tools.aws import find_credentials

Body: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]] | bytes | None

CONNECTIONS = 16
RETRIES = 2
"""Of a request that found no connection, or got 502, 503 or 504."""

_JSON = {"content-type": "application/json"}
_NDJSON = {"content-type": "application/x-ndjson"}
_HTTP_ERRORS = {
    401: "does not accept our credentials (401): check [opensearch] auth",
    403: "does not let us do this (403): the role or user of [opensearch] needs to read these indices",
    404: "has no such index (404): nothing was shipped yet, or [opensearch] search names other indices",
    413: "does not take a request of this size (413)",
    429: "is overloaded (429)",
}

logging.getLogger("opensearch").setLevel(logging.CRITICAL)  # what fails is raised, and told once


class OpenSearchClient:
    """Asks one OpenSearch, whoever signs for it."""

    def __init__(self, client: AsyncOpenSearch, url: str, seconds: float) -> None:
        """Take a client over; ``connect`` makes one."""
        self._client = client
        self._url = url
        self._seconds = seconds

    async def ask(
        self,
        method: str,
        path: str,
        body: Body = None,
        accept: Collection[int] = (),
        **parameters: str | int | bool,
    ) -> Any:
        """One request, and its answer read from JSON. A sequence is sent as NDJSON, bytes as they are.

        ``accept`` are statuses of failures that are answers too.

        Raises:
            LogsUnavailable: there was no answer, or not in time, or a refusal; the sentence tells them apart.
        """
        try:
            return await self._client.transport.perform_request(
                method,
                path,
                params={**parameters, "ignore": tuple(accept)},
                body=_write(body),
                headers=_NDJSON if isinstance(body, bytes | Sequence) else _JSON,
            )
        except OpenSearchException as error:
            raise LogsUnavailable(self._explain(error)) from error

    async def close(self) -> None:
        """Close its connections."""
        await self._client.close()

    def _explain(self, error: OpenSearchException) -> str:
        where = f"OpenSearch at {self._url}"
        if isinstance(error, ConnectionTimeout):
            return f"{where} did not answer within {self._seconds:g} s."
        if isinstance(error, SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return f"{where} shows a certificate that is not trusted: set [opensearch] ca."
        if isinstance(error, SerializationError):
            return f"{where} answers with no JSON: what answers there is no OpenSearch."
        if not isinstance(error, TransportError) or not isinstance(error.status_code, int):
            return f"{where} cannot be reached: it is down, or [opensearch] url is wrong."
        told = _HTTP_ERRORS.get(error.status_code)
        return f"{where} {told}." if told else f"{where} answers {error.status_code}: {_find_reason(error)}."


def connect(settings: OpenSearchSettings) -> OpenSearchClient:
    """A client as the settings say; nothing is sent yet. May read files and credentials: it blocks.

    Raises:
        MalformedSettings: a setting cannot be used.
    """
    try:
        client = AsyncOpenSearch(
            hosts=[settings.url.rstrip("/")],
            connection_class=AsyncHttpConnection if settings.auth == "sigv4" else AIOHttpConnection,
            http_auth=_authenticate(settings),
            ssl_context=_trust(settings),
            timeout=settings.timeout_seconds,
            max_retries=RETRIES,
            pool_maxsize=CONNECTIONS,
            http_compress=True,
        )
    except (ImproperlyConfigured, ValueError) as error:
        raise MalformedSettings(f"[opensearch] cannot be used: {error}.") from error
    return OpenSearchClient(client, settings.url, settings.timeout_seconds)


def _write(body: Body) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, Mapping):
        return orjson.dumps(body)
    return b"".join(orjson.dumps(line) + b"\n" for line in body)


def _authenticate(settings: OpenSearchSettings) -> Any:
    if settings.auth == "basic":
        return settings.user, settings.password.get_secret_value()
    if settings.auth == "sigv4":
        return AWSV4SignerAsyncAuth(find_credentials(), settings.region, settings.service)
    return None


def _trust(settings: OpenSearchSettings) -> ssl.SSLContext | None:
    if not settings.url.startswith("https://"):
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except (OSError, ssl.SSLError) as error:
        raise MalformedSettings(f"[opensearch] ca, {settings.ca}, cannot be read: {error}.") from error


def _find_reason(error: TransportError) -> str:
    cause = _read_info(error).get("error")
    roots = cause.get("root_cause") if isinstance(cause, Mapping) else None
    first = roots[0] if isinstance(roots, list) and roots else cause
    told = first.get("reason") if isinstance(first, Mapping) else first
    return str(told or error.error)[:300]


def _read_info(error: TransportError) -> Mapping[str, Any]:
    """The body of the answer, which the connection that signs has not read."""
    if isinstance(error.info, Mapping):
        return error.info
    try:
        info = orjson.loads(error.error)
    except (orjson.JSONDecodeError, TypeError):
        return {}
    return info if isinstance(info, Mapping) else {}

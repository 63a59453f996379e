"""What a person is told when OpenSearch does not do what it should, over real connections on loopback."""

import asyncio
import base64
import json
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from domain.errors import LogsUnavailable, MalformedSettings
from domain.settings import OpenSearchSettings, load_settings
from tools.logs.opensearch.client import connect
from tools.logs.opensearch.store import OpenSearchLogStore
from tools.logs.store import LogQuery

Serve = Callable[..., Awaitable[str]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
EMPTY = {"_shards": {"total": 1, "successful": 1, "failed": 0}, "hits": {"hits": []}}


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves a handler; returns its URL."""
    servers: list[TestServer] = []

    async def start(handler: Handler, context: ssl.SSLContext | None = None) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(app, scheme="https" if context else "http")
        await server.start_server(ssl=context)
        servers.append(server)
        return f"{server.scheme}://localhost:{server.port}"

    yield start
    for server in servers:
        await server.close()


async def search(url: str, **settings: Any) -> str:
    """Search; returns what the store complains of."""
    described = OpenSearchSettings(url=url, **settings)
    store = OpenSearchLogStore(connect(described), described)
    try:
        await store.search(LogQuery(text="anything"))
    except LogsUnavailable as error:
        return str(error)
    finally:
        await store.close()
    return ""


def issue_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The authority to trust, and what a server needs."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return folder / "ca.pem", context


def answer(status: int, error: Any) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"error": error, "status": status}, status=status)

    return handler


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (401, "Unauthorized", r"does not accept our credentials \(401\): check \[opensearch\] auth"),
        (403, {"type": "security_exception", "reason": "no permissions"}, r"does not let us do this \(403\)"),
        (404, {"type": "index_not_found_exception"}, r"has no such index \(404\): nothing was shipped yet"),
        (429, {"type": "rejected_execution_exception"}, r"is overloaded \(429\)"),
        (500, {"root_cause": [{"reason": "circuit broke"}]}, "answers 500: circuit broke"),
        (400, {"reason": "all shards failed"}, "answers 400: all shards failed"),
    ],
)
async def test_each_refusal_is_told_apart(serve: Serve, status: int, error: Any, told: str) -> None:
    url = await serve(answer(status, error))
    complaint = await search(url)
    assert complaint.startswith(f"OpenSearch at {url} ")
    assert re.search(told, complaint)


async def test_a_signed_request_tells_the_reason_of_a_refusal_too(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    pem, context = issue_certificate(tmp_path)
    url = await serve(answer(500, {"root_cause": [{"reason": "circuit broke"}]}), context)
    assert "answers 500: circuit broke" in await search(url, auth="sigv4", ca=pem)


async def test_one_that_is_down_and_one_that_is_slow(serve: Serve) -> None:
    async def dawdle(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.json_response(EMPTY)

    assert "cannot be reached" in await search("http://localhost:9")
    assert "did not answer within 0.2 s" in await search(await serve(dawdle), timeout_seconds=0.2)


async def test_a_wildcard_that_no_index_matches_is_no_empty_answer(serve: Serve) -> None:
    async def nothing(_: web.Request) -> web.Response:
        return web.json_response({**EMPTY, "_shards": {"total": 0, "successful": 0, "failed": 0}})

    complaint = await search(await serve(nothing), search="logstash-*")
    assert "no index that 'logstash-*' stands for" in complaint


async def test_no_hit_is_no_complaint(serve: Serve) -> None:
    async def nothing(_: web.Request) -> web.Response:
        return web.json_response(EMPTY)

    assert await search(await serve(nothing)) == ""


async def test_a_search_that_failed_on_every_shard_is_no_empty_answer(serve: Serve) -> None:
    async def broken(_: web.Request) -> web.Response:
        failures = [{"reason": {"reason": "no mapping found"}}]
        shards = {"total": 2, "successful": 0, "failed": 2, "failures": failures}
        return web.json_response({**EMPTY, "_shards": shards})

    assert "could be searched: no mapping found" in await search(await serve(broken))


async def test_what_is_no_json_is_a_failure(serve: Serve) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>Welcome to the portal</html>", content_type="text/html")

    assert "what answers there is no OpenSearch" in await search(await serve(page))


async def test_basic_auth_and_the_certificate_authority(serve: Serve, tmp_path: Path) -> None:
    pem, context = issue_certificate(tmp_path)
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.json_response(EMPTY)

    url = await serve(handler, context)
    basic = {"auth": "basic", "user": "reader", "password": "pass:word"}
    assert await search(url, ca=pem, **basic) == ""
    assert {base64.b64decode(header.removeprefix("Basic ")) for header in seen} == {b"reader:pass:word"}
    assert "certificate that is not trusted" in await search(url, **basic)


@pytest.mark.parametrize("service", ["es", "aoss"])
async def test_requests_are_signed_as_aws_checks_them(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    pem, context = issue_certificate(tmp_path)
    verdicts: list[bool] = []

    async def check(request: web.Request) -> web.Response:
        verdicts.append(_is_signed(request, await request.read(), service))
        return web.json_response(EMPTY)

    url = await serve(check, context)
    told = await search(url, auth="sigv4", region="eu-west-1", service=service, ca=pem)
    assert told == ""
    assert verdicts and all(verdicts)


def _is_signed(request: web.Request, body: bytes, service: str) -> bool:
    """Sign what arrived again, with what AWS knows, and compare."""
    given = request.headers["Authorization"]
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: request.headers[name] for name in names}
    arrived = AWSRequest(request.method, f"https://{request.host}{request.path_qs}", headers, body)
    arrived.context["timestamp"] = request.headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), service, "eu-west-1")
    signature = signer.signature(signer.string_to_sign(arrived, signer.canonical_request(arrived)), arrived)
    return given.endswith(f"Signature={signature}") and f"/eu-west-1/{service}/" in given


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"url": "localhost:9200"}, "opensearch.url"),
        ({"url": "https://user:secret@host:9200"}, "opensearch.url"),
        ({"url": "http://host", "auth": "basic", "user": "reader"}, "basic takes a user and a password"),
        ({"url": "http://host", "auth": "sigv4"}, "sigv4 takes an https:// url"),
        ({"url": "http://host", "retention": 3}, "opensearch.retention"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_when_they_are_read(
    settings: dict[str, Any], complaint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    told = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    (tmp_path / "kubewhy.toml").write_text(f"[opensearch]\n{told}\n")
    load_settings.cache_clear()
    with pytest.raises(MalformedSettings, match=complaint):
        load_settings()
    load_settings.cache_clear()


def test_an_authority_that_cannot_be_read_is_named() -> None:
    with pytest.raises(MalformedSettings, match=r"\[opensearch\] ca, nowhere.pem, cannot be read"):
        connect(OpenSearchSettings(url="https://localhost:1", ca=Path("nowhere.pem")))


async def test_bodies_arrive_as_json_and_as_lines(serve: Serve) -> None:
    seen: list[tuple[str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.content_type, (await request.read()).decode()))
        return web.json_response({})

    client = connect(OpenSearchSettings(url=await serve(handler)))
    await client.ask("POST", "/a", {"größe": 1})
    await client.ask("POST", "/b", [{"a": 1}, {"b": "\n"}])
    await client.ask("POST", "/c", b'{"raw":1}\n')
    await client.close()
    assert json.loads(seen[0][1]) == {"größe": 1}
    assert [kind for kind, _ in seen] == ["application/json", "application/x-ndjson", "application/x-ndjson"]
    assert [json.loads(line) for line in seen[1][1].splitlines()] == [{"a": 1}, {"b": "\n"}]
    assert seen[2][1] == '{"raw":1}\n'

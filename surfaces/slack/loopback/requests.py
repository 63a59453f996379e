"""HTTP mode from Slack's side: signed requests to an app's replicas, and again if they are not answered."""

import asyncio
import json
from itertools import count
from time import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from surfaces.slack.loopback.socket import MOST_ATTEMPTS, Delivery

SIGNING_SECRET = "loopback-signing-secret"  # noqa: S105 (signs nothing but the loopback's requests)


class Requests:
    """Sends to one address after another, as a load balancer would."""

    def __init__(self, *urls: str, ack_seconds: float = 3.0) -> None:
        """Send to ``urls``; an answer is waited for ``ack_seconds``."""
        self._urls = urls
        self._ack_seconds = ack_seconds
        self._turns = count()

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Delivery:
        """Send until it is answered with 200, or Slack would give up."""
        delivery = Delivery(payload)
        while delivery.attempts < MOST_ATTEMPTS and not delivery.acknowledged:
            delivery.attempts += 1
            await self._send(kind, delivery)
        return delivery

    async def _send(self, kind: str, delivery: Delivery) -> None:
        body, headers = _write(kind, delivery.payload)
        if delivery.attempts > 1:
            headers |= {"X-Slack-Retry-Num": str(delivery.attempts - 1), "X-Slack-Retry-Reason": "http_error"}
        url = self._urls[next(self._turns) % len(self._urls)]
        try:
            timeout = aiohttp.ClientTimeout(total=self._ack_seconds)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=body, headers=headers | sign(body)) as answer,
            ):
                delivery.answer = await answer.text()
                delivery.acknowledged = answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(0.1)


def sign(body: str, secret: str = SIGNING_SECRET, moment: float | None = None) -> dict[str, str]:
    """The headers by which a request is known to be Slack's."""
    timestamp = str(int(time() if moment is None else moment))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body) or ""
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


def _write(kind: str, payload: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """A payload as Slack sends it: events as JSON, commands as a form, clicks as JSON within a form."""
    if kind == "events_api":
        return json.dumps(payload), {"Content-Type": "application/json"}
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}

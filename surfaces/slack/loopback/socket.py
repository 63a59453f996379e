"""Socket Mode from Slack's side: connections, envelopes, acknowledgements, deliveries again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

MOST_ATTEMPTS = 4
"""A first delivery and three more, as Slack has it."""


@dataclass
class Delivery:
    """What became of one envelope: how often it was sent, and whether and with what it was taken."""

    payload: dict[str, Any]
    attempts: int = 0
    acknowledged: bool = False
    answer: Any = None


@dataclass
class Socket:
    """The connections of an app, and what is delivered over them.

    Attributes:
        ack_seconds: how long an acknowledgement is waited for before the envelope is sent again; Slack
            waits 3 s, and longer between deliveries.
        deaf: while set, acknowledgements are not heard, as when a connection breaks.
        connected: how many connections there ever were.
    """

    ack_seconds: float = 3.0
    deaf: bool = False
    connections: list[web.WebSocketResponse] = field(default_factory=list)
    connected: int = 0

    def __post_init__(self) -> None:
        """Nothing was sent yet."""
        self._numbers = count(1)
        self._turns = count()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._changed = asyncio.Condition()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold a connection, until it ends."""
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await connection.send_json({"type": "hello", "num_connections": len(self.connections) + 1})
        self.connections.append(connection)
        self.connected += 1
        async with self._changed:
            self._changed.notify_all()
        try:
            async for message in connection:
                if message.type is WSMsgType.TEXT:
                    self._hear(message.json())
        finally:
            self.connections.remove(connection)
        return connection

    def _hear(self, told: dict[str, Any]) -> None:
        waiting = self._waiting.get(told.get("envelope_id", ""))
        if waiting and not waiting.done() and not self.deaf:
            waiting.set_result(told.get("payload"))

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Delivery:
        """Send an envelope until it is acknowledged, or Slack would give up."""
        delivery, envelope = Delivery(payload), f"envelope-{next(self._numbers)}"
        while delivery.attempts < MOST_ATTEMPTS and not delivery.acknowledged:
            await self.until(lambda: self.connections)
            told = {
                "envelope_id": envelope,
                "type": kind,
                "payload": payload,
                "accepts_response_payload": kind != "events_api",
            }
            if kind == "events_api":
                reason = "timeout" if delivery.attempts else ""
                told |= {"retry_attempt": delivery.attempts, "retry_reason": reason}
            delivery.attempts += 1
            await self._send(envelope, told, delivery)
        return delivery

    async def _send(self, envelope: str, told: dict[str, Any], delivery: Delivery) -> None:
        waiting = self._waiting[envelope] = asyncio.get_running_loop().create_future()
        try:
            await self._choose().send_json(told)
            delivery.answer = await asyncio.wait_for(waiting, self.ack_seconds)
            delivery.acknowledged = True
        except (TimeoutError, ConnectionError, ZeroDivisionError):
            await asyncio.sleep(0)
        finally:
            del self._waiting[envelope]

    def _choose(self) -> web.WebSocketResponse:
        """One connection after another: Slack sends what happens to any of an app's."""
        return self.connections[next(self._turns) % len(self.connections)]

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until a condition holds of the connections."""
        async with self._changed:
            await self._changed.wait_for(condition)

    async def refresh(self) -> None:
        """Ask the app to come over a new connection, as Slack does every few hours."""
        for connection in list(self.connections):
            await connection.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def drop(self) -> None:
        """Close the connections without a word."""
        for connection in list(self.connections):
            await connection.close(code=WSCloseCode.GOING_AWAY)

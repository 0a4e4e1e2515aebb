"""The AWS endpoint as a raw ASGI application: bytes to an HttpRequest, an HttpResponse to bytes.

Everything here is paid by every request, so there is no framework, no middleware and no routing but one
comparison. Reads are answered on the event loop itself: they touch memory only. Changes take the write lane.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from rolekeeper.endpoints.arrivals import Arrivals, Disconnected, Receive
from rolekeeper.endpoints.contract import Server
from rolekeeper.endpoints.control import PREFIX, Control
from rolekeeper.endpoints.faults import fault
from rolekeeper.endpoints.lanes import lane_for
from rolekeeper.errors import AwsError
from rolekeeper.iam.secret import Secret
from rolekeeper.wire.http import HttpRequest, HttpResponse

BEAT = 0.5
"""Seconds between two drains of the journal: its events must survive a power cut after one second."""

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_log = logging.getLogger("rolekeeper")


class AwsEndpoint:
    """The application. `token` opens the audit trail of an ephemeral server to who can read our files."""

    def __init__(self, server: Server, *, token: Secret | None = None) -> None:
        self._server = server
        self._lane = lane_for(server)
        self._arrivals = Arrivals()
        self._control = Control(server, token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                response = await self._answer(scope, receive)
            except Disconnected:
                return
            await _send(send, response)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            raise NotImplementedError(f"this endpoint does not speak {scope['type']}")

    async def _answer(self, scope: Scope, receive: Receive) -> HttpResponse:
        try:
            body = await self._arrivals.read(receive)
        except AwsError as error:
            return fault(error, close=True)
        client = scope["client"]
        request = HttpRequest(
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
            body=body,
            source_ip=client[0] if client else "127.0.0.1",
            secure=scope["scheme"] == "https",
        )
        if request.path.startswith(PREFIX):
            address, port = scope["server"]
            return await self._lane.call(lambda: self._control.answer(request, address, port))
        return self.at_once(request) or await self._lane.dispatch(request)

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a call of the AWS API; None where it changes what is kept, and so takes the lane."""
        return None if self._writes(request) else self._server.dispatch(request)

    def _writes(self, request: HttpRequest) -> bool:
        try:
            return self._server.writes(request)
        except AwsError:
            return False  # the dispatcher answers what cannot be read

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        beat = asyncio.get_running_loop().create_task(self._beat())
        try:
            await send({"type": "lifespan.startup.complete"})
            await receive()
            beat.cancel()
            await self._drain()
        except asyncio.CancelledError:
            return  # told to stop at once: the journal keeps its events until the next start
        finally:
            beat.cancel()
            self._lane.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self._arrivals.sweep()
            await self._drain()

    async def _drain(self) -> None:
        try:
            await self._lane.call(self._server.store.drain_journal)
        except Exception:
            # The events stay in the journal, and the next beat tries again.
            _log.exception("the journal could not be moved into the audit trail")


async def _send(send: Send, response: HttpResponse) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    headers.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})

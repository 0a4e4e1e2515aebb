"""The AWS endpoint as a raw ASGI application: bytes to an HttpRequest, an HttpResponse to bytes.

Everything here is paid by every request, so there is no framework, no middleware and no routing but one
comparison. Reads are answered on the event loop itself: they touch memory only. Changes take the write lane,
and what has to be fetched from elsewhere is fetched in a thread.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rolekeeper.endpoints import containers, imds, pods
from rolekeeper.endpoints.arrivals import Arrivals, Disconnected, Receive
from rolekeeper.endpoints.contract import Fetch, Server
from rolekeeper.endpoints.control import PREFIX, RESET, Control
from rolekeeper.endpoints.faults import fault
from rolekeeper.endpoints.issuers import Issuers
from rolekeeper.endpoints.lanes import lane_for
from rolekeeper.endpoints.signin import SignInPages, is_ours
from rolekeeper.errors import AwsError, ServiceFailure
from rolekeeper.iam.secret import Secret
from rolekeeper.service.registry import Course
from rolekeeper.wire.http import HttpRequest, HttpResponse, Outlet

BEAT = 0.5
"""Seconds between two drains of the journal: its events must survive a power cut after one second."""

FETCHES = 8
"""Documents that are fetched from elsewhere at once."""

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_log = logging.getLogger("rolekeeper")


class AwsEndpoint:
    """The application. `token` opens the audit trail of an ephemeral server to who can read our files."""

    def __init__(self, server: Server, *, token: Secret | None = None) -> None:
        self._server = server
        self._lane = lane_for(server)
        self._gateway = server.gateway(self._lane.call)
        self._arrivals = Arrivals()
        self._issuers = Issuers(server)
        self._control = Control(server, token, self._issuers)
        self._signin = SignInPages(server)
        self._containers = containers.Containers(server)
        self._agent = pods.PodAgent(server)
        self._metadata = imds.InstanceMetadataService(server)
        self._under_way: dict[Fetch, asyncio.Future[object]] = {}
        self._fetching = ThreadPoolExecutor(max_workers=FETCHES, thread_name_prefix="fetch")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if self._gateway is not None and not self._is_own(scope) and self._gateway.claims(scope):
                await self._gateway(scope, receive, send)
                return
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
        if request.path.startswith(containers.PATHS):
            return self._containers.answer(request, *scope["server"])
        if request.path.startswith(imds.PREFIX):
            found = self._metadata.answer(request, *scope["server"])
            if found is None:
                await self._lane.call(self._metadata.prepare)
                found = self._metadata.answer(request, *scope["server"])
            return found or fault(ServiceFailure())
        if request.path in pods.PATHS:
            return await self._lane.call(lambda: self._agent.answer(request, *scope["server"]))
        if request.path.startswith(PREFIX):
            address, port = scope["server"]
            answer = await self._lane.call(lambda: self._control.answer(request, address, port))
            if self._gateway is not None and request.path == RESET and answer.status == 200:
                await self._gateway.reset()
            return answer
        if is_ours(request.path):
            fetch = self._signin.missing(request)
            if fetch is not None:
                await self._fetch(fetch)
            address, port = scope["server"]
            return await self._lane.call(lambda: self._signin.answer(request, address, port))
        named = self._issuers.named(request)
        if named is not None:
            return await self._lane.call(lambda: self._issuers.answer(named))
        return self.at_once(request) or await self._in_turn(request)

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a call of the AWS API; None where more than memory is needed for it."""
        course = self._course(request)
        if course == "memory" or (course == "unknown" and self._gateway is None):
            return self._server.dispatch(request)
        return None

    def onward(self, request: HttpRequest, outlet: Outlet) -> Coroutine[Any, Any, None] | None:
        """What answers a whole request to a service that stands behind; None for any other."""
        if self._gateway is None or request.path.startswith(PREFIX):
            return None
        return self._gateway.onward(request, outlet)

    def _is_own(self, scope: Scope) -> bool:
        """Whether a request is for one of our own routes: AWS's signatures are for services only."""
        path = scope["raw_path"].decode("latin-1")
        if path.startswith(PREFIX):
            return True
        if b"X-Amz-Credential=" in scope["query_string"]:
            return False
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:4] == b"AWS4":
                return False
        return path.startswith(containers.PATHS) or path in pods.PATHS or is_ours(path)

    async def _in_turn(self, request: HttpRequest) -> HttpResponse:
        """The answer to a call that changes what is kept, or that needs a document from elsewhere."""
        if self._course(request) == "disk":
            return await self._lane.dispatch(request)
        fetch = self._server.missing(request)
        if fetch is not None:
            await self._fetch(fetch)
        return self._server.dispatch(request)

    async def _fetch(self, fetch: Fetch) -> None:
        """Have something fetched, in one thread for all who wait for the same."""
        under_way = self._under_way.get(fetch)
        if under_way is None:
            under_way = asyncio.get_running_loop().run_in_executor(self._fetching, fetch)
            self._under_way[fetch] = under_way
            under_way.add_done_callback(lambda _: self._under_way.pop(fetch, None))
        await asyncio.shield(under_way)  # who goes away does not take it from the others

    def _course(self, request: HttpRequest) -> Course:
        try:
            return self._server.course(request)
        except AwsError:
            return "memory"  # the dispatcher answers what cannot be read

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        beat = asyncio.get_running_loop().create_task(self._beat())
        if self._gateway is not None:
            await self._gateway.start()
        try:
            await send({"type": "lifespan.startup.complete"})
            await receive()
            beat.cancel()
            await self._drain()
        except asyncio.CancelledError:
            return  # told to stop at once: the journal keeps its events until the next start
        finally:
            beat.cancel()
            if self._gateway is not None:
                await self._gateway.close()
            self._lane.close()
            self._fetching.shutdown(wait=False, cancel_futures=True)
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

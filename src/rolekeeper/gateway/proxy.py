"""One request to a service that stands behind, from bytes to bytes, in one function.

There is no middleware: what happens to a request happens here, in this order. It is verified, read,
classified and decided before anything goes on; what goes on is written anew from what was read, signed with
the gateway's own key, and streams both ways; nothing is answered before the audit.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping, Sequence
from functools import partial
from typing import Any, Final

from rolekeeper import ids
from rolekeeper.errors import AwsError, ServiceFailure
from rolekeeper.gateway import absent, telling
from rolekeeper.gateway.answers import CARRY
from rolekeeper.gateway.arrival import Arrived, arrive
from rolekeeper.gateway.asked import Asked, Signed
from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.deciding import Deciding
from rolekeeper.gateway.following import Following, told
from rolekeeper.gateway.foreign import shown
from rolekeeper.gateway.forwarding import Answer, Broken
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.inflow import Disconnected, Inflow, Receive
from rolekeeper.gateway.natives import is_foreign, is_native
from rolekeeper.gateway.post_form import PostForm
from rolekeeper.service.dispatch import Service
from rolekeeper.service.trail import Trace, record_failure, record_forwarded
from rolekeeper.wire import faults, model, reading
from rolekeeper.wire.http import Carry, HttpRequest, HttpResponse, Outlet
from rolekeeper.wire.reading import Reading, Route

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Pairs = Sequence[tuple[str, str]]

_NOTHING: Final = HttpRequest(method="GET", path="/")
_IDS: Final = frozenset({"x-amzn-requestid", "x-amz-request-id"})
_SENT_IDS: Final = tuple(sorted(_IDS))

_log = logging.getLogger("rolekeeper")


class Gateway:
    """The application for all services that are not answered here."""

    def __init__(
        self, service: Callable[[], Service], backends: Backends, deciding: Deciding, following: Following
    ) -> None:
        self._service = service
        self._backends = backends
        self._deciding = deciding
        self._following = following

    def claims(self, scope: Scope) -> bool:
        """Whether a request is for a service that stands behind, by its head."""
        return not is_native(self._service().operations, scope)

    async def start(self) -> None:
        """Have what stands behind begin to be ready."""
        await self._backends.start()
        await self._backends.warm()

    async def reset(self) -> None:
        """Have what stands behind forget everything that is ours to forget."""
        self._following.forget()
        await self._backends.reset()

    async def close(self) -> None:
        """Let everything go."""
        await self._backends.close()

    def onward(self, request: HttpRequest, outlet: Outlet) -> Coroutine[Any, Any, None] | None:
        """What answers a request that came whole and plain, if it is for a service that stands behind."""
        if not is_foreign(request):
            return None
        body = request.body
        return self._answer(partial(Head.plain, request), _Whole(outlet), _came(body))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. It raises only where an answer that has begun cannot be ended."""
        exchange = _Exchange(send, scope.get("extensions", {}).get(CARRY))
        await self._answer(partial(Head.of, scope), exchange, receive)

    async def _answer(self, read: Callable[[], Head], exchange: _Exchange, receive: Receive) -> None:
        trace = Trace(request=_NOTHING, request_id=ids.request_id(), now=self._service().clock.now())
        try:
            await self._forward(trace, exchange, read, receive)
            return
        except Disconnected:
            return
        except AwsError as error:
            failure = error
        except Broken:
            _log.warning("request %s: what stands behind broke off", trace.request_id)
            failure = ServiceFailure()
        except Exception:
            _log.exception("request %s failed", trace.request_id)
            failure = ServiceFailure()
        if exchange.begun:
            raise _CutOff(trace.request_id)
        try:
            record_failure(trace, failure, self._service().store)
        except Exception:
            # What cannot be audited is not answered as if it had been.
            _log.exception("the event of request %s could not be kept", trace.request_id)
            failure = ServiceFailure()
        await exchange.refuse(faults.fault(trace.request, exchange.route, failure, trace.request_id))

    async def _forward(
        self, trace: Trace, exchange: _Exchange, read: Callable[[], Head], receive: Receive
    ) -> None:
        service = self._service()
        head = read()
        exchange.inflow = inflow = Inflow(head, receive)
        arrived = await arrive(service, trace, exchange, head, inflow, self._deciding.action)
        route, caller = arrived.route, arrived.caller
        found = reading.read(route, arrived.request)
        trace.arguments = shown(arrived.operation, found.members)
        asked = _asked(arrived, found, trace, service)
        decided = await self._deciding.decide(service, trace, caller, asked)
        done = await self._following.before(caller, service, decided)
        if done is not None:
            record_forwarded(trace, service.store)
            await exchange.give(telling.written(route.service, route.operation, done, trace.request_id))
            return
        written = told(decided, found)
        streams = written.body is None
        async with self._backends.open(
            route.service.name,
            written,
            await arrived.content() if streams else None,
            decided.home.account,
            decided.home.region,
            length=arrived.length if streams else None,
        ) as answer:
            if absent.conceals(asked, answer.status):
                await self._deciding.require_besides(service, trace, caller, asked, absent.listing(asked))
            await self._deciding.require_answered(service, trace, caller, decided, answer)
            known = await self._following.after(caller, service, decided, answer)
            if known is None and arrived.form is None:
                known = await answer.short()
            record_forwarded(trace, service.store, _error(answer))
            if arrived.form is not None and answer.status < 300:
                await exchange.give(_of_form(arrived.form, found, answer))
                return
            await exchange.answer(answer, known, trace.request_id)


class _CutOff(Exception):
    """An answer that had begun could not be ended: the connection has to be closed."""


class _Exchange:
    """The answer to one request, on its way out."""

    def __init__(self, send: Send, carry: Carry | None) -> None:
        self._send = send
        self._carry = carry
        self.begun = False
        self.route: Route | None = None
        self.inflow: Inflow | None = None

    async def refuse(self, response: HttpResponse) -> None:
        """A refusal. The connection ends with it: not all of the body may have been read."""
        if self.inflow is not None:
            await self.inflow.drain()
        await self.whole(response.status, response.headers, response.body, close=True)

    async def give(self, response: HttpResponse) -> None:
        """An answer of our own."""
        await self.whole(response.status, response.headers, response.body)

    async def answer(self, answer: Answer, known: bytes | None, request_id: str) -> None:
        """What stands behind has answered, piece by piece, or all of it where that is known."""
        headers = [pair for pair in answer.headers if pair[0] not in _IDS]
        headers += [(name, request_id) for name in _SENT_IDS]
        self.begun = True
        if known is not None:
            await self.whole(answer.status, headers, known)
            return
        await self._begin(answer.status, headers)
        async for piece in answer.body(self._carry):
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def whole(self, status: int, headers: Pairs, body: bytes, *, close: bool = False) -> None:
        """All of an answer. Its length is that of its body, where the headers do not know it: that of an
        object whose head was asked for is none of this answer."""
        headers = _with_length(headers, body)
        if close:
            headers = [*headers, ("connection", "close")]
        await self._begin(status, headers)
        await self._send({"type": "http.response.body", "body": body})

    async def _begin(self, status: int, headers: Pairs) -> None:
        sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": status, "headers": sent})


class _Whole(_Exchange):
    """The same of a request that came whole: an answer that is known is one write."""

    def __init__(self, outlet: Outlet) -> None:
        super().__init__(outlet.send, outlet.carry)
        self._outlet = outlet

    async def whole(self, status: int, headers: Pairs, body: bytes, *, close: bool = False) -> None:
        """All of an answer. The connection need not end: nothing of its request is still to come."""
        self._outlet.give(status, _with_length(headers, body), body)


def _with_length(headers: Pairs, body: bytes) -> Pairs:
    if body:
        headers = [pair for pair in headers if pair[0] != "content-length"]
    elif any(name == "content-length" for name, _ in headers):
        return headers
    return [*headers, ("content-length", str(len(body)))]


def _came(body: bytes) -> Receive:
    """What gives a body that came."""

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _of_form(form: PostForm, found: Reading, answer: Answer) -> HttpResponse:
    """What a browser is told whose upload was done."""
    etag, version = answer.header("etag") or "", answer.header("x-amz-version-id")
    return form.answer(found.members["Bucket"], etag, version)


def _asked(arrived: Arrived, found: Reading, trace: Trace, service: Service) -> Asked:
    claimed = arrived.claimed
    return Asked(
        service=arrived.route.service,
        operation=arrived.route.operation,
        members=found.members,
        account=arrived.caller.account,
        region=trace.region,
        partition=model.partition_of(trace.region),
        head=arrived.request.index,
        signed=None if claimed is None else Signed.of(claimed, service.clock.real()),
        now=trace.now,
    )


def _error(answer: Answer) -> tuple[str, str] | None:
    """What the trail has of an answer that is an error: what stands behind has its own words."""
    if answer.status < 400:
        return None
    return answer.header("x-amzn-errortype") or str(answer.status), "answered by what stands behind"

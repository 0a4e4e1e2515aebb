"""uvicorn's HTTP protocol, with bounds, and with a short way for the requests that servers like this live on.

An AWS client sends a small request, nearly always in one packet. When it came whole (`packet.py`), is a POST
to `/` and only reads, it is answered right where it was read: without a parser that calls back for each
header, a task, a scope, messages to and fro and a timer, which cost more than the answer. One that is for a
service that stands behind has a task of its own and nothing else of it (`turn.py`). Everything else (a body
that comes in parts, chunks, `Expect`, the last request of a connection, a request behind another one, a
change that waits for the disk) goes the way of ASGI, as if this file were not there; the answers are the
same.

Either way an answer is one write. Go's client, which Terraform has, has been seen to close a connection
when it has the head of an answer and the body is not there yet, as if it had not noted the end of its own
request. What comes of the answer after that is lost, and a change is asked for twice.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, BaseTransport, TimerHandle, Transport
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol, cast
from weakref import ref

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rolekeeper.cli.packet import may_be_short, whole_request
from rolekeeper.cli.proxies import Proxies
from rolekeeper.cli.turn import STATUS, Turn
from rolekeeper.endpoints.arrivals import DRAIN, PATIENCE
from rolekeeper.gateway.answers import CARRY
from rolekeeper.gateway.carrying import POSSIBLE, Carriage
from rolekeeper.gateway.inflow import Disconnected
from rolekeeper.wire.http import Carry, HttpRequest, HttpResponse

MAX_HEAD = 64 << 10
"""Bytes of a request's line and headers; a session token with its tags takes a few thousand."""


class Endpoint(Protocol):
    """What the short way asks of the application."""

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a POST to `/`; None where it has to wait for something."""
        ...

    def onward(self, request: HttpRequest, turn: Turn) -> Coroutine[Any, Any, None] | None:
        """What answers a request to a service that stands behind; None for any other."""
        ...


class EndpointProtocol(HttpToolsProtocol):
    """One connection."""

    _left: int | None = None  # bytes that the head, or a body whose length nobody knows, may still have
    _in_head = False
    _between = True  # uvicorn's parser has seen no byte of a message that is not complete
    _deadline: TimerHandle | None = None  # of a head that came in part
    _last = 0.0  # when something last came
    _watch: TimerHandle | None = None  # looks now and then how long that is ago

    _carriage: Carriage | None = None  # of the answer that is on its way

    _common: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")
    """uvicorn's headers of every answer, and what is sent of them."""

    proxies = Proxies()
    """Those whose word is taken on where a request comes from."""
    patience: float = PATIENCE
    """Seconds in which a head must have arrived from its first byte on; a body has as many of its own."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._endpoint = cast(Endpoint, self.config.app)
        self.joined = _Joined(self.transport, self.loop)
        self._source = self.client[0] if self.client else "127.0.0.1"
        self._by_proxy = self.proxies.trusts(self._source)
        self._last = self.loop.time()
        self._close_when_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        if self._watch is not None:
            self._watch.cancel()
        if self._carriage is not None:
            self._carriage.give_up()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """One packet. It takes the short way with one request only, so that nobody has the loop for long."""
        self._last = self.loop.time()
        short = self._between and not self._by_proxy and self._may_be_short()
        whole = whole_request(data) if short and may_be_short(data) else None
        if whole is None or not self._has_taken(self._request(*whole)):
            self._take(data)

    def _has_taken(self, request: HttpRequest) -> bool:
        """Take a request the short way, if there is one."""
        if request.path == "/" and request.method == "POST" and not request.query:
            response = self._endpoint.at_once(request)
            if response is not None:
                self._answer(response)
                return True
        turn = Turn(self, request.method)
        answering = self._endpoint.onward(request, turn)
        if answering is None:
            return False
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self.cycle = turn
        task = self.loop.create_task(turn.run(answering))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return True

    def on_message_begin(self) -> None:
        self._left, self._in_head, self._between = MAX_HEAD, True, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._forget_deadline()
        chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
        self._left = DRAIN if chunked else None
        scope = cast(dict[str, Any], self.scope)
        # uvicorn takes the target apart, and throws away what is before the path or behind a number sign.
        scope["target"] = self.url
        # It would put what follows a body in chunks among the headers, too, if that came in time.
        scope["headers"] = self.headers.copy()
        if self._by_proxy:
            scope["client"] = self.proxies.source(self._source, self.headers), 0
            scope["scheme"] = "https" if self.proxies.secure(self.headers, self.scheme == "https") else "http"
        super().on_headers_complete()
        if self.cycle is not None:
            self.cycle.transport = cast(Transport, self.joined)
            if carry := self.carry(self.cycle):
                scope["extensions"] = {CARRY: carry}

    def on_message_complete(self) -> None:
        self._between = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.joined.flush()
        super().on_response_complete()

    def carry(self, cycle: RequestResponseCycle) -> Carry | None:
        """How the body of an answer may go past this process; None where it cannot."""
        # A cycle that had itself would be garbage that only a collection finds, after every request.
        return partial(self._carry, ref(cycle)) if POSSIBLE and self.scheme == "http" else None

    async def _carry(self, of: ref[RequestResponseCycle], source: int, length: int) -> bool:
        """`Carry`, in the middle of an answer, behind what was sent of it."""
        cycle = of()
        if cycle is None:
            raise Disconnected
        self.joined.flush()
        self.transport.set_write_buffer_limits(0)
        await self.flow.drain()
        if cycle.disconnected or self.transport.is_closing():
            raise Disconnected
        self.transport.set_write_buffer_limits()
        if cycle.chunked_encoding is not False or length > cycle.expected_content_length:
            return False
        try:
            self._carriage = Carriage(source, self.transport.get_extra_info("socket").fileno(), length)
        except OSError:
            return False  # there are no descriptors left
        try:
            await self._carriage.run()
        finally:
            self._carriage = None
        cycle.expected_content_length -= length
        return True

    def _may_be_short(self) -> bool:
        return self._all_answered() and not (self.flow.write_paused or self.transport.is_closing())

    def _all_answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def on_turn_complete(self) -> None:
        """A turn has been answered; what came behind it is next."""
        self.joined.flush()
        if self.pipeline:
            super().on_response_complete()

    def _request(self, line: tuple[str, str, str], headers: dict[str, str], body: bytes) -> HttpRequest:
        method, path, query = line
        return HttpRequest(
            method=method,
            path=path,
            query=query,
            headers=headers.items(),
            body=body,
            source_ip=self._source,
            secure=self.scheme == "https",
            plain=True,
            _index=headers,
        )

    def _answer(self, response: HttpResponse) -> None:
        """One write. The connection stays; should nothing follow, the watch ends it."""
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        body = response.body
        own = "".join([f"{name}: {value}\r\n" for name, value in response.headers])
        self.transport.write(
            b"%b%b%bcontent-length: %d\r\n\r\n%b"
            % (STATUS[response.status], self.common, own.encode("latin-1"), len(body), body)
        )

    @property
    def common(self) -> bytes:
        """The lines of every answer's head that are uvicorn's: `Date` and the like."""
        given, common = self._common
        if given is not self.server_state.default_headers:  # uvicorn makes a new list each second
            given = self.server_state.default_headers
            common = b"".join([b"%b: %b\r\n" % header for header in given])
            self._common = (given, common)
        return common

    def _take(self, data: bytes) -> None:
        """A packet for uvicorn's own parser."""
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self.transport.abort()
                return
        super().data_received(data)
        if self._in_head and self._deadline is None:
            self._deadline = self.loop.call_later(self.patience, self.transport.abort)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close_when_idle(self) -> None:
        """Close a connection on which nothing came for long, and look again later at any other.

        A timer for each request, which uvicorn has, costs as much as checking its signature.
        """
        now = self.loop.time()
        if not self._between or not self._all_answered():
            self._last = now
        left = self._last + self.timeout_keep_alive - now
        if left > 0:
            self._watch = self.loop.call_later(left, self._close_when_idle)
        else:
            self.timeout_keep_alive_handler()


class _Joined:
    """What uvicorn's side of a connection writes to: what is written in one go leaves as one packet."""

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Keep it for the end of the answer, or of this turn of the loop, whichever comes first."""
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)

    def flush(self) -> None:
        """Send what is kept."""
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()

    def is_closing(self) -> bool:
        """Whether the connection is at its end."""
        return self._transport.is_closing()

    def close(self) -> None:
        """Close the connection, after what is kept."""
        self.flush()
        self._transport.close()

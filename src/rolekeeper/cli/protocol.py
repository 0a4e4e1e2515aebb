"""uvicorn's HTTP protocol, with bounds, and with a short way for the requests that servers like this live on.

An AWS client sends a small POST to `/`, nearly always in one packet. When it came whole and only reads, it is
answered right where it was read: without a task, a scope, and messages to and fro, which cost more than the
answer. Everything else (another path or method, a body that comes in parts, chunks, `Expect`, the last
request of a connection, a request behind another one, a change that waits for the disk) goes the way of ASGI,
as if this file were not there; the answers are the same.
"""

from __future__ import annotations

from asyncio import TimerHandle
from http import HTTPStatus
from typing import Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rolekeeper.endpoints.arrivals import DRAIN, PATIENCE
from rolekeeper.wire.http import HttpRequest, HttpResponse

MAX_HEAD = 64 << 10
"""Bytes of a request's line and headers; a session token with its tags takes a few thousand."""


class Endpoint(Protocol):
    """What the short way asks of the application."""

    def at_once(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request; None where it has to wait for something."""
        ...


class EndpointProtocol(HttpToolsProtocol):
    """One connection."""

    _left: int | None = None  # bytes that the head, or a body whose length nobody knows, may still have
    _in_head = False
    _whole: list[bytes] | None = None  # the body of a request that may go the short way
    _answered = False  # the short way was taken since the last packet
    _deadline: TimerHandle | None = None  # of a head that came in part

    patience: float = PATIENCE
    """Seconds in which a head must have arrived from its first byte on; a body has as many of its own."""

    def data_received(self, data: bytes) -> None:
        """One packet. At most one request of it takes the short way, so that nobody has the loop for long."""
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self.transport.abort()
                return
        self._answered = False
        super().data_received(data)
        if self._whole is not None:
            self._go_the_long_way()
        if self._in_head and self._deadline is None:
            self._deadline = self.loop.call_later(self.patience, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_deadline()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._left, self._in_head = MAX_HEAD, True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._forget_deadline()
        chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
        self._left = DRAIN if chunked else None
        if self._may_be_short(chunked):
            self._whole = []
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._whole is None:
            super().on_body(body)
        else:
            self._whole.append(body)

    def on_message_complete(self) -> None:
        if self._whole is not None:
            response = cast(Endpoint, self.config.app).at_once(self._request(self._whole))
            if response is not None:
                self._whole = None
                self._answer(response)
                return
            self._go_the_long_way()
        super().on_message_complete()

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _may_be_short(self, chunked: bool) -> bool:
        return (
            self.url == b"/"
            and self.parser.get_method() == b"POST"
            and self.parser.should_keep_alive()
            and not (chunked or self._answered or self.expect_100_continue or self.flow.write_paused)
            and (self.cycle is None or self.cycle.response_complete)
            and not self.parser.should_upgrade()
        )

    def _go_the_long_way(self) -> None:
        """Tell uvicorn what was kept from it."""
        body, self._whole = self._whole or (), None
        super().on_headers_complete()
        for part in body:
            super().on_body(part)

    def _request(self, body: list[bytes]) -> HttpRequest:
        return HttpRequest(
            method="POST",
            path="/",
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.headers],
            body=body[0] if len(body) == 1 else b"".join(body),
            source_ip=self.client[0] if self.client else "127.0.0.1",
            secure=self.scheme == "https",
        )

    def _answer(self, response: HttpResponse) -> None:
        """One write, then wait for the next request as uvicorn does."""
        self._answered = True
        lines = [_STATUS[response.status]]
        for name, value in self.server_state.default_headers:
            lines += (name, b": ", value, b"\r\n")
        for key, text in response.headers:
            lines.append(f"{key}: {text}\r\n".encode("latin-1"))
        lines += (b"content-length: %d\r\n\r\n" % len(response.body), response.body)
        self.transport.write(b"".join(lines))
        self.on_response_complete()


_STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}

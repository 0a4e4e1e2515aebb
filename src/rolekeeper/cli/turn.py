"""One request that came whole, and its answer: a turn of a connection, without ASGI's messages.

A short answer is one write. One that streams goes out by uvicorn's own `send`, which this is a cycle of, so
that the connection knows no difference: it may be cut, closed after the answer, or have more behind it.
"""

from __future__ import annotations

import logging
from asyncio import Event
from collections.abc import Coroutine, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

if TYPE_CHECKING:
    from rolekeeper.cli.protocol import EndpointProtocol

__all__ = ["STATUS", "Turn"]

STATUS: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
"""The first line of an answer."""

_log = logging.getLogger("rolekeeper")


class Turn(RequestResponseCycle):
    """A turn. What answers it calls `give` once, or `send` as an ASGI application does."""

    def __init__(self, connection: EndpointProtocol, method: str) -> None:
        super().__init__(
            scope=cast(Any, {"method": method}),
            transport=cast(Any, connection.joined),
            flow=connection.flow,
            logger=connection.logger,
            access_logger=connection.access_logger,
            access_log=False,
            default_headers=connection.server_state.default_headers,
            message_event=cast(Event, _NOBODY_WAITS),
            expect_100_continue=False,
            keep_alive=True,
            on_response=connection.on_turn_complete,
        )
        self._connection = connection
        self._method = method
        self.carry = connection.carry(self)

    async def run(self, answering: Coroutine[Any, Any, None]) -> None:
        """Have it answered. What fails without an answer, or within one, ends the connection."""
        try:
            await answering
        except Exception:
            _log.exception("a connection is closed in the middle of its answer")
        finally:
            if not (self.response_complete or self.disconnected):
                self.transport.close()

    def give(
        self, status: int, headers: Sequence[tuple[str, str]], body: bytes, *, close: bool = False
    ) -> None:
        """The whole answer; its length is put to its headers. With `close` it is the connection's last.
        ValueError where a header is not on one line."""
        if self.disconnected:
            return
        own = "".join([f"{name}: {value}\r\n" for name, value in headers])
        if own.count("\n") != len(headers) or own.count("\r") != len(headers) or "\0" in own:
            raise ValueError("a header of an answer is not on one line")
        last = close or not self.keep_alive
        self.response_started = self.response_complete = True
        self._connection.transport.write(
            b"%b%b%b%b\r\n%b"
            % (
                STATUS[status],
                self._connection.common,
                own.encode("latin-1"),
                b"connection: close\r\n" if last else b"",
                body if self._method != "HEAD" else b"",
            )
        )
        if last:
            self.transport.close()
        self.on_response()


class _NobodyWaits:
    """For what is told of a body that came already."""

    def set(self) -> None:
        """Nothing."""


_NOBODY_WAITS: Final = _NobodyWaits()

"""What a backend answers, as far as it is meant for a client: in pieces as they come, or not at all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, NamedTuple

from rolekeeper.errors import RequestEntityTooLarge, RolekeeperError
from rolekeeper.wire.http import Carry

if TYPE_CHECKING:
    import aiohttp

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_THEIRS = frozenset({"date", "server", "set-cookie", "strict-transport-security", "alt-svc"})
"""What a backend says for itself and its own host, and must not say for ours."""

SHORT = 64 << 10
"""Bytes of an answer that is given in one go."""

LONG = 2 << 20
"""Bytes that have to be missing of an answer, for another way than through this process to be worth it."""

CARRY = "rolekeeper.carry"
"""The extension of ASGI by which a server offers a `wire.http.Carry` for the request's connection."""

Headers = tuple[tuple[str, str], ...]


class Broken(RolekeeperError):
    """A backend's answer ended before its end. The client must not take it for a whole one."""


class Answer:
    """What a backend answers. The body can be had once; where it was read whole, again."""

    __slots__ = ("_response", "_whole", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._whole: bytes | None = None
        self.status = response.status
        self.headers = _cleaned(response)

    def header(self, name: str) -> str | None:
        """The value of a header by its lower-case name; the first of several."""
        return next((value for key, value in self.headers if key == name), None)

    async def body(self, carry: Carry | None = None) -> AsyncIterator[bytes]:
        """The body in pieces as they come; without what has been carried. Broken where it ends too early."""
        tapped = None if carry is None else _tapped(self._response)
        try:
            if carry is not None and tapped is not None:
                if tapped.begun:
                    yield tapped.begun
                if await carry(tapped.socket, tapped.left):
                    return
                tapped.resume()
            async for piece in self._response.content.iter_any():
                yield piece
        except failures() as error:
            raise Broken(f"the answer broke off: {type(error).__name__}") from error
        finally:
            if tapped is not None:
                os.close(tapped.socket)

    async def short(self) -> bytes | None:
        """All of a body that is said to be short; None where it is not, and is still to be had. Broken."""
        if self._whole is not None:
            return self._whole
        length = self._response.content_length
        if length is None or length > SHORT or "Transfer-Encoding" in self._response.headers:
            return None
        try:
            return await self._response.content.read()
        except failures() as error:
            raise Broken(f"the answer broke off: {type(error).__name__}") from error

    async def whole(self, limit: int) -> bytes:
        """The body; RequestEntityTooLarge past that many bytes, Broken where it ends too early."""
        if self._whole is not None:
            return self._whole
        found = bytearray()
        async for piece in self.body():
            found += piece
            if len(found) > limit:
                raise RequestEntityTooLarge(f"the backend's answer has more than {limit} bytes")
        self._whole = bytes(found)
        return self._whole


class _Tapped(NamedTuple):
    """A connection that is not read from any more, in the middle of a body."""

    begun: bytes
    """What has come."""
    left: int
    """Bytes that have not."""
    socket: int
    """Where they are going to; a descriptor of its own."""
    resume: Callable[[], None]
    """Read on as before."""


def _tapped(response: aiohttp.ClientResponse) -> _Tapped | None:
    """The connection of a long body whose end is known; None of any other, which is left as it is."""
    connection, content = response.connection, response.content
    length = response.content_length
    if connection is None or length is None or "Transfer-Encoding" in response.headers:
        return None
    transport = connection.transport
    if transport is None or transport.is_closing() or transport.get_extra_info("sslcontext"):
        return None
    if length - content.total_bytes < LONG or content.exception():
        return None
    try:
        socket = os.dup(transport.get_extra_info("socket").fileno())
    except OSError:
        return None  # there are no descriptors left
    begun = bytearray()
    while piece := content.read_nowait():  # where it was held up for that, it reads on
        begun += piece
    transport.pause_reading()
    return _Tapped(
        begun=bytes(begun),
        left=length - content.total_bytes,
        socket=socket,
        resume=transport.resume_reading,
    )


def failures() -> tuple[type[Exception], ...]:
    """What the client library raises where a connection fails; it is loaded for that."""
    import aiohttp

    return (aiohttp.ClientError, OSError)  # a TimeoutError is an OSError


def _cleaned(response: aiohttp.ClientResponse) -> Headers:
    """The headers that are meant for the client, by lower-case name."""
    pairs = [
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.raw_headers
    ]
    named = {name.strip().lower() for key, value in pairs if key == "connection" for name in value.split(",")}
    dropped = _HOP_BY_HOP | _NOT_THEIRS | named
    return tuple((name, value) for name, value in pairs if name not in dropped)

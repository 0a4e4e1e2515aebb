"""What a backend answers, as far as it is meant for a client: in pieces as they come, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from rolekeeper.errors import RequestEntityTooLarge, RolekeeperError

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

    async def body(self) -> AsyncIterator[bytes]:
        """The body in pieces as they come. Broken where it ends too early."""
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except failures() as error:
            raise Broken(f"the answer broke off: {type(error).__name__}") from error

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

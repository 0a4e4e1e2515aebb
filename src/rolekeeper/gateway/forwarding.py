"""Carries a request to a backend and its answer back: streams both ways, and holds neither whole.

The rule of this file: what is sent is exactly what it was given, with its headers and no other; nothing is
followed, unpacked, kept as a cookie or taken from the environment. A body that fails on its way breaks the
connection off, so that the backend never sees a whole one.

The HTTP client (aiohttp) is loaded when the first connection is made, or by `warm`: not with this file.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from rolekeeper.errors import ServiceUnavailable
from rolekeeper.gateway.answers import Answer, Broken, failures

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Address", "Answer", "Broken", "Forwarding", "NotConnected"]

CONNECTING = 5.0
"""Seconds until a backend must have taken a connection."""
SILENT = 930.0
"""Seconds that a backend may say nothing: a function may run for 900."""
IDLE = 1.5
"""Seconds that an unused connection is kept: less than most servers keep theirs."""
PIECE = 256 * 1024

_TARGET = re.compile(r"/[!-\"$->@-~]*")
_QUERY = re.compile(r"[!-\"$-~]*")
_HEADER = re.compile(r"[\t -~\x80-\xff]*")


class NotConnected(ServiceUnavailable):
    """Nothing answers behind the gateway."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a backend listens."""

    url: str
    """`http://HOST[:PORT][/PATH]`, without a slash at its end."""
    socket: str | None = None
    """The path of the Unix socket, where it is one; the host is then only a name."""
    host: str
    """What stands in the header `Host`."""


class Forwarding:
    """The connections to all backends."""

    def __init__(self) -> None:
        self._sessions: dict[str | None, aiohttp.ClientSession] = {}

    async def warm(self) -> None:
        """Load the HTTP client beside other work, so that the first request need not wait for it."""
        await asyncio.to_thread(importlib.import_module, "aiohttp")

    async def close(self) -> None:
        """Close all connections."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    @asynccontextmanager
    async def send(
        self,
        address: Address,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes],
    ) -> AsyncIterator[Answer]:
        """Send a request, and have its answer while the context lasts. NotConnected.

        `target` is the path with the query string; a body that is not there whole has its length among the
        headers, or goes in chunks. What the body raises is raised here.
        """
        _check(target, headers)
        watched = None if isinstance(body, bytes) else _Watched(body)
        data: Any = _in_pieces(body) if isinstance(body, bytes) else watched
        try:
            response = await self._session(address).request(
                method,
                _url(address, target),
                headers={name: _as_sent(value) for name, value in headers.items()},
                data=data or None,
                allow_redirects=False,
            )
        except failures() as error:
            if watched is not None and watched.failure is not None:
                raise watched.failure from None
            raise NotConnected(f"what stands behind does not answer: {type(error).__name__}") from error
        try:
            if watched is not None and watched.failure is not None:
                raise watched.failure
            yield Answer(response)
        finally:
            if response.content.at_eof():
                response.release()
            else:
                response.close()

    def _session(self, address: Address) -> aiohttp.ClientSession:
        found = self._sessions.get(address.socket)
        if found is None:
            found = self._sessions[address.socket] = _open(address.socket)
        return found


class _Watched:
    """A body as it passes, which keeps what it failed with: the client library hides it behind its own."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self.failure: BaseException | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            while not (piece := await anext(self._body)):
                pass  # an empty piece would be the end to one who reads chunks
            return piece
        except StopAsyncIteration:
            raise
        except BaseException as error:
            self.failure = error
            raise


def _in_pieces(body: bytes) -> bytes | AsyncIterator[bytes]:
    return body if len(body) <= PIECE else _pieces(body)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


def _open(socket: str | None) -> aiohttp.ClientSession:
    import aiohttp

    connector: aiohttp.BaseConnector
    if socket is None:
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE)
    else:
        connector = aiohttp.UnixConnector(socket, limit=0, keepalive_timeout=IDLE)
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECTING, sock_read=SILENT),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        auto_decompress=False,
        trust_env=False,
        max_line_size=64 * 1024,
        max_field_size=64 * 1024,
    )


def _url(address: Address, target: str) -> Any:
    from yarl import URL

    return URL(address.url + target, encoded=True)


def _check(target: str, headers: Mapping[str, str]) -> None:
    """Hold once more that the head says one thing only; who writes it has seen to that."""
    path, _, query = target.partition("?")
    if not (_TARGET.fullmatch(path) and _QUERY.fullmatch(query)):
        raise ValueError("the target of a request to a backend has to be encoded")
    if not all(_HEADER.fullmatch(value) for value in headers.values()):
        raise ValueError("a header of a request to a backend is not on one line")


def _as_sent(value: str) -> str:
    """The text whose bytes in UTF-8, which the client library writes, are those of a value in Latin-1."""
    return value if value.isascii() else value.encode("latin-1").decode("utf-8")

"""Requests as a server hands them to an application, and bodies that come in packets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from rolekeeper.gateway.head import Head
from rolekeeper.gateway.payload import Payload
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4_ahead import Seal
from tests.wire.s3_signers import sealed


def scope(request: HttpRequest, **changes: Any) -> dict[str, Any]:
    """An ASGI scope."""
    return {
        "type": "http",
        "method": request.method,
        "raw_path": request.path.encode("latin-1"),
        "query_string": request.query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        "client": ("192.0.2.1", 40000),
        "scheme": "https",
    } | changes


class Packets:
    """What an application receives: the packets of a body, one for each call."""

    def __init__(self, packets: Iterable[bytes], *, then: str = "http.request") -> None:
        self._packets = list(packets) or [b""]
        self._then = then
        self.asked = 0

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        packet = self._packets.pop(0)
        more = bool(self._packets) or self._then != "http.request"
        if not self._packets and more:
            self._packets.append(b"")
            if packet == b"":
                return {"type": self._then}
        return {"type": "http.request", "body": packet, "more_body": more}


def packets(body: bytes, size: int) -> list[bytes]:
    """A body in packets of that size."""
    return [body[at : at + size] for at in range(0, len(body), size)]


def payload(request: HttpRequest, came: Packets, seal: Seal | None = None) -> Payload:
    """The body of a request."""
    return Payload.of(Head.of(scope(request)), seal, came)


def read(request: HttpRequest, body: bytes, *, size: int = 4096, signed: bool = True) -> list[bytes]:
    """The pieces that are given on of a body which came in packets."""
    found = payload(request, Packets(packets(body, size)), sealed(request) if signed else None)
    return asyncio.run(collected(found))[0]


async def collected(found: Payload) -> tuple[list[bytes], Payload]:
    """All pieces of a body."""
    return [piece async for piece in found.stream()], found


def given_before(error: type[Exception], found: Payload) -> tuple[list[bytes], Exception]:
    """The pieces that are given on before the error comes."""
    given: list[bytes] = []

    async def collect() -> Exception:
        try:
            async for piece in found.stream():
                given.append(piece)
        except error as raised:
            return raised
        raise AssertionError(f"no {error.__name__}, but {sum(map(len, given))} bytes")

    return given, asyncio.run(collect())

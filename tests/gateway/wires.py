"""A backend of a few lines on a socket, which keeps the bytes that came and answers what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from rolekeeper.gateway.forwarding import Address, Answer
from rolekeeper.gateway.signing import BackendKey, NoKey
from rolekeeper.iam.secret import Secret

STRANGER = "999999999999"
"""The account that has no key at any backend here."""
KEY = BackendKey(access_key_id="AKIABACKEND", secret=Secret("behind"))


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`backends.Written`, in a line."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = b""


class Wire:
    """A server that reads heads and bodies without an opinion, and answers all alike."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.close_after = False
        self.reads_bodies = True
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.address = Address(url="http://127.0.0.1:1", host="backend.example")

    @property
    def head(self) -> dict[str, str]:
        """The headers of the last request by name, and its first line under the empty name."""
        first, *lines = self.heads[-1].decode("latin-1").split("\r\n")
        pairs = [line.split(": ", 1) for line in lines if line]
        names = [name.lower() for name, _ in pairs]
        assert len(names) == len(set(names))
        return {name.lower(): value for name, value in pairs} | {"": first}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head[:-4])
                self.bodies.append(b"")
                if self.reads_bodies:
                    await self._body(reader, head.lower())
                writer.write(self.answer)
                await writer.drain()
                if self.close_after:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _body(self, reader: asyncio.StreamReader, head: bytes) -> None:
        if b"transfer-encoding: chunked" in head:
            while size := int(await reader.readline(), 16):
                self.bodies[-1] += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readline()
        elif b"content-length: " in head:
            left = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            while left and (piece := await reader.read(left)):
                self.bodies[-1] += piece
                left -= len(piece)


@asynccontextmanager
async def wire(answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") -> AsyncIterator[Wire]:
    """A server on loopback while the context lasts."""
    made = Wire(answer)
    server = await asyncio.start_server(made, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made.address = Address(url=f"http://127.0.0.1:{port}", host="backend.example")
    try:
        yield made
    finally:
        server.close()


class Standing:
    """A `Backend` at an address that is known, for every service."""

    shown = "a test's own"

    def __init__(self, address: Address, headers: Mapping[str, str] | None = None) -> None:
        self._address, self._headers = address, headers or {}

    def has(self, service: str) -> bool:
        return service != "sns"

    def key(self, account: str, service: str) -> BackendKey:
        if account == STRANGER:
            raise NoKey(f"account {account} has no access key")
        return KEY

    def headers(self, account: str, service: str, region: str) -> Mapping[str, str]:
        return {name: value.format(account=account, region=region) for name, value in self._headers.items()}

    async def address(self) -> Address:
        return self._address

    def checked(self, answer: Answer) -> Answer:
        return answer

    async def start(self) -> None: ...
    async def reset(self) -> None: ...
    async def close(self) -> None: ...


async def pieces(*given: bytes | Exception) -> AsyncIterator[bytes]:
    """A body in pieces, the last of which may be what it fails with."""
    for each in given:
        if isinstance(each, Exception):
            raise each
        yield each


async def read(opened: Any) -> tuple[int, bytes]:
    """The status and the body of what `Backends.open` gives."""
    async with opened as answer:
        return answer.status, await answer.whole(10_000_000)

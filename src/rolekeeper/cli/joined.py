"""One write to the network for each answer, where uvicorn makes two: the head, then the body.

A write costs a system call and wakes the client, which then waits for the rest: of a small answer that is a
third of all the server's work. So what is written in one turn of the event loop goes out at its end.
"""

from __future__ import annotations

import asyncio
from typing import Any


class JoinedTransport:
    """A transport whose writes wait for the end of the turn; in all else the transport behind it."""

    __slots__ = ("_loop", "_pending", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pending: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it, with all else that this turn writes."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        """Send what waits, then close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pending:
            data = b"".join(self._pending)
            self._pending.clear()
            self._transport.write(data)

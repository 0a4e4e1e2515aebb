"""One write to the network for each answer, where uvicorn makes two: the head, then the body.

A write costs a system call and wakes the client, which then waits for the rest: of a small answer that is a
third of all the server's work. So a head waits for what is written next, or for the end of the answer.
"""

from __future__ import annotations

import asyncio
from typing import Any

_HEAD = b"HTTP/1.1 "


class JoinedTransport:
    """A transport that holds the head of an answer back; in all else the transport behind it."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send it, behind the head that waits; or hold it, if it is a head."""
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head + data)
        elif data.startswith(_HEAD):
            self._head = data
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Send the head that waits: nothing follows it."""
        if self._head is not None:
            self.write(b"")

    def close(self) -> None:
        """Send what waits, then close."""
        self.flush()
        self._transport.close()

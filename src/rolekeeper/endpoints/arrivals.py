"""Bodies on their way in: bounded in memory, in length and in time.

No request of IAM or STS comes near a mebibyte. What is longer is read to its end and thrown away, so that the
client, which often writes all before it reads, sees the answer; past `DRAIN` it is cut off. Time is kept by a
sweep over the bodies that are under way, because a timer for each would cost more than the whole reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from rolekeeper.errors import RequestEntityTooLarge, RequestTimeout

MAX_BODY = 1 << 20
DRAIN = 256 << 20
PATIENCE = 30.0
"""Seconds in which a body must have arrived."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Disconnected(Exception):
    """The client went away in the middle of its request: there is nobody to answer."""


class Arrivals:
    """The bodies that are being read."""

    def __init__(self) -> None:
        self._since: dict[asyncio.Task[Any], float] = {}
        self._late: set[asyncio.Task[Any]] = set()

    async def read(self, receive: Receive) -> bytes:
        """One body, whole. Raises RequestEntityTooLarge, RequestTimeout or Disconnected."""
        task = asyncio.current_task()
        assert task is not None
        self._since[task] = task.get_loop().time()
        try:
            message = await receive()
            if not message.get("more_body") and len(message.get("body", b"")) <= MAX_BODY:
                return _content(message)
            return await _read_on(message, receive)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            task.uncancel()
            raise RequestTimeout from None
        finally:
            del self._since[task]
            self._late.discard(task)

    def sweep(self) -> None:
        """Give up the bodies that take too long. To be called about once a second."""
        if self._since:
            latest = asyncio.get_running_loop().time() - PATIENCE
            for task in [task for task, since in self._since.items() if since < latest]:
                if task not in self._late:
                    self._late.add(task)
                    task.cancel()


async def _read_on(message: MutableMapping[str, Any], receive: Receive) -> bytes:
    parts = [_content(message)]
    length = len(parts[0])
    while message.get("more_body") and length <= DRAIN:
        message = await receive()
        part = _content(message)
        length += len(part)
        if length <= MAX_BODY:
            parts.append(part)
        else:
            parts.clear()
    if length > MAX_BODY:
        raise RequestEntityTooLarge(f"The request has a body of more than {MAX_BODY} bytes")
    return b"".join(parts)


def _content(message: MutableMapping[str, Any]) -> bytes:
    if message["type"] != "http.request":
        raise Disconnected
    body: bytes = message.get("body", b"")
    return body

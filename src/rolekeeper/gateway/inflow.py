"""What comes in of a body, packet by packet: as fast as it is asked for, and not for ever.

The rule of this file: nothing is asked for before it is wanted, so that a client which waits for a word
(`Expect: 100-continue`) sends nothing of a body that is refused, and one that sends too fast is held up. One
that sends too slowly is given up: it would hold a connection, what came of its body, and what stands behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from math import inf
from typing import Any

from rolekeeper.errors import RequestTimeout
from rolekeeper.gateway.head import Head

__all__ = ["HELD", "PASSED", "Disconnected", "Inflow", "Patience", "Receive", "arrivals"]

DRAIN = 64 << 20
"""Bytes of a refused body that are read and thrown away."""

PATIENCE = 30.0
"""Seconds that a client is waited for, whether it sends nothing or too little."""

PASSED = 1 << 10
"""Bytes a second that must come, while they are waited for, of a body that is passed on as it comes. Clients
send the parts of one object at once, also over a slow line."""

HELD = 16 << 10
"""The same of a body that is in memory until all of it is there."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Disconnected(Exception):
    """The client went away in the middle of its body: there is nobody to answer."""


class Inflow:
    """What an application receives, to be handed on as such, and whether there is more of it."""

    def __init__(self, head: Head, receive: Receive) -> None:
        self._receive = receive
        self._untouched = head.waits  # it has not been told to send its body, and so it does not
        self._ended = head.length == 0

    async def __call__(self) -> MutableMapping[str, Any]:
        self._untouched = False
        try:
            message = await self._receive()
        except asyncio.CancelledError:
            self._ended = True  # who was given up is not waited for again
            raise
        self._ended = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Throw away the rest, so that a client which writes all before it reads sees why it is refused; but
        not without bounds, and not what it would only send now."""
        left, patience = DRAIN, Patience(inf)
        with suppress(Disconnected, RequestTimeout):
            while left > 0 and not self._ended and not self._untouched:
                body, _ = await patience.arrival(self)
                left -= len(body)


class Patience:
    """How long the client of one body is still waited for.

    Waiting uses it up, and what comes gives it back, a second for `rate` bytes, but never more than there was
    at first. So none pauses for longer than `PATIENCE`, and a body of so many bytes is waited for at most
    `PATIENCE + bytes / rate` seconds, of which those do not count in which nobody asks for more of it.
    There is one timer for a body, which looks again when more has come: one for each packet would cost more.
    """

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._left = PATIENCE
        self._end = 0.0
        self._waiting: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._over = False

    async def arrival(self, receive: Receive) -> tuple[bytes, bool]:
        """The next packet of a body, and whether there is more; RequestTimeout, Disconnected."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._end = loop.time() + self._left
        self._waiting = task
        if self._timer is None:
            self._timer = loop.call_at(self._end, self._look, loop)
        more = False
        try:
            message = await receive()
            if message["type"] != "http.request":
                raise Disconnected
            body, more = message.get("body", b""), message.get("more_body", False)
        except asyncio.CancelledError:
            if not self._over or task.uncancel() > 0:
                raise
            raise RequestTimeout from None
        finally:
            self._waiting = None
            if not more and self._timer is not None:
                self._timer.cancel()
                self._timer = None
        self._left = min(PATIENCE, self._end - loop.time() + len(body) / self._rate)
        return body, more

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """The end has come, or has been put off since: it never comes earlier."""
        self._timer = None
        if self._waiting is None:
            return
        if loop.time() < self._end:
            self._timer = loop.call_at(self._end, self._look, loop)
        else:
            self._over = True
            self._waiting.cancel()


async def arrivals(receive: Receive, rate: float = PASSED) -> AsyncIterator[bytes]:
    """A body as it comes, packet by packet; RequestTimeout, Disconnected."""
    patience, more = Patience(rate), True
    while more:
        body, more = await patience.arrival(receive)
        yield body

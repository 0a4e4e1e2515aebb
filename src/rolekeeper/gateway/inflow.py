"""What comes in of a body, packet by packet: as fast as it is asked for, and not for ever.

The rule of this file: nothing is asked for before it is wanted, so that a client which waits for a word
(`Expect: 100-continue`) sends nothing of a body that is refused, and one that sends too fast is held up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from rolekeeper.errors import RequestTimeout
from rolekeeper.gateway.head import Head

__all__ = ["Disconnected", "Inflow", "Receive", "arrival", "arrivals"]

DRAIN = 64 << 20
"""Bytes of a refused body that are read and thrown away."""

PATIENCE = 30.0
"""Seconds in which something more of a body must have come."""

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
        message = await self._receive()
        self._ended = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Throw away the rest, so that a client which writes all before it reads sees why it is refused; but
        not without bounds, and not what it would only send now."""
        left = DRAIN
        with suppress(Disconnected, RequestTimeout):
            while left > 0 and not self._ended and not self._untouched:
                body, _ = await arrival(self)
                left -= len(body)


async def arrivals(receive: Receive) -> AsyncIterator[bytes]:
    """A body as it comes, packet by packet; RequestTimeout, Disconnected."""
    more = True
    while more:
        body, more = await arrival(receive)
        yield body


async def arrival(receive: Receive) -> tuple[bytes, bool]:
    """The next packet of a body, and whether there is more; RequestTimeout, Disconnected."""
    try:
        async with asyncio.timeout(PATIENCE):
            message = await receive()
    except TimeoutError:
        raise RequestTimeout from None
    if message["type"] != "http.request":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)

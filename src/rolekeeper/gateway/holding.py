"""How much is in memory at once of bodies that nobody has verified yet, of all connections together.

The rule of this file: memory is the process's, and whoever knows the ID of a key can make it hold a body. So
what would be too much is refused, and the client tries again; short bodies are never counted, since the HTTP
server has as much of each connection anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rolekeeper.errors import Throttling

__all__ = ["MOST", "SHORT", "Holding", "Take"]

MOST: Final = 256 << 20
"""Bytes of all bodies that are on their way in."""

SHORT: Final = 64 << 10
"""Bytes of a body that is not counted."""

Take = Callable[[int], None]
"""Says that so many bytes more are held; Throttling where that is too much."""


class Holding:
    """What is held. It is of one event loop."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.held = 0

    @contextmanager
    def body(self) -> Iterator[Take]:
        """One body, which is let go with the context."""
        own = 0

        def take(length: int) -> None:
            nonlocal own
            if own + length > SHORT and self.held + length > self._most:
                raise Throttling("Too much is on its way in at once. Try again.")
            own += length
            self.held += length

        try:
            yield take
        finally:
            self.held -= own

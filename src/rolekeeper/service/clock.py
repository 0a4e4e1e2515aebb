"""The server's time. It can be moved forward, for people who test what expires; it never goes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Now, in UTC, plus what it was moved by."""

    __slots__ = ("_ahead",)

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The server's time: expiry, the time that policies see, the dates of what is made."""
        return datetime.now(UTC) + self._ahead if self._ahead else datetime.now(UTC)

    def real(self) -> datetime:
        """The machine's time: the date of a signature is checked against it."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Move the server's time forward; ValueError for a step back."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._ahead += timedelta(seconds=seconds)

    def restore(self) -> None:
        """The machine's time again."""
        self._ahead = timedelta(0)

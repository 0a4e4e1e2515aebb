"""A session that is replaced before it ends, so that what is handed out has always some time to live.

Clients refresh early (the AWS SDKs from 15 minutes before the end): what they get then must be fresh.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from rolekeeper.cli.client import ask
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.running import Running
from rolekeeper.errors import ConfigurationError

EARLY: Final = timedelta(minutes=20)
"""What a session has left at least when it is handed out; half of its life where that is less."""

_UNMOVED: Final = timedelta(seconds=5)
"""Less than that is the time that asking takes."""


class Clock(Protocol):
    """A clock that need not be this machine's."""

    def __call__(self) -> datetime:
        """What it shows now."""
        ...

    def here(self, moment: datetime) -> datetime:
        """When this machine's clock shows a moment of that one."""
        ...


class Kept:
    """The current session of a role. May be asked by many threads."""

    def __init__(self, renew: Callable[[], Session], clock: Clock) -> None:
        """Raises what `renew` does: there is a session from the beginning."""
        self._renew = renew
        self._clock = clock
        self._lock = threading.Lock()
        self._take(renew())

    def current(self) -> Session:
        """A session that is good for some time, until a moment of this machine's time.

        CallRefused where the role cannot be assumed any more. Where the server does not answer, the session
        that is there is good until its end.
        """
        with self._lock:
            now = self._clock()
            if now >= self._until:
                try:
                    self._take(self._renew())
                except CallRefused:
                    raise
                except ConfigurationError:
                    if now >= self._session.expiration:
                        raise
            return replace(self._session, expiration=self._clock.here(self._session.expiration))

    def _take(self, session: Session) -> None:
        self._session = session
        self._until = session.expiration - min(EARLY, (session.expiration - self._clock()) / 2)


class ServersClock:
    """The time of a server, as that of an ephemeral one can be moved; where none answers, as last seen."""

    def __init__(self, server: Running) -> None:
        self._server = server
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        here = datetime.now(UTC)
        try:
            there = datetime.fromisoformat(ask(self._server, "health")["time"])
        except ConfigurationError:
            return here + self._ahead
        ahead = there - here
        self._ahead = ahead if abs(ahead) > _UNMOVED else timedelta()
        return there

    def here(self, moment: datetime) -> datetime:
        """When clients on this machine, which go by its clock, see that moment; as last asked."""
        return moment - self._ahead

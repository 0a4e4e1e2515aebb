"""What an endpoint needs of the server behind it; `app.py` has the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rolekeeper.config import Settings
from rolekeeper.service.clock import Clock
from rolekeeper.service.registry import Course
from rolekeeper.store.contract import Store
from rolekeeper.wire.http import HttpRequest, HttpResponse

Fetch = Callable[[], object]


class Server(Protocol):
    """The whole of it without a network."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Clock: ...

    def dispatch(self, request: HttpRequest) -> HttpResponse:
        """Answer one request, synchronously. Must not raise."""
        ...

    def course(self, request: HttpRequest) -> Course:
        """What answering the request takes; AwsError where it cannot be read."""
        ...

    def missing(self, request: HttpRequest) -> Fetch | None:
        """What has to be fetched from elsewhere, in a thread, before the request can be answered at once.

        Two that fetch the same are equal.
        """
        ...

    def reset(self) -> None:
        """Restore the first state; of an ephemeral server only."""
        ...

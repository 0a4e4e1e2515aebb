"""What an endpoint needs of the server behind it; `app.py` has the real one."""

from __future__ import annotations

from typing import Protocol

from rolekeeper.config import Settings
from rolekeeper.service.clock import Clock
from rolekeeper.store.contract import Store
from rolekeeper.wire.http import HttpRequest, HttpResponse


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

    def writes(self, request: HttpRequest) -> bool:
        """Whether the request names an operation that changes state; AwsError where it cannot be read."""
        ...

    def reset(self) -> None:
        """Restore the first state; of an ephemeral server only."""
        ...

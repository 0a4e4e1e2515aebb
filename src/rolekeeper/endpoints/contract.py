"""What an endpoint needs of the server behind it; `app.py` has the real one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from typing import Any, Protocol, TypeVar

from rolekeeper.config import Settings
from rolekeeper.moving.report import Report
from rolekeeper.service.clock import Clock
from rolekeeper.service.delivery import Deliveries
from rolekeeper.service.doors import Opened
from rolekeeper.service.pods import Pods
from rolekeeper.service.registry import Course
from rolekeeper.service.signin import SignIn
from rolekeeper.store.contract import Store
from rolekeeper.wire.http import HttpRequest, HttpResponse, Outlet

Fetch = Callable[[], object]


T = TypeVar("T")


class Change(Protocol):
    """Runs work that changes the store, where such work runs: one after the other."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Gateway(Protocol):
    """The application that decides requests for services which stand behind, and sends them there."""

    def claims(self, scope: MutableMapping[str, Any]) -> bool:
        """Whether a request is one of those, by its head."""
        ...

    def onward(self, request: HttpRequest, outlet: Outlet) -> Coroutine[Any, Any, None] | None:
        """What answers a request that came whole and plain, if it is one of those and signed in the usual
        way; None for any other."""
        ...

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
        /,
    ) -> None:
        """Answer one request."""
        ...

    async def start(self) -> None:
        """Have what stands behind begin to be ready."""
        ...

    async def reset(self) -> None:
        """Have what stands behind forget everything that is ours to forget."""
        ...

    async def close(self) -> None:
        """Let everything go."""
        ...


class Server(Protocol):
    """The whole of it without a network."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def deliveries(self) -> Deliveries:
        """Credentials for workloads: they are read from memory, or made, without a wait for the disk."""
        ...

    @property
    def signin(self) -> SignIn:
        """The sign-in to the console."""
        ...

    @property
    def pods(self) -> Pods:
        """Sessions for pods, by the tokens of their service accounts; without a wait for the disk."""
        ...

    @property
    def behind(self) -> Mapping[str, str]:
        """What stands behind the gateway, in words, by service; `*` is every other service."""
        ...

    def gateway(self, change: Change) -> Gateway | None:
        """What answers for all services that are not answered here, and changes the store by `change`; None
        where nothing stands behind."""
        ...

    def attest(self, secret: str) -> Opened | None:
        """The workload whose secret it is; None where it is nobody's. It reads memory only."""
        ...

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

    def bring(self, account: str, page: bytes) -> Report:
        """Bring a page of authorization details into an account; ConfigurationError where it is none."""
        ...

    def show(self, account: str, partition: str, marker: str | None) -> Mapping[str, Any]:
        """A page of an account's authorization details, as JSON can have it; ConfigurationError."""
        ...

    def reset(self) -> None:
        """Restore the first state; of an ephemeral server only."""
        ...

"""Where requests that change state run: one after the other, and answered only when they are durable.

A commit that waits for the disk costs the same for one change as for many, so the changes that arrive while
one commit is under way make up the next one. Requests that only read never wait here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from rolekeeper.endpoints.contract import Server
from rolekeeper.endpoints.faults import fault
from rolekeeper.errors import ServiceFailure
from rolekeeper.wire.http import HttpRequest, HttpResponse

MOST = 256
"""Requests in one commit: so many that the disk is no longer what they wait for."""

_log = logging.getLogger("rolekeeper")
T = TypeVar("T")


class Lane(Protocol):
    """The one place in which state changes."""

    async def dispatch(self, request: HttpRequest) -> HttpResponse:
        """The answer to a request, given when what it changed is durable."""
        ...

    async def call(self, work: Callable[[], T]) -> T:
        """Do other work on the store, never beside a change."""
        ...

    def close(self) -> None:
        """End, after what is under way."""
        ...


def lane_for(server: Server) -> Lane:
    """The lane that suits the server's store."""
    return GroupCommit(server) if server.store.concurrent else Inline(server)


class Inline:
    """The lane of a store that one thread does everything with: at once, on the event loop."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def dispatch(self, request: HttpRequest) -> HttpResponse:
        return self._server.dispatch(request)

    async def call(self, work: Callable[[], T]) -> T:
        return work()

    def close(self) -> None:
        """Nothing is ever under way."""


class GroupCommit:
    """The lane of a durable store: one thread, and one commit for all that waited for the one before."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writes")
        self._waiting: list[tuple[HttpRequest, asyncio.Future[HttpResponse]]] = []
        self._running: asyncio.Task[None] | None = None

    async def dispatch(self, request: HttpRequest) -> HttpResponse:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[HttpResponse] = loop.create_future()
        self._waiting.append((request, answer))
        if self._running is None:
            self._running = loop.create_task(self._run())
        return await answer

    async def call(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        self._thread.shutdown(wait=True)

    async def _run(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                responses = await self.call(partial(self._commit, [request for request, _ in group]))
                for (_, answer), response in zip(group, responses, strict=True):
                    if not answer.done():  # who asked may have been cancelled meanwhile
                        answer.set_result(response)
        finally:
            self._running = None

    def _commit(self, requests: list[HttpRequest]) -> list[HttpResponse]:
        try:
            with self._server.store.group():
                responses = [self._server.dispatch(request) for request in requests]
        except Exception:
            _log.exception("a commit of %d requests failed: none of them has happened", len(requests))
            return [fault(ServiceFailure()) for _ in requests]
        return responses

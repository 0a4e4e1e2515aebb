"""The load: whole requests, made beforehand, sent over keep-alive connections as fast as answers come.

A closed loop: each connection sends its next request when the answer to the last one is complete. Nothing is
parsed but the status and the length, so that one core of load is enough for any server in Python.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import uvloop


class BenchError(Exception):
    """A server answered something else than 200, or not at all: there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One round: how many requests in how many seconds, and each one's latency in seconds, sorted."""

    seconds: float
    latencies: list[float]
    size: int
    """Bytes in the body of the last answer."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency, in microseconds, that this share of the requests did not exceed."""
        place = min(int(len(self.latencies) * share), len(self.latencies) - 1)
        return self.latencies[place] * 1e6


@dataclass(slots=True, kw_only=True)
class _Round:
    requests: Iterator[bytes]
    until: float
    done: asyncio.Future[None]
    running: int
    latencies: list[float] = field(default_factory=list)
    size: int = 0

    def fail(self, reason: str) -> None:
        if not self.done.done():
            self.done.set_exception(BenchError(reason))

    def leave(self) -> None:
        self.running -= 1
        if not self.running and not self.done.done():
            self.done.set_result(None)


class _Connection(asyncio.Protocol):
    def __init__(self, work: _Round) -> None:
        self._work = work
        self._buffer = b""
        self._missing = 0
        self._sent = 0.0
        self._asked = False
        self._left = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._buffer += data
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if self._buffer[9:12] != b"200":
                self._work.fail(f"answered {self._buffer[:2000]!r}")
                self._transport.close()
                return
            length = _length(self._buffer[:end])
            if length is None:
                self._work.fail("an answer without a length")
                return
            self._work.size = length
            self._missing = length - (len(self._buffer) - end - 4)
            self._buffer = b""
        if self._missing <= 0:
            self._missing = 0
            self._work.latencies.append(perf_counter() - self._sent)
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._left:
            self._work.fail(f"the connection was closed: {exc}")

    def _next(self) -> None:
        self._sent = perf_counter()
        # At least once: a round may be over before there is a connection.
        wanted = self._sent < self._work.until or not self._asked
        request = next(self._work.requests, None) if wanted else None
        self._asked = True
        if request is None:
            self._left = True
            self._transport.close()
            self._work.leave()
        else:
            self._transport.write(request)


def _length(head: bytes) -> int | None:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    if start < 0:
        return None
    end = lowered.find(b"\r\n", start)
    return int(lowered[start + 15 : end if end >= 0 else None])


def measure(
    host: str, port: int, requests: Iterator[bytes], *, connections: int, seconds: float = 3600.0
) -> Measure:
    """Send the requests for that long, or until there are no more. Raises BenchError."""
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_measure(host, port, requests, connections, seconds))
    except OSError as error:
        raise BenchError(str(error)) from error
    finally:
        gc.enable()


async def _measure(
    host: str, port: int, requests: Iterator[bytes], connections: int, seconds: float
) -> Measure:
    loop = asyncio.get_running_loop()
    begun = perf_counter()
    work = _Round(requests=requests, until=begun + seconds, done=loop.create_future(), running=connections)
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(work), host, port)
    await work.done
    return Measure(seconds=perf_counter() - begun, latencies=sorted(work.latencies), size=work.size)

"""Bodies as they come in: clients that are waited for or given up, and what is refused, thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from rolekeeper.errors import RequestTimeout
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.inflow import (
    DRAIN,
    HELD,
    PASSED,
    PATIENCE,
    Disconnected,
    Inflow,
    Patience,
    Receive,
    arrivals,
)
from rolekeeper.wire.http import HttpRequest
from tests.gateway.bodies import Packets, scope
from tests.gateway.hurried import run

PARTS = [b"x" * 1000] * 132


def head(length: int = 132_000, **more: str) -> Head:
    headers = {"host": "s3.localhost", "content-length": str(length)} | more
    return Head.of(scope(HttpRequest(method="PUT", path="/b/k", headers=tuple(headers.items()))))


@pytest.mark.parametrize(("taken", "asked"), [(0, 132), (3, 132), (132, 132)])
def test_a_refused_body_is_read_to_its_end(taken: int, asked: int) -> None:
    came = Packets(PARTS)
    inflow = Inflow(head(), came)

    async def refuse() -> None:
        for _ in range(taken):
            await inflow()
        await inflow.drain()

    asyncio.run(refuse())
    assert came.asked == asked


def test_a_refused_body_is_not_asked_for() -> None:
    for waiting in (head(0), head(expect="100-continue")):
        came = Packets([b"x"])
        asyncio.run(Inflow(waiting, came).drain())
        assert came.asked == 0


def test_a_refused_body_has_bounds() -> None:
    came = Packets([b"x" * DRAIN, b"x", b"x"])
    asyncio.run(Inflow(head(), came).drain())
    assert came.asked == 1
    gone = Packets([b"x"], then="http.disconnect")
    asyncio.run(Inflow(head(), gone).drain())
    assert gone.asked == 2


def test_a_client_that_sends_nothing_more_is_given_up() -> None:
    error, loop = run(Patience(HELD).arrival(never))
    assert isinstance(error, RequestTimeout)
    assert loop.time() == pytest.approx(PATIENCE)
    _, loop = run(Inflow(head(), never).drain())
    assert loop.time() == pytest.approx(PATIENCE)


@pytest.mark.parametrize("rate", [HELD, PASSED])
@pytest.mark.parametrize("pause", [1.0, PATIENCE - 1])
def test_a_client_that_trickles_is_given_up(rate: float, pause: float) -> None:
    error, loop = run(collected(Trickle([b"x"] * 1000, pause), rate))
    assert isinstance(error, RequestTimeout)
    assert loop.time() == pytest.approx(PATIENCE, abs=0.1)


def test_a_body_may_take_as_long_as_it_comes_at_its_rate() -> None:
    slow = Trickle([b"x" * PASSED * 2] * 500, 1.9)
    assert run(collected(slow, PASSED))[0] == 500 * 2 * PASSED
    error, loop = run(collected(Trickle([b"x" * PASSED * 2] * 500, 2.1), PASSED))
    assert isinstance(error, RequestTimeout)
    # 300 packets, of which each is a tenth of a second late
    assert loop.time() == pytest.approx(300 * 2.1, rel=0.1)


def test_what_came_fast_is_no_credit_for_what_does_not_come() -> None:
    error, loop = run(collected(Trickle([b"x" * (64 << 20), b"x"], 0.0, then=never), PASSED))
    assert isinstance(error, RequestTimeout)
    assert loop.time() == pytest.approx(PATIENCE)


def test_time_in_which_nobody_asks_is_not_the_clients() -> None:
    async def unhurried() -> int:
        length = 0
        async for packet in arrivals(Trickle([b"x"] * 5, 1.0), PASSED):
            await asyncio.sleep(100 * PATIENCE)
            length += len(packet)
        return length

    assert run(unhurried())[0] == 5


def test_a_refused_body_that_trickles_has_bounds() -> None:
    came = Trickle([b"x" * (1 << 20)] * 60, PATIENCE / 3 - 1)
    _, loop = run(Inflow(head(), came).drain())
    assert loop.time() == pytest.approx(PATIENCE)
    assert came.given == 3


def test_who_was_given_up_is_not_waited_for_again() -> None:
    async def refuse() -> None:
        inflow = Inflow(head(), never)
        with pytest.raises(RequestTimeout):
            await Patience(HELD).arrival(inflow)
        await inflow.drain()

    assert run(refuse())[1].time() == pytest.approx(PATIENCE)


def test_a_cancellation_by_another_is_not_taken_for_lateness() -> None:
    async def cancelled() -> bool:
        task = asyncio.create_task(Patience(HELD).arrival(never))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert run(cancelled())[0] is True


def test_a_body_has_one_timer_which_ends_with_it() -> None:
    async def read() -> int:
        return await collected(Packets(PARTS), HELD)

    length, loop = run(read())
    assert (length, loop.timers, loop.time()) == (sum(map(len, PARTS)), 1, 0.0)
    gone = run(collected(Packets([b"x"], then="http.disconnect"), HELD))
    assert isinstance(gone[0], Disconnected)
    assert gone[1].timers == 1


async def never() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def collected(receive: Receive, rate: float) -> int:
    """The length of a body."""
    length = 0
    async for packet in arrivals(receive, rate):
        length += len(packet)
    return length


class Trickle:
    """What an application receives of a client that pauses before each packet."""

    def __init__(self, packets: list[bytes], pause: float, *, then: Receive | None = None) -> None:
        self._packets, self._pause, self._then = packets, pause, then
        self.given = 0

    async def __call__(self) -> MutableMapping[str, Any]:
        if self.given == len(self._packets) and self._then is not None:
            return await self._then()
        await asyncio.sleep(self._pause)
        self.given += 1
        more = self.given < len(self._packets) or self._then is not None
        return {"type": "http.request", "body": self._packets[self.given - 1], "more_body": more}

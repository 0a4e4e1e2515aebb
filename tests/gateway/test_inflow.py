"""Bodies that are refused: read to their end, within bounds, or not asked for at all."""

from __future__ import annotations

import asyncio

import pytest

from rolekeeper.errors import RequestTimeout
from rolekeeper.gateway import inflow
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.inflow import DRAIN, Inflow, arrival
from rolekeeper.wire.http import HttpRequest
from tests.gateway.bodies import Packets, scope

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


def test_a_client_that_sends_nothing_more_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(inflow, "PATIENCE", 0.001)
    with pytest.raises(RequestTimeout):
        asyncio.run(arrival(never))
    asyncio.run(Inflow(head(), never).drain())

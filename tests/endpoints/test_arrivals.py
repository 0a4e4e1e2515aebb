from __future__ import annotations

import asyncio

import pytest

from rolekeeper.endpoints import arrivals
from rolekeeper.endpoints.arrivals import MAX_BODY, Arrivals, Disconnected
from rolekeeper.errors import RequestEntityTooLarge, RequestTimeout


class Client:
    """What a client sends, part by part, and then nothing more."""

    def __init__(self, *parts, ends=True):
        self.parts = list(parts)
        self.ends = ends

    async def receive(self):
        if not self.parts:
            await asyncio.Event().wait()
        part = self.parts.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(self.parts) or not self.ends}


def read(client):
    return asyncio.run(Arrivals().read(client.receive))


@pytest.mark.parametrize("parts", [[b"x" * (MAX_BODY + 1)], [b"x" * MAX_BODY, b"x"], [b"x" * 65536] * 17])
def test_a_body_over_the_limit_is_refused_when_it_has_been_read(parts):
    client = Client(*parts)
    with pytest.raises(RequestEntityTooLarge):
        read(client)
    assert client.parts == []


def test_a_body_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(arrivals, "DRAIN", 3 * MAX_BODY)
    client = Client(*[b"x" * MAX_BODY] * 9)
    with pytest.raises(RequestEntityTooLarge):
        read(client)
    assert len(client.parts) == 5


def test_a_client_that_goes_away_is_not_waited_for():
    with pytest.raises(Disconnected):
        read(Client(b"x", None))
    with pytest.raises(Disconnected):
        read(Client(None))


@pytest.mark.parametrize("sent", [[], [b"Action="]])
def test_a_body_that_does_not_arrive_is_given_up(monkeypatch, sent):
    monkeypatch.setattr(arrivals, "PATIENCE", -1.0)

    async def give_up():
        under_way = Arrivals()
        task = asyncio.create_task(under_way.read(Client(*sent, ends=False).receive))
        await asyncio.sleep(0.01)
        under_way.sweep()
        await task

    with pytest.raises(RequestTimeout):
        asyncio.run(give_up())


def test_a_body_that_is_still_in_time_is_waited_for():
    async def wait():
        under_way = Arrivals()
        task = asyncio.create_task(under_way.read(Client(ends=False).receive))
        await asyncio.sleep(0.01)
        under_way.sweep()
        await asyncio.sleep(0.01)
        still = not task.done()
        task.cancel()
        return still

    assert asyncio.run(wait())


def test_a_cancellation_by_another_is_not_taken_for_lateness():
    async def cancelled():
        task = asyncio.create_task(Arrivals().read(Client(ends=False).receive))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


@pytest.mark.parametrize(
    "parts", [[b""], [b"abc"], [b"a", b"b", b"c"], [b"x" * MAX_BODY], [b"x" * 65536] * 16]
)
def test_a_body_arrives_whole(parts):
    assert read(Client(*parts)) == b"".join(parts)

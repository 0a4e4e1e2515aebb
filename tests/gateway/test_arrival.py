"""Requests that are signed with their body: a long one is read for known keys only, and all have bounds."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rolekeeper import ids
from rolekeeper.errors import (
    AwsError,
    InvalidClientTokenId,
    MissingAuthenticationToken,
    RequestEntityTooLarge,
    SignatureDoesNotMatch,
    Throttling,
)
from rolekeeper.gateway import arrival
from rolekeeper.gateway.arrival import Arrived, arrive
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.holding import SHORT, Holding
from rolekeeper.service.call import ANONYMOUS
from rolekeeper.service.trail import Trace
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.reading import Route
from tests.client import LocalWorld
from tests.gateway.bodies import Packets, packets, scope
from tests.wire.signers import replaced, signed, with_header

MEGABYTE = 1 << 20

TARGET = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.PutItem"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
KINDS: dict[str, tuple[str, dict[str, str], str, str]] = {
    "json": ("dynamodb", TARGET, "/", json.dumps({"TableName": "t", "Item": {"k": {"S": "x"}}})),
    "query": ("sns", FORM, "/", "Action=Publish&Version=2010-03-31&Message=x&TopicArn=t"),
    "ec2": ("ec2", FORM, "/", "Action=RunInstances&Version=2016-11-15&UserData=x"),
    "rest-json": ("lambda", {}, "/2015-03-31/functions", json.dumps({"FunctionName": "f"})),
}
"""By protocol: a service, headers, a path, and the beginning of a body."""


class Asking:
    """A request on its way in."""

    def __init__(self, world: LocalWorld, request: HttpRequest, *, announced: int | None = None) -> None:
        """With `announced` the head says so, and the body would be as long."""
        body = request.body.ljust(announced or 0)
        self.service = world.server._service
        self.came = Packets(packets(body, SHORT))
        self.route: Route | None = None
        headers = [pair for pair in request.headers if pair[0] != "content-length"]
        headers.append(("content-length", str(len(body))))
        bare = HttpRequest(method=request.method, path=request.path, query=request.query, headers=headers)
        self.head = Head.of(scope(bare))
        self.trace = Trace(
            request=self.head.request, request_id=ids.request_id(), now=self.service.clock.now()
        )

    async def __call__(self) -> Arrived:
        return await arrive(self.service, self.trace, self, self.head, self.came, _action)

    def refused(self) -> AwsError:
        with pytest.raises(AwsError) as error:
            asyncio.run(self())
        return error.value


def _action(route: Route) -> str:
    return f"{route.service.signing_name}:{route.operation.name}"


def request(
    world: LocalWorld,
    kind: str,
    length: int = 0,
    *,
    key: str | None = None,
    secret: str | None = None,
    region: str = "us-east-1",
    moved: timedelta = timedelta(),
    **more: Any,
) -> HttpRequest:
    """A request that is signed with all of its body, by root if nobody else."""
    service, headers, path, body = KINDS[kind]
    return signed(
        keys=(key or world.server.root_access_key_id, secret or world.server.root_secret.reveal()),
        url=f"http://localhost:4566{path}",
        headers=headers,
        body=body.encode().ljust(length),
        scope=(region, service),
        at=datetime.now(UTC) + moved,
        **more,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_body_of_nobody_who_is_known_is_not_read(local: LocalWorld, kind: str) -> None:
    asking = Asking(local, request(local, kind, key="AKIAQQQQQQQQQQQQQQQQ"), announced=10 * MEGABYTE)
    assert isinstance(asking.refused(), InvalidClientTokenId)
    assert asking.came.asked == 0
    assert asking.trace.access_key_id == "AKIAQQQQQQQQQQQQQQQQ"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "AKIAQQQQQQQQQQQQQQQQ"},
        {"token": "none"},
        {"moved": timedelta(hours=-1)},
        {"moved": timedelta(hours=1)},
        {"region": "nowhere"},
    ],
    ids=["key", "token", "late", "early", "region"],
)
def test_it_is_refused_as_a_short_one_is(local: LocalWorld, kind: str, wrong: dict[str, Any]) -> None:
    made = request(local, kind, **wrong)
    short, long = Asking(local, made), Asking(local, made, announced=MEGABYTE)
    error, other = short.refused(), long.refused()
    assert (type(other), other.code) == (type(error), error.code)
    # What follows is the time by this clock.
    assert other.message.partition(" than ")[0] == error.message.partition(" than ")[0]
    assert (short.came.asked, long.came.asked) == (1, 0)
    assert long.trace.region == short.trace.region
    if kind in ("json", "rest-json"):  # the others are called in the body
        assert long.route is not None and long.trace.operation is short.trace.operation


@pytest.mark.parametrize("kind", ["query", "ec2"])
def test_without_a_signature_a_long_form_is_not_read(local: LocalWorld, kind: str) -> None:
    bare = request(local, kind)
    for name in ("authorization", "x-amz-date"):
        bare = with_header(bare, name, None)
    asking = Asking(local, bare, announced=MEGABYTE)
    assert isinstance(asking.refused(), MissingAuthenticationToken)
    assert asking.came.asked == 0
    assert isinstance(Asking(local, bare).refused(), MissingAuthenticationToken)


def test_a_target_that_nobody_knows_is_refused_before_its_body(local: LocalWorld) -> None:
    wrong = with_header(request(local, "json"), "x-amz-target", "DynamoDB_20120810.Nothing")
    asking = Asking(local, wrong, announced=MEGABYTE)
    assert asking.refused().code == Asking(local, wrong).refused().code == "InvalidAction"
    assert asking.came.asked == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_body_of_who_is_known_is_read_and_verified(local: LocalWorld, kind: str) -> None:
    good = request(local, kind, MEGABYTE)
    arrived = asyncio.run(Asking(local, good)())
    assert (arrived.caller.account, len(arrived.request.body)) == (local.root.account, MEGABYTE)
    asking = Asking(local, request(local, kind, MEGABYTE, secret="wrong"))
    assert isinstance(asking.refused(), SignatureDoesNotMatch)
    assert asking.came.asked == MEGABYTE // SHORT
    changed = replaced(good, body=good.body[:-1] + b"x")
    assert isinstance(Asking(local, changed).refused(), SignatureDoesNotMatch)
    assert arrival.HOLDING.held == 0


def test_only_functions_may_be_longer_than_other_requests(local: LocalWorld) -> None:
    length = arrival.MOST + 1
    assert len(asyncio.run(Asking(local, request(local, "rest-json", length))()).request.body) == length
    asking = Asking(local, request(local, "json"), announced=length)
    assert isinstance(asking.refused(), RequestEntityTooLarge)
    assert asking.came.asked == 0


def test_who_has_not_signed_may_send_less(local: LocalWorld) -> None:
    headers = (("host", "localhost:4566"),)
    bare = HttpRequest(method="POST", path="/photos", query="delete", headers=headers)
    arrived = asyncio.run(Asking(local, bare, announced=arrival.MOST_OF_NOBODY)())
    assert (arrived.caller, len(arrived.request.body)) == (ANONYMOUS, arrival.MOST_OF_NOBODY)
    asking = Asking(local, bare, announced=arrival.MOST_OF_NOBODY + 1)
    assert isinstance(asking.refused(), RequestEntityTooLarge)
    assert asking.came.asked == 0


def test_all_bodies_together_are_bounded(local: LocalWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "HOLDING", holding := Holding(3 * MEGABYTE))
    halted = asyncio.Event()

    async def three() -> None:
        first = Asking(local, request(local, "json", 2 * MEGABYTE))
        first.came = Halting(first.came, halted)  # type: ignore[assignment]
        waiting = asyncio.create_task(first())
        while not isinstance(first.came, Halting) or not first.came.halts:
            await asyncio.sleep(0)
        assert holding.held == 2 * MEGABYTE - SHORT
        with pytest.raises(Throttling):
            await Asking(local, request(local, "json", 2 * MEGABYTE))()
        assert holding.held == 2 * MEGABYTE - SHORT
        for small in (request(local, "json"), request(local, "query", SHORT)):
            await Asking(local, small)()
        halted.set()
        await waiting
        await Asking(local, request(local, "json", 2 * MEGABYTE))()

    asyncio.run(three())
    assert holding.held == 0


def test_short_bodies_are_read_however_much_is_held() -> None:
    holding = Holding(0)
    with holding.body() as take:
        take(SHORT)
        with suppress(Throttling):
            take(1)
            raise AssertionError
    assert holding.held == 0


class Halting:
    """What an application receives of a client that waits before its last packet."""

    def __init__(self, came: Packets, until: asyncio.Event) -> None:
        self._came, self._until = came, until
        self.halts = False

    async def __call__(self) -> dict[str, Any]:
        if len(self._came._packets) == 1:
            self.halts = True
            await self._until.wait()
        return await self._came()

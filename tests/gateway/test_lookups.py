"""What stands behind is asked once in a moment, and what it does not tell is not taken for nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rolekeeper.errors import NotImplementedByServer, ServiceUnavailable
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.lookups import KEPT, BackendLookups
from rolekeeper.wire import model
from tests.gateway.wires import STRANGER, Standing, Wire, wire

SQS = model.service("sqs")


def asked(account: str = "111111111111", region: str = "eu-west-1") -> Asked:
    return Asked(
        service=SQS,
        operation=SQS.operations["SendMessage"],
        members={},
        account=account,
        region=region,
        partition="aws",
    )


def said(status: int, body: str) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class World:
    """A backend of one answer, the lookups before it and a clock."""

    def __init__(self, made: Wire) -> None:
        self.wire, self.time = made, 0.0
        self.backends = Backends({"*": Standing(made.address)})
        self.lookups = BackendLookups(self.backends, now=lambda: self.time)

    async def ask(self, who: Asked | None = None, service: str = "sqs", **members: Any) -> Any:
        given = {"QueueUrl": "q"} | members
        return await self.lookups.ask(who or asked(), service, "GetQueueAttributes", **given)


def run(work: Any, answer: bytes) -> None:
    async def whole() -> None:
        async with wire(answer) as made:
            world = World(made)
            try:
                await work(world)
            finally:
                await world.backends.close()

    asyncio.run(whole())


GOOD = said(200, '{"Attributes": {"Policy": "{}"}}')


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}'),
        (404, '{"__type": "ResourceNotFoundException"}'),
        (400, '{"__type": "AWS.SimpleQueueService.NonExistentQueue"}'),
        (400, '{"__type": "ValidationError", "message": "Stack with id x does not exist"}'),
        (400, '{"__type": "InvalidInstanceID.Malformed"}'),
        (404, ""),
    ],
)
def test_what_is_not_there_is_none(status: int, body: str) -> None:
    async def work(world: World) -> None:
        assert await world.ask() is None

    run(work, said(status, body))


def test_who_has_no_key_there_has_nothing_there() -> None:
    async def work(world: World) -> None:
        assert await world.ask(asked(STRANGER)) is None
        assert not world.wire.heads

    run(work, GOOD)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"__type": "ValidationException", "message": "does not exist"}'),
        (400, '{"__type": "AccessDeniedException"}'),
        (400, '{"__type": "ThrottlingException"}'),
        (500, '{"__type": "InternalFailure"}'),
        (503, "NotFound"),
        (302, ""),
        (200, "no json"),
        (500, ""),
    ],
)
def test_what_cannot_be_told_is_not_none(status: int, body: str) -> None:
    async def work(world: World) -> None:
        for _ in range(2):  # and nobody remembers it
            with pytest.raises(ServiceUnavailable):
                await world.ask()
        assert len(world.wire.heads) == 2

    run(work, said(status, body))


@pytest.mark.parametrize(("status", "body"), [(501, ""), (405, ""), (400, '{"__type": "NotImplemented"}')])
def test_what_nothing_can_tell_is_said_as_such(status: int, body: str) -> None:
    async def work(world: World) -> None:
        with pytest.raises(NotImplementedByServer):
            await world.ask()
        with pytest.raises(NotImplementedByServer):
            await world.lookups.ask(asked(), "sns", "GetTopicAttributes", TopicArn="t")

    run(work, said(status, body))


def test_an_answer_is_kept_for_a_moment() -> None:
    async def work(world: World) -> None:
        for _ in range(3):
            assert await world.ask() == {"Attributes": {"Policy": "{}"}}
        assert len(world.wire.heads) == 1
        world.time += KEPT
        await world.ask()
        assert len(world.wire.heads) == 2

    run(work, GOOD)


def test_an_answer_is_kept_for_the_same_question_only() -> None:
    async def work(world: World) -> None:
        await world.ask()
        await world.ask(QueueUrl="r")
        await world.ask(asked("222222222222"))
        await world.ask(asked(region="us-east-1"))
        assert len(world.wire.heads) == 4
        assert all("/sqs/aws4_request" in head.decode() for head in world.wire.heads)
        assert "/us-east-1/" in world.wire.heads[3].decode()

    run(work, GOOD)


def test_who_asks_at_once_asks_together() -> None:
    async def work(world: World) -> None:
        answers = await asyncio.gather(*(world.ask() for _ in range(5)))
        assert answers == [{"Attributes": {"Policy": "{}"}}] * 5
        assert len(world.wire.heads) == 1

    run(work, GOOD)


def test_who_goes_away_does_not_take_it_from_the_others() -> None:
    async def work(world: World) -> None:
        first = asyncio.ensure_future(world.ask())
        second = asyncio.ensure_future(world.ask())
        await asyncio.sleep(0)
        first.cancel()
        assert await second is not None

    run(work, GOOD)


def test_a_change_of_the_service_in_the_account_makes_it_ask_again() -> None:
    async def work(world: World) -> None:
        await world.ask()
        await world.ask(asked("222222222222"))
        world.lookups.forget("sqs", "111111111111")
        world.lookups.forget("s3", "222222222222")
        await world.ask(asked("222222222222"))
        assert len(world.wire.heads) == 2
        await world.ask()
        assert len(world.wire.heads) == 3
        world.lookups.forget_all()
        await world.ask()
        assert len(world.wire.heads) == 4

    run(work, GOOD)


def test_an_answer_that_was_under_way_at_a_change_is_not_kept() -> None:
    async def work(world: World) -> None:
        first = asyncio.ensure_future(world.ask())
        await asyncio.sleep(0)
        world.lookups.forget("sqs", "111111111111")
        second = asyncio.ensure_future(world.ask())
        await asyncio.gather(first, second)
        await world.ask()
        assert len(world.wire.heads) == 2

    run(work, GOOD)

"""What has to be fetched from elsewhere keeps nobody waiting but who needs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from rolekeeper.endpoints.aws import FETCHES, AwsEndpoint
from tests.client import ACCOUNT, LocalWorld
from tests.endpoints.asgi import Answer, ask
from tests.endpoints.test_aws import IDENTITY, signed
from tests.issuers import Issuer
from tests.operations.test_web_identity import provider, trusting_role

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture
def issuers() -> Iterator[tuple[Issuer, Issuer]]:
    """A slow one, which answers when it is opened, and another one."""
    with Issuer("slow.example") as slow, Issuer("other.example") as other:
        slow.open.clear()
        yield slow, other
        slow.open.set()


@pytest.fixture
def there(issuers: tuple[Issuer, Issuer], world_with: Callable[..., LocalWorld]) -> LocalWorld:
    world = world_with(federation_hosts=issuers[0].hosts | issuers[1].hosts)
    world.server._key_sets._outgoing._patience = 60.0  # for the machine; nobody waits for the slow one's
    for name, issuer in zip(("slow", "other"), issuers, strict=True):
        provider(world.root, issuer)
        trusting_role(world.root, issuer, {f"{issuer.name}:sub": "alice"}, name=name)
    return world


@pytest.fixture
def app(there: LocalWorld) -> AwsEndpoint:
    return AwsEndpoint(there.server)


def federate(app: AwsEndpoint, issuer: Issuer, role: str) -> Awaitable[Answer]:
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "RoleSessionName": "session",
        "WebIdentityToken": issuer.token(),
    }
    answer: Awaitable[Answer] = ask(app, body=urlencode(form).encode(), headers=FORM)
    return answer


async def asked(issuer: Issuer) -> None:
    while not issuer.asked:
        await asyncio.sleep(0.01)


def test_a_slow_issuer_keeps_nobody_else_waiting(
    app: AwsEndpoint, there: LocalWorld, issuers: tuple[Issuer, Issuer]
) -> None:
    slow, other = issuers
    order: list[str] = []

    async def noted(name: str, answer: Awaitable[Answer]) -> int:
        status = (await answer).status
        order.append(name)
        return status

    async def all_of_it() -> list[int]:
        # More than there are threads: who waits for the same thing waits in one of them.
        late = [asyncio.create_task(noted("late", federate(app, slow, "slow"))) for _ in range(FETCHES + 2)]
        await asked(slow)
        done = [
            await noted("read", ask(app, **signed(there.server, IDENTITY))),
            await noted("write", ask(app, **signed(there.server, _create("bob"), "iam"))),
            await noted("other", federate(app, other, "other")),
        ]
        slow.open.set()
        return [*done, *(await asyncio.gather(*late))]

    assert asyncio.run(all_of_it()) == [200] * (FETCHES + 5)
    assert order[:3] == ["read", "write", "other"]
    assert len(slow.asked) == 2  # discovery and keys, once for all


def _create(name: str) -> str:
    return f"Action=CreateUser&Version=2010-05-08&UserName={name}"


def test_who_goes_away_does_not_take_it_from_the_others(
    app: AwsEndpoint, issuers: tuple[Issuer, Issuer]
) -> None:
    slow, _ = issuers

    async def all_of_it() -> int:
        first, second = (asyncio.create_task(federate(app, slow, "slow")) for _ in range(2))  # type: ignore[arg-type]
        await asked(slow)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        slow.open.set()
        answer: Answer = await second
        return answer.status

    assert asyncio.run(all_of_it()) == 200
    assert len(slow.asked) == 2


def test_what_cannot_be_fetched_is_an_answer(app: AwsEndpoint, issuers: tuple[Issuer, Issuer]) -> None:
    _, other = issuers
    other.answers["/keys"] = (500, b"")
    refused: Any = asyncio.run(federate(app, other, "other"))  # type: ignore[arg-type]
    assert refused.status == 400
    assert b"<Code>IDPCommunicationError</Code>" in refused.body

"""What a backend is told comes from what was decided, and nothing of it from the client."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from rolekeeper.errors import NotImplementedByServer
from rolekeeper.gateway.backends import Backends
from tests.gateway.wires import Request, Standing, pieces, read, wire

ACCOUNT = "111111111111"


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


async def head(request: Request, body: Any = None, service: str = "s3", **more: Any) -> dict[str, str]:
    async with wire() as made:
        backends = Backends({"*": Standing(made.address, {"x-moto-account-id": "{account}"})})
        try:
            assert await read(
                backends.open(service, request, body, ACCOUNT, "eu-west-1", **more)
            ) == (200, b"ok")  # fmt: skip
        finally:
            await backends.close()
        return made.head | {"body": made.bodies[-1].decode()}


def test_nothing_behind_a_service_is_not_implemented() -> None:
    async def work() -> None:
        async with wire() as made:
            backends = Backends({"sns": Standing(made.address)})
            for service in ("sns", "sqs"):
                assert backends.behind(service) is None
                with pytest.raises(NotImplementedByServer, match=service):
                    await read(backends.open(service, Request(), None, ACCOUNT, "eu-west-1"))
            assert not made.heads

    run(work())


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "X-Amz-Security-Token",
        "X-Amz-Date",
        "X-Moto-Account-Id",
        "X-Rolekeeper-Service",
        "X-Forwarded-For",
        "Transfer-Encoding",
        "Content-Length",
        "Host",
        "User-Agent",
        "X-HTTP-Method-Override",
        "Expect",
        "Connection",
    ],
)
def test_a_client_says_none_of_what_is_ours_to_say(name: str) -> None:
    async def work() -> None:
        found = await head(Request(headers=((name, "999"),)))
        assert "999" not in (found | {"authorization": ""}).values()

    run(work())


def test_a_header_that_stands_there_twice_is_not_sent() -> None:
    async def work() -> None:
        with pytest.raises(ValueError, match="twice"):
            await head(Request(headers=(("range", "bytes=0-1"), ("Range", "bytes=2-3"))))

    run(work())


def test_the_request_is_signed_for_the_service_and_the_account_is_told() -> None:
    async def work() -> None:
        found = await head(Request(method="POST", body=b"{}"), service="cloudwatch")
        assert "Credential=AKIABACKEND/" in found["authorization"]
        assert "/eu-west-1/monitoring/aws4_request" in found["authorization"]
        assert "x-moto-account-id" in found["authorization"]
        assert found["x-moto-account-id"] == ACCOUNT
        assert (found["host"], found["content-length"], found["body"]) == ("backend.example", "2", "{}")

    run(work())


def test_a_get_has_no_body_and_an_empty_put_says_so() -> None:
    async def work() -> None:
        assert "content-length" not in await head(Request())
        assert (await head(Request(method="PUT")))["content-length"] == "0"

    run(work())


def test_a_body_that_streams_has_its_length_and_the_hash_that_is_known() -> None:
    async def work() -> None:
        put = Request(method="PUT", path="/b/k", body=None)
        found = await head(put, pieces(b"ab", b"c"), length=3)
        assert (found["body"], found["content-length"]) == ("abc", "3")
        assert found["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
        found = await head(put, pieces(b"ab", b"c"), length=3, digest="0" * 64)
        assert found["x-amz-content-sha256"] == "0" * 64

    run(work())


def test_a_service_of_its_own_goes_before_all_others() -> None:
    async def work() -> None:
        async with wire() as one, wire() as other:
            backends = Backends({"s3": Standing(one.address), "*": Standing(other.address)})
            await read(backends.open("s3", Request(), None, ACCOUNT, "eu-west-1"))
            await read(backends.open("sqs", Request(method="POST"), None, ACCOUNT, "eu-west-1"))
            await backends.close()
            assert (len(one.heads), len(other.heads)) == (1, 1)
            assert set(backends.shown) == {"s3", "*"}

    run(work())

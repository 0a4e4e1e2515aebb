"""What goes to a backend goes as it was written, and what comes back comes as it is, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from rolekeeper.errors import AwsError, RequestEntityTooLarge
from rolekeeper.gateway.forwarding import Address, Answer, Broken, Forwarding, NotConnected
from tests.gateway.wires import Wire, pieces, wire

HOST = {"host": "backend.example"}


class Refused(AwsError):
    code, status, fault = "Refused", 400, "Sender"


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


@asynccontextmanager
async def sent(
    made: Wire, target: str = "/", method: str = "GET", body: Any = b"", **headers: str
) -> AsyncIterator[Answer]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    forwarding = Forwarding()
    try:
        async with forwarding.send(made.address, method, target, HOST | named, body) as answer:
            yield answer
    finally:
        await forwarding.close()


@pytest.mark.parametrize(
    "target", ["/a b", "/a#b", "/a\r\nb", "/ä", "a", "", "/a?b#c", "/a?b c", "http://x/"]
)
def test_a_target_that_is_not_encoded_is_not_sent(target: str) -> None:
    async def work() -> None:
        async with wire() as made:
            with pytest.raises(ValueError, match="encoded"):
                async with sent(made, target):
                    pass
            assert not made.heads

    run(work())


def test_a_header_of_two_lines_is_not_sent() -> None:
    async def work() -> None:
        async with wire() as made:
            with pytest.raises(ValueError, match="one line"):
                async with sent(made, a="b\r\nc: d"):
                    pass
            assert not made.heads

    run(work())


def test_the_head_is_what_was_given_and_no_more() -> None:
    async def work() -> None:
        async with wire() as made, sent(made, "/b/../c//d%2Fe%2e?x=%20&x&y=", a="b  c"):
            pass
        assert (
            made.heads[0] == b"GET /b/../c//d%2Fe%2e?x=%20&x&y= HTTP/1.1\r\nhost: backend.example\r\na: b  c"
        )

    run(work())


def test_a_header_goes_on_byte_by_byte() -> None:
    async def work() -> None:
        async with wire() as made, sent(made, a="ä".encode().decode("latin-1")):
            pass
        assert made.heads[0].endswith(b"a: \xc3\xa4")

    run(work())


def test_a_body_with_a_length_goes_on_as_it_comes() -> None:
    async def work() -> None:
        async with wire() as made:
            async with sent(made, method="PUT", body=pieces(b"ab", b"", b"cd"), content_length="4"):
                pass
            assert made.bodies == [b"abcd"]
            assert "transfer-encoding" not in made.head

    run(work())


def test_a_body_without_a_length_goes_in_chunks() -> None:
    async def work() -> None:
        async with wire() as made:
            async with sent(made, method="PUT", body=pieces(b"ab", b"", b"cd")):
                pass
            assert made.bodies == [b"abcd"]

    run(work())


def test_a_large_body_that_is_there_whole_arrives_whole() -> None:
    async def work() -> None:
        body = bytes(range(256)) * 10_000
        async with wire() as made:
            async with sent(made, method="PUT", body=body, content_length=str(len(body))):
                pass
            assert made.bodies == [body]

    run(work())


@pytest.mark.parametrize("headers", [{"content_length": "4"}, {}])
def test_a_body_that_fails_breaks_off_and_says_why(headers: dict[str, str]) -> None:
    async def work() -> None:
        async with wire() as made:
            with pytest.raises(Refused):
                async with sent(made, method="PUT", body=pieces(b"ab", Refused()), **headers):
                    pass
            await asyncio.sleep(0.01)
            assert made.bodies in ([], [b"ab"], [b""])  # never an end

    run(work())


def test_an_answer_before_the_end_of_the_body_is_one() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0)

    async def work() -> None:
        async with wire(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno") as made:
            made.reads_bodies, made.close_after = False, True
            async with sent(made, method="PUT", body=endless()) as answer:
                assert (answer.status, await answer.whole(10)) == (413, b"no")

    run(work())


def test_hop_by_hop_headers_and_those_of_the_backends_host_stay_behind() -> None:
    said = (
        b"HTTP/1.1 200 OK\r\nConnection: close, X-Gone\r\nX-Gone: 1\r\nKeep-Alive: 5\r\nServer: s\r\n"
        b'Set-Cookie: a=b\r\nDate: today\r\nETag: "e"\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 0\r\n\r\n'
    )

    async def work() -> None:
        async with wire(said) as made, sent(made) as answer:
            assert answer.headers == (
                ("etag", '"e"'),
                ("x-two", "1"),
                ("x-two", "2"),
                ("content-length", "0"),
            )

    run(work())


def test_an_answer_is_neither_unpacked_nor_followed() -> None:
    said = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"

    async def work() -> None:
        async with wire(said) as made, sent(made) as answer:
            assert (answer.status, await answer.whole(10)) == (302, b"xx")
            assert len(made.heads) == 1

    run(work())


def test_an_answer_that_breaks_off_is_not_taken_for_whole() -> None:
    async def work() -> None:
        async with wire(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nxx") as made:
            made.close_after = True
            async with sent(made) as answer:
                with pytest.raises(Broken):
                    await answer.whole(100)

    run(work())


def test_no_more_of_an_answer_is_held_than_is_wanted() -> None:
    async def work() -> None:
        async with (
            wire(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789") as made,
            sent(made) as answer,
        ):
            with pytest.raises(RequestEntityTooLarge):
                await answer.whole(8)

    run(work())


def test_nobody_there_is_service_unavailable() -> None:
    async def work() -> None:
        made = Wire(b"")
        made.address = Address(url="http://localhost", socket="/nonexistent/socket", host="h")
        with pytest.raises(NotConnected) as raised:
            async with sent(made):
                pass
        assert (raised.value.code, raised.value.status) == ("ServiceUnavailable", 503)
        assert "nonexistent" not in raised.value.message

    run(work())


def test_a_backend_that_hangs_up_is_service_unavailable() -> None:
    async def work() -> None:
        async with wire(b"nonsense\r\n\r\n") as made:
            with pytest.raises(NotConnected):
                async with sent(made):
                    pass

    run(work())

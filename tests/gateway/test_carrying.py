"""What is carried is what there was, byte by byte, or no answer: whoever is slow, leaves or breaks off."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvloop
from botocore.exceptions import ClientError, IncompleteReadError, ResponseStreamingError

from rolekeeper.gateway.answers import LONG, Broken
from rolekeeper.gateway.backends import ALL
from rolekeeper.gateway.carrying import PIPE, POSSIBLE, Carriage
from rolekeeper.gateway.forwarding import Address
from rolekeeper.gateway.inflow import Disconnected
from tests.gateway.served import ServedWorld
from tests.gateway.wires import Standing

pytestmark = pytest.mark.skipif(not POSSIBLE, reason="there is no splice here")
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, uvloop.new_event_loop]
MORE = 8 * PIPE


_PATTERN = random.Random(7).randbytes(65_521)  # a prime: no buffer is as long


def content(length: int) -> bytes:
    """Bytes of which each place is to be told from others near it."""
    return (_PATTERN * (length // len(_PATTERN) + 1))[:length]


class Between:
    """Two connections, of which a carriage has one end each."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.sender, self.reader = (socket.create_connection(listener.getsockname()) for _ in "ab")
            ends = [listener.accept()[0] for _ in "ab"]
        self.source, self.target = sorted(
            ends, key=lambda each: each.getpeername() != self.sender.getsockname()
        )
        for each in ends:
            each.setblocking(False)

    def close(self) -> None:
        for each in (self.sender, self.reader, self.source, self.target):
            each.close()

    async def carry(self, length: int, silent: float = 30.0) -> None:
        await Carriage(self.source.fileno(), self.target.fileno(), length, silent=silent).run()


@pytest.fixture(params=LOOPS, ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    def runs(work: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(work)

    return runs


@pytest.fixture
def between() -> Iterator[Between]:
    made = Between()
    yield made
    made.close()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def beside(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("length", [1, PIPE - 1, PIPE, PIPE + 1, MORE + 3])
def test_what_is_carried_is_what_was_sent_and_what_follows_stays(
    run: Any, between: Between, length: int
) -> None:
    found = bytearray()

    def read() -> None:
        while len(found) < length:
            found.extend(between.reader.recv(1 << 20))

    reading = beside(read)
    beside(lambda: between.sender.sendall(content(length) + b"next"))
    run(between.carry(length))
    reading.join()
    assert found == content(length)
    assert between.source.recv(9) == b"next"


def test_a_source_that_ends_before_its_end_is_broken(run: Any, between: Between) -> None:
    between.sender.sendall(b"abc")
    between.sender.close()
    with pytest.raises(Broken):
        run(between.carry(4))
    assert between.reader.recv(9) == b"abc"


def test_a_source_that_says_nothing_is_given_up(run: Any, between: Between) -> None:
    between.sender.sendall(b"abc")
    with pytest.raises(Broken, match="stopped"):
        run(between.carry(4, silent=0.05))


def test_a_target_that_says_nothing_is_waited_for_and_no_more_is_taken(run: Any, between: Between) -> None:
    between.sender.setblocking(False)

    async def work() -> int:
        carrying = asyncio.ensure_future(between.carry(1 << 40, silent=0.3))
        sent, still = 0, 0
        while still < 60:
            try:
                sent, still = sent + between.sender.send(bytes(1 << 20)), 0
            except BlockingIOError:
                still += 1
                await asyncio.sleep(0.01)
        assert not carrying.done()
        carrying.cancel()
        await asyncio.wait([carrying])
        return sent

    assert run(work()) < 128 << 20  # the kernel's buffers, and not what was offered


def test_a_target_that_is_gone_ends_it(run: Any, between: Between) -> None:
    between.reader.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, 0, 0, 0, 0, 0, 0, 0]))
    between.reader.close()
    sending = beside(lambda: _send_all(between.sender))
    with pytest.raises(Disconnected):
        run(between.carry(1 << 40))
    between.source.close()
    sending.join()


def test_a_target_that_is_known_to_be_gone_is_not_waited_for(run: Any, between: Between) -> None:
    async def work() -> None:
        carriage = Carriage(between.source.fileno(), between.target.fileno(), 9)
        asyncio.get_running_loop().call_later(0.01, carriage.give_up)
        await carriage.run()

    with pytest.raises(Disconnected):
        run(work())


def test_no_descriptor_is_left(run: Any, between: Between) -> None:
    between.sender.sendall(b"abcd")
    before = descriptors()
    run(between.carry(4))
    with pytest.raises(Broken):
        run(between.carry(4, silent=0.01))
    assert descriptors() == before


def _send_all(sender: socket.socket) -> None:
    try:
        while True:
            sender.sendall(bytes(1 << 16))
    except OSError:
        pass


class Store:
    """A backend of a few lines with threads: an object's key says how long it is, and what befalls it."""

    def __init__(self) -> None:
        self.connections, self.gone = 0, threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        beside(self._accept)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        try:
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                beside(lambda connection=connection: self._serve(connection))  # type: ignore[misc]
        except OSError:
            pass

    def _serve(self, connection: socket.socket) -> None:
        with closing(connection), connection.makefile("rb") as lines:
            try:
                while first := lines.readline():
                    headers = dict(line.lower().split(b": ", 1) for line in iter(lines.readline, b"\r\n"))
                    self._answer(connection, first, headers)
            except OSError:
                self.gone.set()

    def _answer(self, connection: socket.socket, first: bytes, headers: dict[bytes, bytes]) -> None:
        method, path, _ = first.split()
        what, _, size = path.partition(b"?")[0].rpartition(b"/")[2].rpartition(b"-")
        if not size.isdigit():
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            return
        body, status = content(int(size)), b"200 OK\r\n"
        if b"range" in headers:
            begin, end = (int(each) for each in headers[b"range"].strip()[6:].split(b"-"))
            status = b"206 Partial Content\r\ncontent-range: bytes %d-%d/%d\r\n" % (begin, end, len(body))
            body = body[begin : end + 1]
        if what == b"chunks":
            connection.sendall(b"HTTP/1.1 %stransfer-encoding: chunked\r\n\r\n" % status)
            connection.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
            return
        head = b'HTTP/1.1 %scontent-length: %d\r\netag: "x"\r\n\r\n' % (status, len(body))
        if method == b"HEAD":
            body = b""
        elif what == b"broken":
            body = body[:-1]
        elif what == b"slow":
            connection.sendall(head)
            head = b""
            time.sleep(0.05)
        connection.sendall(head + body)
        if what == b"broken":
            raise OSError
        if what == b"hangs":
            connection.shutdown(socket.SHUT_RDWR)


class OnUvloop(ServedWorld):
    """A server on the event loop that it has in earnest."""

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._uvicorn.serve(sockets=[self._listener]))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.close()


@pytest.fixture(scope="module", params=[ServedWorld, OnUvloop], ids=["asyncio", "uvloop"])
def world(request: pytest.FixtureRequest, store: Store) -> Iterator[ServedWorld]:
    made = request.param({ALL: Standing(Address(url=store.url, host="behind.example"))})
    made.root.client("s3").create_bucket(Bucket="large")
    yield made
    made.close()


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes went past, piece by piece."""
    found: list[int] = []
    splice = os.splice

    def counted(source: int, target: int, count: int, **more: Any) -> int:
        moved: int = splice(source, target, count, **more)
        found.append(moved)
        return moved

    monkeypatch.setattr(os, "splice", counted)
    return found


def get(world: ServedWorld, key: str, **more: Any) -> bytes:
    got: bytes = world.root.client("s3").get_object(Bucket="large", Key=key, **more)["Body"].read()
    return got


@pytest.mark.parametrize("what", ["", "slow", "hangs"])
@pytest.mark.parametrize("length", [LONG - 1, LONG, LONG + PIPE, MORE + 7])
def test_a_large_object_is_what_it_was(world: ServedWorld, what: str, length: int) -> None:
    assert get(world, f"{what}-{length}") == content(length)


def test_only_what_is_long_and_has_a_length_is_carried(world: ServedWorld, carried: list[int]) -> None:
    assert get(world, f"-{LONG - 1}") == content(LONG - 1)
    assert get(world, f"chunks-{MORE}") == content(MORE)
    assert world.root.client("s3").head_object(Bucket="large", Key=f"-{MORE}")["ContentLength"] == MORE
    assert not carried
    assert get(world, f"-{MORE}") == content(MORE)
    assert sum(carried) > MORE  # each byte into the pipe and out of it, but for those that came with the head


def test_a_range_of_an_object(world: ServedWorld, carried: list[int]) -> None:
    assert get(world, f"-{MORE}", Range=f"bytes=5-{MORE - 9}") == content(MORE)[5 : MORE - 8]
    assert carried


def test_one_after_the_other_on_one_connection(world: ServedWorld) -> None:
    s3 = world.root.client("s3", max_pool_connections=1)
    for length in (MORE, 9, LONG + PIPE, MORE, 0, 9):
        assert s3.get_object(Bucket="large", Key=f"-{length}")["Body"].read() == content(length)


def test_requests_in_one_packet_are_answered_in_order(world: ServedWorld) -> None:
    with _connected(world) as asking:
        asking.sendall(_request(world, f"-{MORE}") + _request(world, "-9") + _request(world, f"slow-{MORE}"))
        with asking.makefile("rb") as found:
            for length in (MORE, 9, MORE):
                assert _read_answer(found, length) == content(length)


def test_what_breaks_off_is_never_whole(world: ServedWorld) -> None:
    with pytest.raises((IncompleteReadError, ResponseStreamingError)):
        get(world, f"broken-{MORE}")
    assert get(world, "-9") == content(9)


def test_who_reads_slowly_gets_all_of_it(world: ServedWorld) -> None:
    body = world.root.client("s3").get_object(Bucket="large", Key=f"-{4 * MORE}")["Body"]
    time.sleep(0.3)
    assert body.read(100) == content(100)
    time.sleep(0.1)
    assert body.read() == content(4 * MORE)[100:]


def test_of_a_client_that_leaves_nothing_stays(world: ServedWorld, store: Store) -> None:
    get(world, f"-{MORE}")
    before = descriptors()
    store.gone.clear()
    with _connected(world) as asking:
        asking.sendall(_request(world, f"-{32 * MORE}"))
        assert asking.recv(100).startswith(b"HTTP/1.1 200")
    assert store.gone.wait(10)  # its connection was closed, too
    get(world, f"-{MORE}")
    assert descriptors() <= before + 2


def test_a_denied_object_is_not_carried(world: ServedWorld, carried: list[int]) -> None:
    with pytest.raises(ClientError):
        world.other.client("s3").get_object(Bucket="large", Key=f"-{MORE}")
    assert not carried


def _connected(world: ServedWorld) -> socket.socket:
    return socket.create_connection(world._listener.getsockname(), timeout=30)


def _request(world: ServedWorld, key: str) -> bytes:
    url: str = world.root.client("s3", signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "large", "Key": key}
    )
    host, _, target = url.removeprefix("http://").partition("/")
    return f"GET /{target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def _read_answer(found: Any, length: int) -> bytes:
    assert found.readline().startswith(b"HTTP/1.1 200")
    headers = dict(line.lower().split(b": ", 1) for line in iter(found.readline, b"\r\n"))
    assert int(headers[b"content-length"]) == length
    body: bytes = found.read(length)
    return body

"""The short way and the long way answer alike, in order, and neither keeps what belongs to the other."""

from __future__ import annotations

import asyncio
import re
import socket

import pytest
import uvicorn
from uvicorn.server import ServerState

from rolekeeper import app
from rolekeeper.cli.protocol import EndpointProtocol
from rolekeeper.config import Settings
from rolekeeper.endpoints.aws import AwsEndpoint

FORM = "Content-Type: application/x-www-form-urlencoded"
READ = b"Action=GetCallerIdentity&Version=2011-06-15"
UNKNOWN = b"Action=NoSuchThing&Version=2011-06-15"
WRITE = b"Action=CreateUser&Version=2010-05-08&UserName=x"


def post(body, *more, path="/"):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", FORM, f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One connection, and its answers one after the other."""

    def __init__(self, ready):
        self.socket = socket.create_connection(("127.0.0.1", ready["port"]), timeout=120)
        self._rest = b""

    def send(self, *packets):
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for packet in packets:
            self.socket.sendall(packet)

    def answer(self):
        """Status, headers and body of the next answer; what differs by nature is left out."""
        while b"\r\n\r\n" not in self._rest:
            self._more()
        top, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = top.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        while len(self._rest) < int(headers["content-length"]):
            self._more()
        body, self._rest = (
            self._rest[: int(headers["content-length"])],
            self._rest[int(headers["content-length"]) :],
        )
        for name in ("date", "x-amzn-requestid"):
            assert headers.pop(name)
        return first, headers, re.sub(rb"<RequestId>.*?</RequestId>", b"", body)

    def _more(self):
        received = self.socket.recv(65536)
        assert received, "the connection was closed"
        self._rest += received


@pytest.fixture
def connection(running):
    found = Connection(running.ready)
    yield found
    found.socket.close()


def code(answer):
    return re.search(rb"<Code>(.*?)</Code>", answer[2])[1].decode()


@pytest.mark.parametrize("body", [READ, UNKNOWN, WRITE, b"a=1&a=2", b""])
def test_a_request_in_one_packet_and_in_two_have_the_same_answer(connection, body):
    connection.send(post(body))
    whole = connection.answer()
    request = post(body)
    connection.send(request[:40])
    connection.send(request[40:-1] if body else request[40:], request[-1:] if body else b"")
    assert connection.answer() == whole


@pytest.mark.parametrize("ways", [(READ, READ, READ), (READ, WRITE, UNKNOWN), (WRITE, UNKNOWN, READ)])
def test_requests_in_one_packet_are_answered_in_order(connection, ways):
    connection.send(b"".join(post(body) for body in ways))
    expected = {UNKNOWN: "InvalidAction"}
    for body in ways:
        assert code(connection.answer()) == expected.get(body, "MissingAuthenticationToken")


def test_a_request_behind_an_unfinished_one_waits_its_turn(connection):
    first, second = post(UNKNOWN), post(READ)
    connection.send(first[:-3])
    connection.send(first[-3:] + second)
    assert [code(connection.answer()) for _ in range(2)] == ["InvalidAction", "MissingAuthenticationToken"]


def test_the_last_request_of_a_connection_closes_it(connection):
    connection.send(post(READ, "Connection: close"))
    first, headers, _ = connection.answer()
    assert (first.split()[1], headers["connection"]) == ("403", "close")
    assert connection.socket.recv(1) == b""


def test_chunks_and_expectations_go_the_long_way(connection):
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\n{FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    connection.send(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(READ), READ))
    assert code(connection.answer()) == "MissingAuthenticationToken"
    connection.send(post(READ, "Expect: 100-continue")[: -len(READ)])
    assert connection.socket.recv(65536).startswith(b"HTTP/1.1 100 ")
    connection.send(READ)
    assert code(connection.answer()) == "MissingAuthenticationToken"


def test_the_servers_own_routes_are_no_calls_of_the_api(connection):
    connection.send(post(READ, path="/_rolekeeper/audit?latest=1"))
    first = connection.socket.recv(65536)
    assert first.startswith(b"HTTP/1.1 40") and b"ErrorResponse" not in first


def test_a_connection_serves_many_requests(connection):
    for _ in range(50):
        connection.send(post(READ))
        assert code(connection.answer()) == "MissingAuthenticationToken"


class Clock:
    """The loop that a protocol sees: its timers are due when a test says so, and else it is the real one."""

    def __init__(self, loop):
        self._loop = loop
        self._now = 0.0
        self._timers = []

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def time(self):
        return self._now

    def call_later(self, delay, callback, *arguments):
        self._timers.append(Timer(self._now + delay, callback, arguments))
        return self._timers[-1]

    def advance(self, seconds):
        """Let time go by."""
        self._now += seconds
        due = [timer for timer in self._timers if timer.when <= self._now]
        self._timers = [timer for timer in self._timers if timer.when > self._now]
        for timer in due:
            timer.run()

    async def until_there_is_a_timer(self, delay):
        """Wait for the one of a head that came in part, or of a connection."""
        while not any(timer.when == self._now + delay for timer in self._timers):
            await asyncio.sleep(0.001)


class Timer:
    def __init__(self, when, callback, arguments):
        self.when = when
        self._work = (callback, arguments)

    def cancel(self):
        self._work = None

    def run(self):
        if self._work is not None:
            self._work[0](*self._work[1])


IDLE = 30


class Hasty(EndpointProtocol):
    patience = 7


def talk(conversation, *, protocol=EndpointProtocol):
    """Talk to a protocol over a real connection, at a time of its own."""

    async def both():
        server = app.build(Settings(ephemeral=True))
        config = uvicorn.Config(AwsEndpoint(server), lifespan="off", log_config=None, timeout_keep_alive=IDLE)
        config.load()
        loop = asyncio.get_running_loop()
        clock = Clock(loop)
        listening = await loop.create_server(
            lambda: protocol(config, ServerState(), {}, clock), "127.0.0.1", 0
        )
        try:
            streams = await asyncio.open_connection(*listening.sockets[0].getsockname())
            return await asyncio.wait_for(conversation(*streams, clock), 120)
        finally:
            streams[1].close()
            listening.close()
            server.close()

    return asyncio.run(both())


def test_a_head_that_never_ends_is_given_up():
    async def dribble(reader, writer, clock):
        writer.write(b"POST / HTTP/1.1\r\nHost: loc")
        await clock.until_there_is_a_timer(Hasty.patience)
        clock.advance(Hasty.patience)
        return await reader.read()

    assert talk(dribble, protocol=Hasty) == b""


def test_a_head_in_two_parts_is_in_time():
    async def two_parts(reader, writer, clock):
        writer.write(post(READ)[:30])
        await clock.until_there_is_a_timer(Hasty.patience)
        clock.advance(Hasty.patience - 1)
        writer.write(post(READ)[30:])
        first = await reader.readuntil(b"</ErrorResponse>")
        clock.advance(2)  # the deadline of the first head is over, and it is not the connection's
        writer.write(post(UNKNOWN))
        return first, await reader.readuntil(b"</ErrorResponse>")

    first, second = talk(two_parts, protocol=Hasty)
    assert b"MissingAuthenticationToken" in first
    assert b"InvalidAction" in second


def test_a_connection_on_which_nothing_comes_is_closed():
    async def silent(reader, writer, clock):
        await clock.until_there_is_a_timer(IDLE)
        clock.advance(IDLE)
        return await reader.read()

    assert talk(silent) == b""


def test_a_connection_that_is_used_stays_open_and_then_ends():
    async def now_and_then(reader, writer, clock):
        answers = []
        for body in (READ, READ, UNKNOWN, READ):  # both ways: a packet, and two
            writer.write(post(body)[:50])
            if body is UNKNOWN:
                await clock.until_there_is_a_timer(Hasty.patience)
            writer.write(post(body)[50:])
            answers.append(await reader.readuntil(b"</ErrorResponse>"))
            clock.advance(IDLE - 10)
        clock.advance(10)
        return answers, await reader.read()

    answers, rest = talk(now_and_then, protocol=Hasty)
    assert len(answers) == 4
    assert rest == b""


class Written:
    """A transport that keeps each write."""

    def __init__(self, transport, writes):
        self._transport, self._writes = transport, writes

    def write(self, data):
        self._writes.append(data)
        self._transport.write(data)

    def __getattr__(self, name):
        return getattr(self._transport, name)


@pytest.mark.parametrize(
    "packets",
    [
        [post(READ)],
        [post(WRITE)],
        [post(WRITE)[:-9], post(WRITE)[-9:]],
        [post(UNKNOWN, "Connection: close")],
        [post(READ, path="/_rolekeeper/health")],
    ],
    ids=["read", "change", "in two parts", "the last", "another path"],
)
def test_an_answer_is_one_write(packets):
    writes = []

    class Watched(EndpointProtocol):
        def connection_made(self, transport):
            super().connection_made(Written(transport, writes))

    async def ask(reader, writer, clock):
        for packet in packets:
            writer.write(packet)
            await asyncio.sleep(0)
        head = await reader.readuntil(b"\r\n\r\n")
        return head + await reader.readexactly(int(re.search(rb"content-length: ([0-9]+)", head)[1]))

    assert [talk(ask, protocol=Watched)] == writes

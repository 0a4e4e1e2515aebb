"""Heads of requests, however they come over the wire: they mean one thing, or they are refused.

The requests are made of pieces that have broken other servers, sent through the server's own parser as bytes,
and read again by a reader that only knows lines. What is let through must be what that one has read.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
import uvicorn
from hypothesis import example, given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from rolekeeper.cli.packet import whole_request
from rolekeeper.cli.protocol import EndpointProtocol
from rolekeeper.cli.turn import Turn
from rolekeeper.errors import InvalidRequest
from rolekeeper.gateway.head import Head
from rolekeeper.wire.http import HttpRequest

EXAMPLES = settings(max_examples=5_000 if os.environ.get("RK_FUZZ") else 300, deadline=None)

METHODS = [b"PUT", b"GET", b"POST", b"DELETE", b"HEAD", b"put", b"OPTIONS", b"CONNECT", b"TRACE"]
TARGETS = [
    *(
        b"/bucket/key",
        b"/",
        b"/a%2fb",
        b"/a%2Fb",
        b"/a/../b",
        b"/a/./b",
        b"/a//b",
        b"//a",
        b"/a%252fb",
        b"/%2e%2e/b",
    ),
    *(
        b"http://other/bucket/key",
        b"https://other",
        b"//other/bucket",
        b"*",
        b"other:443",
        b"bucket/key",
        b"",
    ),
    *(
        b"/a#b",
        b"/a?b#c",
        b"/a?b?c",
        b"/a?b=%00",
        b"/a%00b",
        b"/a;b",
        b"/a\\b",
        b"/\xe9",
        b"/a b",
        b"/a\tb",
        b"/?",
    ),
    *(b"/?Action=ListUsers", b"/?X-Amz-Target=a", b"/?acl&acl", b"/a%", b"/a%zz", b"/A", b"/\x00", b"/\x7f"),
]
LINES = [
    *(
        b"Host: s3.localhost",
        b"host: s3.localhost",
        b"Host: other",
        b"Host:",
        b"Host: a, b",
        b"Host : s3.localhost",
    ),
    *(
        b"Host: s3.localhost:4566",
        b"Host: user@other",
        b"Host: other/",
        b" Host: other",
        b"X: a\r\n Host: other",
    ),
    *(
        b"Content-Length: 3",
        b"Content-Length: 0",
        b"Content-Length: 3, 3",
        b"Content-Length: +3",
        b"content-length: 4",
    ),
    *(
        b"Content-Length : 3",
        b"Content-Length: 3 ",
        b"Content-Length: 0x3",
        b"Content-Length:\t3",
        b"Content_Length: 9",
    ),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip, chunked"),
    *(
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding:\x0bchunked",
        b"TE: chunked",
    ),
    *(b"Transfer_Encoding: chunked", b"transfer-encoding: Chunked", b"Transfer-Encoding: chunked, chunked"),
    *(
        b"Expect: 100-continue",
        b"Expect: 100-Continue, x",
        b"Connection: close",
        b"Connection: content-length",
    ),
    *(
        b"Authorization: AWS4-HMAC-SHA256 Credential=a",
        b"authorization: Basic eDp5",
        b"AUTHORIZATION: AWS a:b",
    ),
    *(
        b"X-Amz-Target: A.B",
        b"x-amz-target: A.C",
        b"X-Amz-Date: 20260101T000000Z",
        b"X-Amz-Date: 20270101T000000Z",
    ),
    *(b"X-Amz-Content-Sha256: UNSIGNED-PAYLOAD", b"X-Amz-Security-Token: a", b"X-Amz-Copy-Source: /a/b"),
    *(
        b"X-HTTP-Method-Override: DELETE",
        b"X-Original-URL: /other",
        b"X-Forwarded-Host: other",
        b"Forwarded: host=o",
    ),
    *(
        b"Range: bytes=0-1",
        b"Range: bytes=2-3",
        b"Accept: a",
        b"Accept: b",
        b"Cookie: a=b",
        b"X-Amz-Meta-A: b",
    ),
    *(
        b"Upgrade: websocket",
        b"Upgrade: h2c",
        b"Content-Type: a",
        b"Content-Type: b",
        b"X\x00: y",
        b"X: \x00",
        b": x",
    ),
    *(b"NoColon", b"X: a\rb", b"X: a\nY: b", b"X: \xff", b"X: " + b"y" * 70_000, b"HTTP/1.1 GET /"),
]
BODIES = [
    b"",
    b"abc",
    b"0\r\n\r\n",
    b"3\r\nabc\r\n0\r\n\r\n",
    b"3;x=y\r\nabc\r\n0\r\nHost: other\r\n\r\n",
    b"GET /x HTTP/1.1\r\n\r\n",
]
REQUESTS = st.tuples(
    st.sampled_from(METHODS),
    st.sampled_from(TARGETS) | st.binary(max_size=12).map(lambda more: b"/" + more),
    st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.1 x", b""]),
    st.lists(st.sampled_from(LINES) | st.binary(max_size=20), max_size=5),
    st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n"]),
    st.sampled_from(BODIES),
)
LISTS = {"accept", "connection", "cookie", "forwarded", "te", "x-forwarded-for"}


class _Wire(asyncio.Transport):
    """The client's end: nobody reads what is answered."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 1), "sockname": ("127.0.0.1", 4566)})
        self._closed = False

    def write(self, data: Any) -> None: ...
    def close(self) -> None:
        self._closed = True

    def abort(self) -> None:
        self._closed = True

    def is_closing(self) -> bool:
        return self._closed

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


class _Application:
    """Notes what the server's parser has made of the bytes."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []

    def at_once(self, request: HttpRequest) -> None:
        return None

    def onward(self, request: HttpRequest, turn: Turn) -> None:
        return None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


def scopes_of(data: bytes) -> list[dict[str, Any]]:
    """What the server hands to the application for these bytes of one connection."""
    application = _Application()

    async def serve() -> None:
        configuration = uvicorn.Config(
            application,  # type: ignore[arg-type]
            http=EndpointProtocol,
            ws="none",
            log_config=None,
            log_level="critical",
            lifespan="off",
        )
        configuration.load()
        protocol = EndpointProtocol(config=configuration, server_state=ServerState(), app_state={})
        protocol.connection_made(_Wire())
        protocol.data_received(data)
        for _ in range(10):
            await asyncio.sleep(0)
        protocol.connection_lost(None)

    asyncio.run(serve())
    return application.scopes


def heads_of(data: bytes) -> list[Head]:
    """Those of the requests that are not refused."""
    found = []
    for scope in scopes_of(data):
        try:
            found.append(Head.of(scope))
        except InvalidRequest:
            continue
    return found


def by_lines(data: bytes) -> tuple[list[bytes], list[tuple[str, bytes]]]:
    """The words of a request's first line, and its headers, by a reader that only knows lines."""
    first, *lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    headers = [line.partition(b":") for line in lines]
    return first.split(b" "), [
        (name.decode("latin-1").lower(), value.strip(b" \t")) for name, _, value in headers
    ]


def request(parts: tuple[bytes, bytes, bytes, list[bytes], bytes, bytes]) -> bytes:
    method, target, version, lines, end, body = parts
    return end.join([b" ".join([method, target, version]), *lines, b"", b""]) + body


def plain_head_of(data: bytes) -> Head | None:
    """The head of a request that came in one packet, where it is let through as such."""
    whole = whole_request(data)
    if whole is None:
        return None
    (method, path, query), headers, body = whole
    asked = HttpRequest(
        method=method, path=path, query=query, headers=headers.items(), body=body, plain=True, _index=headers
    )
    try:
        return Head.plain(asked)
    except InvalidRequest:
        return None


@EXAMPLES
@given(REQUESTS)
@example((b"GET", b"/b/k", b"HTTP/1.1", [b"Host: localhost", b"X-HTTP-Method: PUT"], b"\r\n", b""))
@example((b"GET", b"/b/k?x", b"HTTP/1.1", [b"Host: localhost", b"Accept: x"], b"\r\n", b""))
@example((b"GET", b"/b/k", b"HTTP/1.1", [b"Host: local@host"], b"\r\n", b""))
def test_a_packet_that_is_a_whole_request_means_the_same_both_ways(
    parts: tuple[bytes, bytes, bytes, list[bytes], bytes, bytes],
) -> None:
    data = request(parts)
    plain = plain_head_of(data)
    if plain is None:
        return
    (other,) = heads_of(data)
    assert (plain.length, plain.waits, plain.came, other.came) == (other.length, False, True, False)
    for name in ("method", "path", "query"):
        assert getattr(plain.request, name) == getattr(other.request, name)
    assert list(plain.request.headers) == list(other.request.headers)


def test_a_whole_request_that_is_refused_the_long_way_is_refused_the_short_way() -> None:
    many = [f"x-{number}: 1" for number in range(201)]
    for line in ("X-Http-Method-Override: PUT", "X-Original-Url: /", "\r\n".join(many)):
        data = f"GET /b HTTP/1.1\r\nHost: localhost\r\n{line}\r\n\r\n".encode()
        assert whole_request(data) is not None
        assert plain_head_of(data) is None
        assert not heads_of(data)


@EXAMPLES
@given(REQUESTS)
def test_what_is_let_through_means_one_thing(
    parts: tuple[bytes, bytes, bytes, list[bytes], bytes, bytes],
) -> None:
    data = request(parts)
    heads = heads_of(data)
    if not heads:
        return
    head = heads[0]
    (method, target, *_), headers = by_lines(data)
    assert head.request.method.encode() == method
    path, _, query = target.partition(b"?")
    assert (head.request.path.encode("latin-1"), head.request.query.encode("latin-1")) == (path, query)
    assert [name for name, _ in head.request.headers] == [name for name, _ in headers]
    assert [value.encode("latin-1") for _, value in head.request.headers] == [value for _, value in headers]
    names = [name for name, _ in headers if name not in LISTS]
    assert len(names) == len(set(names))
    assert names.count("host") == 1
    assert not {"transfer-encoding", "content-length"} <= set(names)


@EXAMPLES
@given(REQUESTS)
def test_a_body_is_no_second_request_unless_it_ends_the_first(
    parts: tuple[bytes, bytes, bytes, list[bytes], bytes, bytes],
) -> None:
    """A request that is let through ends where its own length says."""
    data = request(parts)
    heads = heads_of(data)
    if not heads or heads[0].length is None:
        return
    body = data.partition(b"\r\n\r\n")[2]
    rest = body[heads[0].length :]
    following = scopes_of(data)[1:]
    if following:
        assert rest.startswith(following[0]["method"].encode())


@pytest.mark.parametrize("target", [b"http://s3.localhost/bucket/key", b"//s3.localhost/b"])
def test_a_whole_address_is_no_path(target: bytes) -> None:
    heads = heads_of(b"GET %b HTTP/1.1\r\nHost: s3.localhost\r\n\r\n" % target)
    assert [head.request.path for head in heads] == ([] if target[:1] != b"/" else ["//s3.localhost/b"])


@pytest.mark.parametrize("target", [b"/a#b", b"/a?b#c"])
def test_a_number_sign_is_in_no_target(target: bytes) -> None:
    assert heads_of(b"GET %b HTTP/1.1\r\nHost: s3.localhost\r\n\r\n" % target) == []


def test_what_follows_a_body_is_no_header() -> None:
    head = b"PUT /a HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n"
    body = b"3\r\nabc\r\n0\r\nHost: other\r\nRange: bytes=0-1\r\n\r\n"
    assert heads_of(head % b"" + body) == []
    (found,) = heads_of(head % b"Host: s3.localhost\r\n" + body)
    assert dict(found.request.headers) == {"host": "s3.localhost", "transfer-encoding": "chunked"}


def test_a_usual_request_is_let_through() -> None:
    (head,) = heads_of(b"PUT /a%2Fb/../c?x=y HTTP/1.1\r\nHost: s3.localhost\r\nContent-Length: 3\r\n\r\nabc")
    assert (head.request.path, head.request.query, head.length) == ("/a%2Fb/../c", "x=y", 3)


WIRE = st.binary(max_size=20)


@EXAMPLES
@given(st.lists(st.tuples(WIRE, WIRE), max_size=8), WIRE, WIRE, st.text(max_size=8))
def test_no_scope_makes_another_error(
    headers: list[tuple[bytes, bytes]], path: bytes, query: bytes, method: str
) -> None:
    scope = {
        "method": method,
        "raw_path": b"/" + path,
        "query_string": query,
        "headers": [(b"host", b"h"), *headers],
        "client": None,
        "scheme": "http",
    }
    try:
        head = Head.of(scope)
    except InvalidRequest:
        return
    assert all(
        name == name.lower() and not {"\r", "\n", "\0"} & {*value} for name, value in head.request.headers
    )

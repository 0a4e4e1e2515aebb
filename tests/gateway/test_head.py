"""Heads that mean one thing, and those that could mean two."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import InvalidRequest
from rolekeeper.gateway.head import MAX_HEAD, MAX_HEADERS, Head
from rolekeeper.wire.http import HttpRequest
from tests.gateway.bodies import scope

HOST = (b"host", b"bucket.s3.localhost:4566")


def head(*headers: tuple[bytes, bytes], **changes: Any) -> Head:
    request = HttpRequest(method="PUT", path="/a%20b", query="x=%2f&y")
    return Head.of(scope(request, headers=[*headers], **changes))


def refused(*headers: tuple[bytes, bytes], **changes: Any) -> str:
    with pytest.raises(InvalidRequest) as error:
        head(*headers, **changes)
    return error.value.message


def test_what_came_is_kept_as_it_came() -> None:
    found = head(HOST, (b"content-length", b"12"), (b"x-amz-meta-a", "é".encode()))
    assert (found.request.method, found.request.path, found.request.query) == ("PUT", "/a%20b", "x=%2f&y")
    assert found.index["x-amz-meta-a"] == "Ã©"  # Latin-1, as it is signed
    assert (found.length, found.waits) == (12, False)
    assert (found.request.source_ip, found.request.secure, found.request.body) == ("192.0.2.1", True, b"")


def test_how_the_body_comes() -> None:
    assert head(HOST).length == 0
    assert head(HOST, (b"transfer-encoding", b"chunked")).length is None
    assert head(HOST, (b"expect", b"100-Continue")).waits


@pytest.mark.parametrize(
    "name",
    [
        b"host",
        b"content-length",
        b"content-type",
        b"authorization",
        b"x-amz-target",
        b"x-amz-date",
        b"x-amz-security-token",
        b"x-amz-content-sha256",
        b"x-amz-copy-source",
        b"x-amz-meta-a",
        b"range",
        b"transfer-encoding",
        b"expect",
    ],
)
@pytest.mark.parametrize("same", [True, False])
def test_what_stands_twice(name: bytes, same: bool) -> None:
    message = refused(HOST, (name, b"1"), (name, b"1" if same else b"2"))
    assert message == f"The header {name.decode()} stands in the request more than once."


def test_lists_may_stand_twice() -> None:
    assert head(HOST, (b"accept", b"a"), (b"accept", b"b")).index["accept"] == "a,b"


@pytest.mark.parametrize(
    "headers",
    [
        [(b"transfer-encoding", b"chunked"), (b"content-length", b"3")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"identity")],
        [(b"transfer-encoding", b"xchunked")],
        [(b"transfer-encoding", b"")],
        [(b"content-length", b"")],
        [(b"content-length", b"+3")],
        [(b"content-length", b"-3")],
        [(b"content-length", b"3,3")],
        [(b"content-length", b"0x3")],
        [(b"content-length", b" 3")],
        [(b"content-length", b"3\xa0")],
        [(b"content-length", b"9" * 19)],
        [(b"expect", b"200-ok")],
    ],
)
def test_lengths_that_could_be_two(headers: list[tuple[bytes, bytes]]) -> None:
    refused(HOST, *headers)


@pytest.mark.parametrize(
    "host",
    [b"", b"a,b", b"a b", b"user@host", b"http://host/", b"host/path", b"h\xc3\xb6st", b"a" * 256, b"a?b"],
)
def test_hosts_that_are_none(host: bytes) -> None:
    refused((b"host", host))
    refused()


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"*",
        b"a",
        b"http://other/",
        b"/a#b",
        b"/a?b",
        b"/a b",
        b"/a\0b",
        b"/a\r\nb",
        b"/\x7f",
        b"/\xe9",
        b"//\t",
    ],
)
def test_paths_that_are_none(path: bytes) -> None:
    refused(HOST, raw_path=path)


@pytest.mark.parametrize("query", [b"a#b", b"a b", b"a\0", b"\r\n", b"\xe9"])
def test_query_strings_that_are_none(query: bytes) -> None:
    refused(HOST, query_string=query)


@pytest.mark.parametrize("method", ["", "get", "GET ", "G", "GET\r\n", "POSTPOSTPOSTPOST"])
def test_methods_that_are_none(method: str) -> None:
    refused(HOST, method=method)


@pytest.mark.parametrize(
    "header",
    [
        (b"", b"x"),
        (b"a b", b"x"),
        (b"a:", b"x"),
        (b"X-Amz-Date", b"x"),
        (b"a\0", b"x"),
        (b"a", b"x\0"),
        (b"a", b"x\r\ny: z"),
        (b"a", b"x\ny"),
        (b"a", b"\x1b"),
        (b"a", b"\x7f"),
        (b"x-http-method-override", b"GET"),
        (b"x-original-url", b"/"),
    ],
)
def test_headers_that_are_none(header: tuple[bytes, bytes]) -> None:
    refused(HOST, header)


def test_a_head_has_bounds() -> None:
    many = [(b"x-%d" % at, b"") for at in range(MAX_HEADERS)]
    head(HOST, *many[1:])
    assert refused(HOST, *many) == "The request has too many headers."
    assert refused(HOST, (b"a", b"x" * MAX_HEAD)) == "The head of the request is too long."
    assert refused(HOST, raw_path=b"/" + b"x" * MAX_HEAD) == "The head of the request is too long."

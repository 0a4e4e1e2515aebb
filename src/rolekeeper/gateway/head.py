"""The head of a request: its line and its headers, as they came, where they can mean one thing only.

The rule of this file: what two readers could read in two ways is refused, before anybody asks who calls. It
is not forwarded either way (what goes on is written anew), but what is signed, decided and done must be one
request.
Sources: RFC 9110, 5.3 and 10.1.1; RFC 9112, 3.2, 6 and 11.2.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from typing import Any

import msgspec

from rolekeeper.errors import InvalidRequest
from rolekeeper.wire.http import HttpRequest

__all__ = ["Head"]

MAX_HEAD = 64 << 10
"""Bytes of the path, the query string and the headers together."""
MAX_HEADERS = 200

_PATH = re.compile(rb"/[!-\"$->@-~]*")  # visible ASCII, but `#` and `?`
_QUERY = re.compile(rb"[!-\"$-~]*")
_METHOD = re.compile(r"[A-Z]{3,10}")
_NAMES = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z\n]*")
_VALUES = re.compile(rb"[\t -~\x80-\xff\n]*")
_LENGTH = re.compile(r"[0-9]{1,18}")
_HOST = re.compile(r"[A-Za-z0-9._~\-\[\]:]{1,255}")

_LISTS = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "cache-control",
        "connection",
        "cookie",
        "forwarded",
        "te",
        "via",
        "x-forwarded-for",
    }
)
"""Headers that may stand more than once: RFC 9110 has them as lists, and nothing is decided by them."""

_OVERRIDES = frozenset({"x-http-method", "x-http-method-override", "x-method-override", "x-original-url"})
"""What some servers take for the method or the path in the place of those in the first line."""


class Head(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One request without its body."""

    request: HttpRequest
    """With an empty body, if it did not come with it; path and query string are as they were on the wire."""
    length: int | None
    """Of the body as it comes; None where it comes in HTTP's chunks."""
    waits: bool
    """The client waits for a word before it sends the body. Nothing has to be done: it gets it when the body
    is first asked for."""
    came: bool = False
    """The body came with the head, and the request has it."""

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> Head:
        """The head in an ASGI scope, which may have the target of the first line as it came besides.
        InvalidRequest where it has no one meaning."""
        headers, length = _headers(scope["headers"])
        path: bytes = scope["raw_path"]
        query: bytes = scope["query_string"]
        if len(path) + len(query) + length > MAX_HEAD:
            raise InvalidRequest("The head of the request is too long.")
        if not _METHOD.fullmatch(scope["method"]):
            raise InvalidRequest("The request's method is none.")
        target: bytes = scope.get("target", path)
        if target[:1] != b"/" or b"#" in target:
            raise InvalidRequest("The request's target must be a path, as it is signed.")
        if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
            raise InvalidRequest("The request's path and query string must be of visible ASCII characters.")
        client = scope["client"]
        request = HttpRequest(
            method=scope["method"],
            path=path.decode("latin-1"),
            query=query.decode("latin-1"),
            headers=headers,
            source_ip=client[0] if client else "127.0.0.1",
            secure=scope["scheme"] == "https",
        )
        index = request.index
        _check_host(index)
        return cls(request=request, length=_length(index), waits=_waits(index))

    @classmethod
    def plain(cls, request: HttpRequest) -> Head:
        """The head of a request that came whole, each header once and on one line; InvalidRequest."""
        index = request.index
        if len(index) > MAX_HEADERS:
            raise InvalidRequest("The request has too many headers.")
        if not _OVERRIDES.isdisjoint(index):
            raise _overriding(index)
        _check_host(index)
        return cls(request=request, length=len(request.body), waits=False, came=True)

    @property
    def index(self) -> Mapping[str, str]:
        """The headers by lower-case name."""
        return self.request.index


def _headers(raw: Collection[tuple[bytes, bytes]]) -> tuple[list[tuple[str, str]], int]:
    """The headers, and their length. All are looked at together: a line feed is between them, and can be in
    none."""
    if len(raw) > MAX_HEADERS:
        raise InvalidRequest("The request has too many headers.")
    names, of_names = _texts([name for name, _ in raw], _NAMES)
    values, of_values = _texts([value for _, value in raw], _VALUES)
    own = set(names)
    if "" in own:
        raise InvalidRequest("A header has no name.")
    if len(own) < len(names):
        name = next((name for name in names if names.count(name) > 1 and name not in _LISTS), None)
        if name is not None:
            raise InvalidRequest(f"The header {name[:64]} stands in the request more than once.")
    if not _OVERRIDES.isdisjoint(own):
        raise _overriding(own)
    return list(zip(names, values, strict=True)), of_names + of_values


def _overriding(names: Iterable[str]) -> InvalidRequest:
    return InvalidRequest(f"The header {min(_OVERRIDES.intersection(names))} is not implemented.")


def _texts(raw: list[bytes], form: re.Pattern[bytes]) -> tuple[list[str], int]:
    together = b"\n".join(raw)
    between = max(0, len(raw) - 1)
    if not form.fullmatch(together) or together.count(b"\n") != between:
        raise InvalidRequest("A header has a character that none may have.")
    return together.decode("latin-1").split("\n") if raw else [], len(together) - between


def _check_host(index: Mapping[str, str]) -> None:
    host = index.get("host")
    if host is None or not _HOST.fullmatch(host):
        raise InvalidRequest("The request must name its host, and in one way only.")


def _length(index: Mapping[str, str]) -> int | None:
    coding, length = index.get("transfer-encoding"), index.get("content-length")
    if coding is not None:
        if length is not None:
            raise InvalidRequest("The request has both Transfer-Encoding and Content-Length.")
        if coding.strip().lower() != "chunked":
            raise InvalidRequest("A header you provided implies functionality that is not implemented.")
        return None
    if length is None:
        return 0
    if not _LENGTH.fullmatch(length):
        raise InvalidRequest("The request's Content-Length is no number.")
    return int(length)


def _waits(index: Mapping[str, str]) -> bool:
    expected = index.get("expect")
    if expected is None:
        return False
    if expected.strip().lower() != "100-continue":
        raise InvalidRequest("The request expects what is not implemented.")
    return True

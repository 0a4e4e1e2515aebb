"""A packet that is one whole request, as AWS clients send nearly all of theirs, read in one go.

The rule of this file: in doubt it is None, and the HTTP server's own parser reads the packet. What is read
here is what that parser would read: a path in visible ASCII, one header a line, each once, in printable
ASCII, with one space behind the colon and no white space around the value; a length that is exactly that of
the rest; and nothing that changes how a message is framed or a connection is used.
Source: RFC 9112, sections 2 to 6.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["may_be_short", "whole_request"]

_LINE = re.compile(rb"(GET|HEAD|POST|PUT|DELETE) (/[!-\"$->@-~]*)(?:\?([!-\"$-~]*))? HTTP/1\.1")
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
_PRINTABLE = bytes(range(0x20, 0x7F))
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+\-.^_`|~]+")
_FRAMING = frozenset({"expect", "te", "trailer", "transfer-encoding", "upgrade"})
KEPT = "keep-alive"
MAX_HEAD = 16 << 10
"""Bytes of a head that is read here: one with a session token in it takes two or three thousand."""

_SAME = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "amz-sdk-request", "connection", "content-length"),
        *("content-type", "host", "user-agent", "x-amz-content-sha256", "x-amz-date", "x-amz-target"),
    }
)
"""Headers that a client's requests have alike, and that hold no secret: their lines alone are remembered."""
_MOST_LINES, _LONGEST_LINE = 4096, 512


_Line = tuple[str, str, str]
"""The method, the path and the query string."""

_USUAL = b"POST / HTTP/1.1"
_SIGNED = b": AWS4-HMAC-SHA256 "
_USUALLY: _Line = ("POST", "/", "")


def may_be_short(data: bytes) -> bool:
    """Whether it is worth while to read a packet here: what nobody has signed, and is no POST to `/`, is read
    by the server's own parser in any case."""
    return data.startswith(_USUAL) or data.find(_SIGNED, 0, MAX_HEAD) >= 0


def whole_request(data: bytes) -> tuple[_Line, dict[str, str], bytes] | None:
    """The first line, the headers by lower-case name, and the body; None where the packet is no whole one."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    first = _USUALLY if lines[0] == _USUAL else _line(lines[0])
    if first is None or len(head) > MAX_HEAD:
        return None
    headers = {}
    known = _lines
    for line in lines[1:]:
        header = known.get(line) or _header(line)
        if header is None:
            return None
        headers[header[0]] = header[1]
    if len(headers) != len(lines) - 1 or "host" not in headers:
        return None
    length = headers.get("content-length")
    if length is None and first[0] in _WITHOUT_BODY:
        length = "0"
    if length != str(len(body)) or headers.get("connection", KEPT).lower() != KEPT:
        return None
    return first, headers, body


def _line(line: bytes) -> _Line | None:
    """The first line, which is remembered nowhere: a query string may hold secrets."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    method, path, query = found.groups()
    return method.decode("latin-1"), path.decode("latin-1"), (query or b"").decode("latin-1")


_lines: dict[bytes, tuple[str, str]] = {}  # a client sends the same lines all day


def _header(line: bytes) -> tuple[str, str] | None:
    given, _, value = line.decode("latin-1").partition(": ")
    name = _name(given)
    if name is None or value.strip() != value or not value or line.translate(None, _PRINTABLE):
        return None
    if name in _SAME and len(line) <= _LONGEST_LINE:
        if len(_lines) >= _MOST_LINES:
            _lines.clear()
        _lines[line] = name, value
    return name, value


@lru_cache(maxsize=1024)
def _name(given: str) -> str | None:
    """The name of a header; None where it has a say in how a message is framed, or is no name."""
    name = given.lower()
    return name if name not in _FRAMING and _TOKEN.fullmatch(name) else None

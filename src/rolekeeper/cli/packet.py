"""A packet that is one whole request, as AWS clients send nearly all of theirs, read in one go.

The rule of this file: in doubt it is None, and the HTTP server's own parser reads the packet. What is read
here is what that parser would read: `POST /` with one header a line, each once, in printable ASCII, with one
space behind the colon and no white space around the value; a length that is exactly that of the rest; and
nothing that changes how a message is framed or a connection is used.
Source: RFC 9112, sections 2 to 6.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["whole_request"]

_START = b"POST / HTTP/1.1\r\n"
_PRINTABLE = bytes(range(0x20, 0x7F))
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+\-.^_`|~]+")
_FRAMING = frozenset({"expect", "te", "trailer", "transfer-encoding", "upgrade"})
_NEEDED = frozenset({"content-length", "host"})
KEPT = "keep-alive"
MAX_HEAD = 16 << 10
"""Bytes of a head that is read here: one with a session token in it takes two or three thousand."""


def whole_request(data: bytes) -> tuple[dict[str, str], bytes] | None:
    """The headers, by lower-case name, and the body; None where the packet is anything else than that."""
    if not data.startswith(_START):
        return None
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head[len(_START) :].decode("latin-1").split("\r\n")
    # What is left without the printable characters is the ends of the lines, and not one byte more.
    if len(head) > MAX_HEAD or head.translate(None, _PRINTABLE) != b"\r\n" * len(lines):
        return None
    try:
        given = dict([line.split(": ", 1) for line in lines])
    except ValueError:
        return None
    names = _names(tuple(given))
    if names is None or len(names) != len(lines):
        return None
    values = tuple(given.values())
    if tuple(map(str.strip, values)) != values or "" in values:
        return None
    headers = dict(zip(names, values, strict=True))
    if headers["content-length"] != str(len(body)) or headers.get("connection", KEPT).lower() != KEPT:
        return None
    return headers, body


@lru_cache(maxsize=1024)  # a client sends the same headers all day
def _names(given: tuple[str, ...]) -> tuple[str, ...] | None:
    names = tuple([name.lower() for name in given])
    if len(set(names)) != len(names) or not _NEEDED.issubset(names) or not _FRAMING.isdisjoint(names):
        return None
    return names if all(map(_TOKEN.fullmatch, names)) else None

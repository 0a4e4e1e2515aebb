"""CBOR: bytes to values and back.

The rule of this file: one item and nothing behind it, maps whose keys are texts, each once, and nothing
nested too deeply; lengths may be indefinite, as some clients send them. A moment is seconds with tag 1; other
tags are refused. What is written has definite lengths and the shortest heads.
Source: RFC 8949, 3 and 4.2.1; the "Smithy RPC v2 CBOR protocol" page of the Smithy specification.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rolekeeper.errors import Serialization
from rolekeeper.wire.reading import scalars

__all__ = ["MOST_DEEP", "Single", "decode", "encode"]

MOST_DEEP: Final = 128
"""Maps and lists within each other."""

_SIZES: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE: Final = {20: False, 21: True, 22: None, 23: None}
_INDEFINITE: Final = 31
_BREAK: Final = 0xFF


class Single(float):
    """A number that is written in 32 bits."""


def decode(body: bytes) -> Any:
    """The value in a body, an empty map where there is none; Serialization where it is no such CBOR."""
    if not body:
        return {}
    try:
        value, end = _item(body, 0, 0)
    except (IndexError, struct.error, UnicodeDecodeError, ValueError, OverflowError, OSError):
        raise _malformed() from None
    if end != len(body):
        raise _malformed()
    return value


def encode(value: Any) -> bytes:
    """The bytes of a value; Serialization for text that has none (half of a surrogate pair)."""
    written = bytearray()
    try:
        _write(value, written)
    except (UnicodeEncodeError, RecursionError, OverflowError, struct.error):
        raise Serialization("The body of the request has what cannot be CBOR") from None
    return bytes(written)


# -- bytes to values ------------------------------------------------------------------------------


def _malformed() -> Serialization:
    return Serialization("The body of the request is not CBOR")


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    kind, size = data[at] >> 5, data[at] & 31
    if depth > MOST_DEEP:
        raise Serialization("The body of the request is nested too deeply")
    if kind == 7:
        return _simple(data, at, size)
    if size == _INDEFINITE:
        return _indefinite(data, at + 1, kind, depth)
    count, at = _count(data, at, size)
    if kind == 0:
        return count, at
    if kind == 1:
        return -1 - count, at
    if kind in (2, 3):
        if count > len(data) - at:
            raise _malformed()
        part = data[at : at + count]
        return (part if kind == 2 else part.decode()), at + count
    if kind == 4:
        return _list(data, at, count, depth)
    if kind == 5:
        return _map(data, at, count, depth)
    if count != 1:
        raise Serialization("The body of the request has a tag that is not known")
    value, at = _item(data, at, depth + 1)
    return scalars.moment_of(value), at


def _count(data: bytes, at: int, size: int) -> tuple[int, int]:
    if size < 24:
        return size, at + 1
    width = _SIZES.get(size)
    if width is None or at + 1 + width > len(data):
        raise _malformed()
    return int.from_bytes(data[at + 1 : at + 1 + width], "big"), at + 1 + width


def _simple(data: bytes, at: int, size: int) -> tuple[Any, int]:
    if size in _SIMPLE:
        return _SIMPLE[size], at + 1
    form = _FLOATS.get(size)
    if form is None:
        raise _malformed()
    (value,) = struct.unpack_from(form, data, at + 1)
    return value, at + 1 + struct.calcsize(form)


def _list(data: bytes, at: int, count: int | None, depth: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    if count is not None and count > len(data) - at:
        raise _malformed()
    while count is None or len(values) < count:
        if count is None and data[at] == _BREAK:
            return values, at + 1
        value, at = _item(data, at, depth + 1)
        values.append(value)
    return values, at


def _map(data: bytes, at: int, count: int | None, depth: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    while count is None or len(values) < count:
        if count is None and data[at] == _BREAK:
            return values, at + 1
        key, at = _item(data, at, depth + 1)
        if not isinstance(key, str) or key in values:
            raise Serialization("A map in the body of the request has a key twice, or one that is no text")
        values[key], at = _item(data, at, depth + 1)
    return values, at


def _indefinite(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind == 4:
        return _list(data, at, None, depth)
    if kind == 5:
        return _map(data, at, None, depth)
    if kind not in (2, 3):
        raise _malformed()
    parts = []
    while data[at] != _BREAK:
        if data[at] >> 5 != kind or data[at] & 31 == _INDEFINITE:
            raise _malformed()
        part, at = _item(data, at, depth + 1)
        parts.append(part)
    return (b"" if kind == 2 else "").join(parts), at + 1


# -- values to bytes ------------------------------------------------------------------------------


def _head(kind: int, count: int, into: bytearray) -> None:
    if count < 24:
        into.append(kind << 5 | count)
        return
    size, width = next((size, width) for size, width in _SIZES.items() if count < 1 << 8 * width)
    into.append(kind << 5 | size)
    into += count.to_bytes(width, "big")


def _write(value: Any, into: bytearray) -> None:
    if isinstance(value, str):
        encoded = value.encode()
        _head(3, len(encoded), into)
        into += encoded
    elif isinstance(value, Mapping):
        _head(5, len(value), into)
        for key, each in value.items():
            _write(key, into)
            _write(each, into)
    elif isinstance(value, bool):
        into.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        _head(0 if value >= 0 else 1, value if value >= 0 else -1 - value, into)
    else:
        _write_other(value, into)


def _write_other(value: Any, into: bytearray) -> None:
    if isinstance(value, list):
        _head(4, len(value), into)
        for each in value:
            _write(each, into)
    elif isinstance(value, bytes):
        _head(2, len(value), into)
        into += value
    elif isinstance(value, float):
        if not math.isfinite(value):
            into += b"\xf9" + struct.pack(">e", value)
        elif isinstance(value, Single):
            into += b"\xfa" + struct.pack(">f", value)
        else:
            into += b"\xfb" + struct.pack(">d", value)
    elif isinstance(value, datetime):
        into.append(0xC1)
        _write(scalars.seconds(value), into)
    else:
        into.append(0xF6)

"""JSON bodies: one closure for each type from a decoded value to a member, and one back.

The rule of this file: a body is one object in UTF-8 in which no key stands twice; of it, what the model knows
is read, and nothing else is written. A value of another type is a SerializationException; whether it
satisfies the model's constraints is asked by what stands behind.
Source: the "AWS JSON 1.1 protocol" page of the Smithy specification; RFC 8259.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable
from typing import Any, Final

import msgspec

from rolekeeper.errors import Serialization
from rolekeeper.wire.model import Shape
from rolekeeper.wire.reading import scalars
from rolekeeper.wire.reading.types import same

__all__ = ["apply", "decode", "encode", "make_reader", "make_writer", "too_deep"]

Convert = Callable[[Any], Any]
Of = Callable[[Shape], Convert]


def decode(body: bytes) -> Any:
    """The value in a body, an empty object where there is none; Serialization where it is no such JSON."""
    if not body:
        return {}
    try:
        return _decoder.decode(body.decode())
    except ValueError:
        raise Serialization("The body of the request is not JSON") from None
    except RecursionError:
        raise too_deep() from None


def encode(value: Any) -> bytes:
    """The one text of a value; Serialization for what has none (half of a surrogate pair)."""
    try:
        return _encode(value)
    except (ValueError, OverflowError, TypeError, RecursionError):
        raise Serialization("The body of the request has what cannot be JSON") from None


def apply(convert: Convert, value: Any) -> Any:
    """A value converted; Serialization where it has more levels than Python's stack, some hundreds."""
    try:
        return convert(value)
    except RecursionError:
        raise too_deep() from None


def too_deep() -> Serialization:
    """The error of what is nested without an end in sight."""
    return Serialization("The body of the request is nested too deeply")


def make_reader(shape: Shape, of: Of) -> Convert:
    """What reads a value of that type."""
    if shape.is_document:
        return same
    if shape.type == "structure":
        return _structure(shape, of)
    if shape.type == "list":
        return _list(of(shape.element))
    if shape.type == "map":
        return _map(shape, of(shape.value))
    return _READ[shape.type]


def make_writer(shape: Shape, of: Of) -> Convert:
    """What makes JSON of a member of that type; `same` where there is nothing to do."""
    if shape.is_document:
        return same
    if shape.type == "structure":
        return _written_structure(shape, of)
    if shape.type == "list":
        element = of(shape.element)
        return same if element is same else lambda value: [element(each) for each in value]
    if shape.type == "map":
        inner = of(shape.value)
        return same if inner is same else lambda value: {key: inner(each) for key, each in value.items()}
    if shape.type == "timestamp":
        kind = (shape.timestamp_format or "unixTimestamp").lower()
        return scalars.seconds if kind == "unixtimestamp" else scalars.writer(shape, kind)
    return _WRITE.get(shape.type, same)


# -- in -------------------------------------------------------------------------------------------


def _structure(shape: Shape, of: Of) -> Convert:
    members = {member.own_name: (member.name, of(member.shape)) for member in shape.members}

    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _wrong(value, "an object")
        found = {}
        for key, given in value.items():
            member = members.get(key)
            if member is not None and given is not None:
                found[member[0]] = member[1](given)
        return found

    return read


def _list(element: Convert) -> Convert:
    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _wrong(value, "a list")
        return [element(each) for each in value]

    return read


def _map(shape: Shape, inner: Convert) -> Convert:
    def read(value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise _wrong(value, "an object")
        return {key: inner(each) for key, each in value.items()}

    return read


def _string(value: Any) -> str:
    if type(value) is not str:
        raise _wrong(value, "a text")
    return value


def _boolean(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise _wrong(value, "true or false")


def _integer(value: Any) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise _wrong(value, "a whole number")
    return value


def _number(value: Any) -> float:
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if type(value) not in (int, float) or not -_LARGEST <= value <= _LARGEST:
        raise _wrong(value, "a number")
    return value  # type: ignore[no-any-return]


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise _wrong(value, "a text in Base64") from None


def _moment(value: Any) -> Any:
    try:
        return scalars.moment_of(value)
    except (ValueError, OverflowError, OSError):
        raise _wrong(value, "a moment") from None


_LARGEST = 1.7976931348623157e308
_READ: Final = {
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _number,
    "double": _number,
    "blob": _blob,
    "timestamp": _moment,
}


def _wrong(value: Any, wanted: str) -> Serialization:
    kind = {dict: "An object", list: "A list", str: "A text", bool: "True or false"}
    given = "Null" if value is None else kind.get(type(value), "A number")
    return Serialization(f"{given} was found where {wanted} was expected")


# -- out ------------------------------------------------------------------------------------------


def _written_structure(shape: Shape, of: Of) -> Convert:
    members = {member.name: (member.own_name, of(member.shape)) for member in shape.members}
    if all(name == own and convert is same for name, (own, convert) in members.items()):
        return same

    def write(value: dict[str, Any]) -> dict[str, Any]:
        written = {}
        for name, given in value.items():
            own, convert = members[name]
            written[own] = convert(given)
        return written

    return write


def _write_number(value: float) -> Any:
    return value if math.isfinite(value) else scalars.special(value)


def _write_blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_WRITE: Final[dict[str, Convert]] = {
    "blob": _write_blob,
    "float": _write_number,
    "double": _write_number,
}


# -- the text -------------------------------------------------------------------------------------


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Serialization("An object in the body of the request has a key more than once")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)
_encode = msgspec.json.Encoder().encode

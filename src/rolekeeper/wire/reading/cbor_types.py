"""The members of a type in CBOR's values: one closure for each type from a value to a member, and one back.

The rule of this file is that of `json`: what the model knows is read, and nothing else is written; a value of
another type is a SerializationException.
Source: the "Smithy RPC v2 CBOR protocol" page of the Smithy specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from rolekeeper.errors import Serialization
from rolekeeper.wire.model import Shape
from rolekeeper.wire.reading import scalars
from rolekeeper.wire.reading.cbor import Single
from rolekeeper.wire.reading.types import same

__all__ = ["make_reader", "make_writer"]

Convert = Callable[[Any], Any]
Of = Callable[[Shape], Convert]


def make_reader(shape: Shape, of: Of) -> Convert:
    """What reads a value of that type."""
    if shape.is_document:
        return same
    if shape.type == "structure":
        return _structure(shape, of)
    if shape.type == "list":
        element = of(shape.element)
        return lambda value: [element(each) for each in _a(list, value)]
    if shape.type == "map":
        inner = of(shape.value)
        return lambda value: {key: inner(each) for key, each in _a(dict, value).items()}
    return _SCALARS[shape.type]


def make_writer(shape: Shape, of: Of) -> Convert:
    """What makes a member of that type ready to be written."""
    if shape.type == "structure" and not shape.is_document:
        members = {member.name: (member.own_name, of(member.shape)) for member in shape.members}
        return lambda value: {members[name][0]: members[name][1](each) for name, each in value.items()}
    if shape.type == "list":
        element = of(shape.element)
        return lambda value: [element(each) for each in value]
    if shape.type == "map":
        inner = of(shape.value)
        return lambda value: {key: inner(each) for key, each in value.items()}
    return Single if shape.type == "float" else float if shape.type == "double" else same


def _structure(shape: Shape, of: Of) -> Convert:
    members = {member.own_name: (member.name, of(member.shape)) for member in shape.members}

    def read(value: Any) -> dict[str, Any]:
        found = {}
        for key, given in _a(dict, value).items():
            member = members.get(key)
            if member is not None and given is not None:
                found[member[0]] = member[1](given)
        return found

    return read


def _a(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise Serialization("The body of the request has a value that is not of its type")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise Serialization("The body of the request has a value that is no whole number of 64 bits")
    return value


def _float(value: Any) -> float:
    if type(value) not in (int, float):
        raise Serialization("The body of the request has a value that is no number")
    return float(value)


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return scalars.moment_of(_float(value))
    except (ValueError, OverflowError, OSError):
        raise Serialization("The body of the request has a value that is no moment") from None


_SCALARS: Final[Mapping[str, Convert]] = {
    "string": lambda value: _a(str, value),
    "boolean": lambda value: _a(bool, value),
    "blob": lambda value: _a(bytes, value),
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "timestamp": _moment,
}

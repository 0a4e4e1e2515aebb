"""The JSON protocol of AWS Organizations and its like: a JSON object in, a JSON object out.

The operation's name is in the header `x-amz-target`, behind the service's own. Each type of a model becomes
one closure from a decoded value to a checked one, and one from a result to what is encoded. Members that the
model does not have are ignored, as AWS does; a value of the wrong type is a SerializationException at once,
and constraints that are not satisfied are told together.
Source: the "AWS JSON 1.1 protocol" page of the Smithy specification.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec

from rolekeeper.errors import AwsError, Serialization
from rolekeeper.wire import moments
from rolekeeper.wire.constraints import MUST_NOT_BE_NULL, Violations, check_size, check_text, violation
from rolekeeper.wire.model import Member, OperationModel, Service, Shape

__all__ = ["content_type", "decode", "error_code", "error_document", "input_parser", "output_writer", "shown"]

Reader = Callable[[Any, str, Violations], Any]
"""(decoded value, path, violations) -> value."""

_encode = msgspec.json.Encoder().encode

_CODES: Final = {
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "ExpiredToken": "ExpiredTokenException",
    "AccessDenied": "AccessDeniedException",
    "InvalidAction": "UnknownOperationException",
    "MalformedInput": "SerializationException",
    "ValidationError": "ValidationException",
    "Throttling": "ThrottlingException",
    "ServiceFailure": "InternalFailure",
}
"""What errors that any service may answer are called in this protocol."""


def content_type(service: Service) -> str:
    """What a request and its answer say that they are."""
    return f"application/x-amz-json-{service.json_version}"


def error_document(error: AwsError) -> bytes:
    """The JSON of an error, with what its class says besides code and text."""
    body = {"__type": error_code(error), "message": error.message, "Message": error.message}
    return _encode(body | dict(error.details))


def error_code(error: AwsError) -> str:
    """What an error is called in the protocols of JSON."""
    return _CODES.get(error.code, error.code)


def status_of(error: AwsError) -> int:
    """The HTTP status of an error: in this protocol whatever the sender did is a 400."""
    return 400 if error.fault == "Sender" else error.status


# -- input ----------------------------------------------------------------------------------------


@cache
def input_parser(operation: OperationModel) -> Callable[[bytes], tuple[dict[str, Any], Violations]]:
    """The parser of one operation's body, compiled once: the members by the model's names, and what is wrong
    with them in AWS's words. Serialization where it is no such object at all."""
    read = structure(operation.input) if operation.input is not None else _no_members

    def parse(body: bytes) -> tuple[dict[str, Any], Violations]:
        found: Violations = []
        return read(decode(body), "", found), found

    return parse


def decode(body: bytes) -> Any:
    """The value in a body, an empty object where there is none; Serialization where it is no JSON."""
    try:
        return msgspec.json.decode(body) if body else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Serialization("The body of the request is not JSON") from None


def _no_members(value: Any, path: str, found: Violations) -> dict[str, Any]:
    return {}


def structure(shape: Shape, own: Sequence[Member] | None = None) -> Reader:
    """The reader of a structure; of some of its members only, where `own` names them."""
    listed = shape.members if own is None else own
    members = {member.wire_name: (member.name, label(member.name), member.shape) for member in listed}
    required = tuple(member.name for member in listed if member.name in shape.required)
    readers: dict[str, Reader] = {}  # made when they are first used: a shape may contain itself

    def read(value: Any, path: str, found: Violations) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(path, "an object")
        values: dict[str, Any] = {}
        for wire_name, (name, called, inner) in members.items():
            given = value.get(wire_name)
            if given is not None:
                reader = readers.get(wire_name) or readers.setdefault(wire_name, _reader(inner))
                values[name] = reader(given, path + called, found)
        for name in required:
            if name not in values:
                found.append(violation("null", path + label(name), MUST_NOT_BE_NULL))
        return values

    return read


def _list(shape: Shape) -> Reader:
    read_element, check = _reader(shape.element), check_size(shape)

    def read(value: Any, path: str, found: Violations) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong(path, "a list")
        found.extend(violation(None, path, rule) for rule in check(len(value)))
        return [read_element(each, f"{path}.{number}.member", found) for number, each in enumerate(value, 1)]

    return read


def _map(shape: Shape) -> Reader:
    read_key, read_value, check = _reader(shape.key), _reader(shape.value), check_size(shape)

    def read(value: Any, path: str, found: Violations) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong(path, "an object")
        found.extend(violation(None, path, rule) for rule in check(len(value)))
        return {
            read_key(key, f"{path}.key", found): read_value(each, f"{path}.value", found)
            for key, each in value.items()
        }

    return read


def _reader(shape: Shape) -> Reader:
    if shape.is_document:
        return lambda value, path, found: value
    if shape.type == "structure":
        return _inner(shape)
    if shape.type == "list":
        return _list(shape)
    return _map(shape) if shape.type == "map" else _scalar(shape)


def _inner(shape: Shape) -> Reader:
    read = structure(shape)
    return lambda value, path, found: read(value, path + ".", found)


def _scalar(shape: Shape) -> Reader:
    if shape.type == "string":
        return string(shape)
    if shape.type == "timestamp":
        return _moment(shape)
    convert, words = _SCALARS[shape.type]
    check, is_blob = check_size(shape), shape.type == "blob"

    def read(value: Any, path: str, found: Violations) -> Any:
        try:
            converted = convert(value)
        except (ValueError, TypeError, OverflowError):
            raise _wrong(path, words) from None
        if not isinstance(converted, bool):
            size = len(converted) if is_blob else converted
            found.extend(violation(None, path, rule) for rule in check(size))
        return converted

    return read


def _moment(shape: Shape) -> Reader:
    convert = moments.READ[shape.timestamp_format or "unixTimestamp"]
    words = "a number of seconds" if shape.timestamp_format in (None, "unixTimestamp") else "a moment in time"

    def read(value: Any, path: str, found: Violations) -> datetime:
        try:
            return convert(value)
        except (ValueError, OverflowError, OSError):
            raise _wrong(path, words) from None

    return read


def string(shape: Shape) -> Reader:
    """The reader of a text with its constraints."""
    check, sensitive = check_text(shape), shape.sensitive

    def read(value: Any, path: str, found: Violations) -> str:
        if not isinstance(value, str):
            raise _wrong(path, "a string")
        for rule in check(value):
            found.append(violation(None if sensitive else f"'{value}'", path, rule))
        return value

    return read


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 63:
        raise ValueError
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError from None


_SCALARS: Final[Mapping[str, tuple[Callable[[Any], Any], str]]] = {
    "boolean": (_boolean, "true or false"),
    "integer": (_integer, "a whole number"),
    "long": (_integer, "a whole number"),
    "float": (_float, "a number"),
    "double": (_float, "a number"),
    "blob": (_blob, "a text in Base64"),
}


def _wrong(path: str, words: str) -> Serialization:
    return Serialization(f"The value at '{path.strip('.') or 'the body'}' must be {words}")


def label(name: str) -> str:
    """What a member is called where it is at fault."""
    return name[:1].lower() + name[1:]


# -- output ---------------------------------------------------------------------------------------


@cache
def output_writer(operation: OperationModel) -> Callable[[Mapping[str, Any]], bytes]:
    """The writer of one operation's answer, compiled once; ValueError for what the model does not have."""
    if operation.output is None:
        return _nothing
    show = shown(operation.output)
    return lambda result: _encode(show(result))


def _nothing(result: Mapping[str, Any]) -> bytes:
    if result:
        raise ValueError(f"the operation has no output, and its result has {sorted(result)}")
    return b""


def shown(shape: Shape) -> Callable[[Any], Any]:
    """What is encoded of a value of that type."""
    if shape.type == "structure" and not shape.is_document:
        return _shown_structure(shape)
    if shape.type == "list":
        element = shown(shape.element)
        return lambda value: [element(each) for each in value]
    if shape.type == "map":
        inner = shown(shape.value)
        return lambda value: {key: inner(each) for key, each in value.items()}
    if shape.type == "timestamp":
        return moments.WRITE[shape.timestamp_format or "unixTimestamp"]
    if shape.type == "blob":
        return lambda value: base64.b64encode(value).decode("ascii")
    return lambda value: value


def _shown_structure(shape: Shape) -> Callable[[Any], Any]:
    members = {member.name: (member.wire_name, member.shape) for member in shape.members}
    writers: dict[str, Callable[[Any], Any]] = {}  # a shape may contain itself

    def show(value: Mapping[str, Any]) -> dict[str, Any]:
        parts = {}
        for name, part in value.items():
            if name not in members:
                raise ValueError(f"{shape.name} has no member {name!r}")
            if part is not None:
                wire_name, inner = members[name]
                writer = writers.get(name) or writers.setdefault(name, shown(inner))
                parts[wire_name] = writer(part)
        return parts

    return show

"""The REST protocol with JSON bodies of EKS, Roles Anywhere and their like.

A member of an operation is in the path, the query string, a header or the body; each has one reader, which is
compiled once from the model, and the same of an answer. A member that is the whole body (`payload`) is bytes,
a text or an object; all others of the body make one JSON object, as in `json.py`, which does that part.
Source: the "AWS restJson1 protocol" and "HTTP bindings" pages of the Smithy specification.
"""

from __future__ import annotations

import base64
import binascii
import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from rolekeeper.errors import AwsError, Serialization
from rolekeeper.wire import json, moments
from rolekeeper.wire.canonical import query_pairs
from rolekeeper.wire.constraints import MUST_NOT_BE_NULL, Violations, check_size, violation
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.model import Member, OperationModel, Service, Shape

__all__ = ["fault", "input_parser", "output_writer"]

CONTENT_TYPE: Final = "application/json"

Parser = Callable[[HttpRequest, Mapping[str, str]], tuple[dict[str, Any], Violations]]
"""(request, what stands for the labels of its path) -> members by the model's names, and what is wrong."""
Pairs = Sequence[tuple[str, str]]
TextReader = Callable[[str, str, Violations], Any]
"""(text, path, violations) -> value."""

_encode = msgspec.json.Encoder().encode

# Where the model says nothing, each place has a form of its own for moments.
_FORMS: Final = {"uri": "iso8601", "querystring": "iso8601", "header": "rfc822", "headers": "rfc822"}
_OUTSIDE: Final = frozenset({*_FORMS, "statusCode"})
_UNKNOWN: Final = "UnknownOperationException"


# -- input ----------------------------------------------------------------------------------------


@cache
def input_parser(operation: OperationModel) -> Parser:
    """The parser of one operation's requests; Serialization for what is not of its type at all."""
    if operation.input is None:
        return lambda request, labels: ({}, [])
    shape = operation.input
    members = shape.members
    outside = [(member, _outside(member, members)) for member in members if member.location in _OUTSIDE]
    read_body = _body_reader(shape, [member for member in members if member.location not in _OUTSIDE])

    def parse(request: HttpRequest, labels: Mapping[str, str]) -> tuple[dict[str, Any], Violations]:
        values: dict[str, Any] = {}
        found: Violations = []
        pairs = _pairs(request.query) if request.query else []
        for member, read in outside:
            value = read(request, labels, pairs, found)
            if value is not None:
                values[member.name] = value
            elif member.name in shape.required:
                found.append(violation("null", json.label(member.name), MUST_NOT_BE_NULL))
        values |= read_body(request.body, found)
        return values, found

    return parse


def _pairs(query: str) -> Pairs:
    pairs = query_pairs(query)
    try:
        "".join(value for pair in pairs for value in pair).encode()
    except UnicodeEncodeError:
        raise Serialization("The query string of the request is not UTF-8") from None
    return pairs


def _outside(
    member: Member, members: Sequence[Member]
) -> Callable[[HttpRequest, Mapping[str, str], Pairs, Violations], Any]:
    """What reads a member that is not in the body; None where the request does not have it."""
    name = member.wire_name
    if member.location == "uri":
        read_label = _text(member)

        def label(request: HttpRequest, labels: Mapping[str, str], pairs: Pairs, found: Violations) -> Any:
            return read_label(labels[name], json.label(member.name), found)

        return label
    if member.location == "querystring":
        taken = frozenset(each.wire_name for each in members if each.location == "querystring")
        read_query = _query_reader(member, taken)
        return lambda request, labels, pairs, found: read_query(pairs, found)
    read_header = _prefix_reader(member) if member.location == "headers" else _header_reader(member)
    return lambda request, labels, pairs, found: read_header(request, found)


def _query_reader(member: Member, taken: frozenset[str]) -> Callable[[Pairs, Violations], Any]:
    shape, name, path = member.shape, member.wire_name, json.label(member.name)
    if shape.type == "map":  # every parameter that no other member takes
        inner = shape.value
        many = inner.type == "list"
        read = _text(member, inner.element if many else inner)

        def read_map(pairs: Pairs, found: Violations) -> Any:
            rest = [(key, value) for key, value in pairs if key not in taken]
            values: dict[str, Any] = {}
            for key, value in rest:
                one = read(value, f"{path}.value", found)
                if many:
                    values.setdefault(key, []).append(one)
                else:
                    values[key] = one
            return values or None

        return read_map
    if shape.type == "list":
        read_element, check = _text(member, shape.element), check_size(shape)

        def read_list(pairs: Pairs, found: Violations) -> Any:
            texts = [value for key, value in pairs if key == name]
            if not texts:
                return None
            found.extend(violation(None, path, rule) for rule in check(len(texts)))
            return [
                read_element(text, f"{path}.{number}.member", found) for number, text in enumerate(texts, 1)
            ]

        return read_list
    read_one = _text(member)

    def read_scalar(pairs: Pairs, found: Violations) -> Any:
        texts = [value for key, value in pairs if key == name]
        if len(texts) > 1:
            raise Serialization(f"The parameter '{path}' must not stand there twice")
        return read_one(texts[0], path, found) if texts else None

    return read_scalar


def _header_reader(member: Member) -> Callable[[HttpRequest, Violations], Any]:
    name, path, shape = member.wire_name.lower(), json.label(member.name), member.shape
    read = _text(member, shape.element if shape.type == "list" else shape)

    def read_header(request: HttpRequest, found: Violations) -> Any:
        text = request.header(name)
        if text is None:
            return None
        if shape.type != "list":
            return read(text, path, found)
        parts = next(csv.reader([text], skipinitialspace=True, strict=True), [])
        return [read(part, f"{path}.{number}.member", found) for number, part in enumerate(parts, 1)]

    return read_header


def _prefix_reader(member: Member) -> Callable[[HttpRequest, Violations], Any]:
    prefix = member.wire_name.lower()

    def read(request: HttpRequest, found: Violations) -> Any:
        named = {
            name.removeprefix(prefix): text for name, text in request.index.items() if name.startswith(prefix)
        }
        return named or None

    return read


def _text(member: Member, shape: Shape | None = None) -> TextReader:
    """What reads a text outside of the body."""
    shape = shape or member.shape
    if shape.type == "string":
        return _json_reader if member.is_json else json.string(shape)
    if shape.type == "timestamp":
        default = _FORMS[member.location or "querystring"]
        return _converted(moments.READ[shape.timestamp_format or default], "a moment in time")
    convert, words = _TEXTS[shape.type]
    read, check = _converted(convert, words), check_size(shape)
    if shape.type in ("boolean", "blob"):
        return read

    def read_number(text: str, path: str, found: Violations) -> Any:
        value = read(text, path, found)
        found.extend(violation(None, path, rule) for rule in check(value))
        return value

    return read_number


def _converted(convert: Callable[[str], Any], words: str) -> TextReader:
    def read(text: str, path: str, found: Violations) -> Any:
        try:
            return convert(text)
        except (ValueError, OverflowError, OSError):
            raise Serialization(f"The value at '{path}' must be {words}") from None

    return read


def _json_reader(text: str, path: str, found: Violations) -> Any:
    """A text that is JSON: a header has it in Base64. It is checked, and stays what it was."""
    try:
        return msgspec.json.decode(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        raise Serialization(f"The value at '{path}' must be JSON in Base64") from None


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


def _integer(text: str) -> int:
    if len(text) > 20 or not text.lstrip("-").isascii() or not text.removeprefix("-").isdigit():
        raise ValueError
    number = int(text)
    if abs(number) >= 1 << 63:
        raise ValueError
    return number


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_TEXTS: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "boolean": (_boolean, "true or false"),
    "integer": (_integer, "a whole number"),
    "long": (_integer, "a whole number"),
    "float": (float, "a number"),
    "double": (float, "a number"),
    "blob": (_blob, "a text in Base64"),
}


def _body_reader(shape: Shape, own: Sequence[Member]) -> Callable[[bytes, Violations], dict[str, Any]]:
    """What reads the members of the body."""
    payload = next((member for member in own if member.name == shape.payload), None)
    if payload is None:
        read = json.structure(shape, own)
        if not own:
            return lambda body, found: {}
        return lambda body, found: read(json.decode(body), "", found)
    return _payload_reader(payload, required=payload.name in shape.required)


def _payload_reader(member: Member, *, required: bool) -> Callable[[bytes, Violations], dict[str, Any]]:
    name, path, kind = member.name, json.label(member.name), member.shape.type
    read_whole = json.structure(member.shape) if kind == "structure" else None

    def read(body: bytes, found: Violations) -> dict[str, Any]:
        if not body:
            if required:
                found.append(violation("null", path, MUST_NOT_BE_NULL))
            return {}
        if read_whole is not None:
            return {name: read_whole(json.decode(body), f"{path}.", found)}
        if kind == "blob":
            return {name: body}
        try:
            return {name: body.decode()}
        except UnicodeDecodeError:
            raise Serialization("The body of the request is not UTF-8") from None

    return read


# -- output ---------------------------------------------------------------------------------------


@cache
def output_writer(operation: OperationModel) -> Callable[[Mapping[str, Any], str], HttpResponse]:
    """The writer of one operation's answers; ValueError for what the model does not have."""
    shape = operation.output
    members = {} if shape is None else {member.name: member for member in shape.members}
    payload = members.get(shape.payload or "") if shape is not None else None
    show = {
        name: json.shown(member.shape) for name, member in members.items() if member.location not in _OUTSIDE
    }

    def write(result: Mapping[str, Any], request_id: str) -> HttpResponse:
        status, headers, body = operation.status, [("x-amzn-requestid", request_id)], {}
        kind, whole = CONTENT_TYPE, None
        for name, value in result.items():
            if name not in members:
                raise ValueError(f"the output of {operation.name} has no member {name!r}")
            member = members[name]
            if value is None:
                continue
            if member.location == "statusCode":
                status = value
            elif member.location in _OUTSIDE:
                headers += _written_headers(member, value)
            elif member is payload:
                kind, whole = _written_payload(member, show[name](value), value)
            else:
                body[member.wire_name] = show[name](value)
        if not any(name == "content-type" for name, _ in headers):
            headers.insert(0, ("content-type", kind))
        content = whole if whole is not None else b"" if payload is not None else _encode(body)
        return HttpResponse(status=status, headers=tuple(headers), body=content)

    return write


def _written_payload(member: Member, shown: Any, value: Any) -> tuple[str, bytes]:
    if member.shape.type == "blob":
        return "application/octet-stream", bytes(value)
    if member.shape.type == "string":
        return "text/plain", value.encode()
    return CONTENT_TYPE, _encode(shown)


def _written_headers(member: Member, value: Any) -> list[tuple[str, str]]:
    name, shape = member.wire_name.lower(), member.shape
    if member.location == "headers":
        return [(name + key.lower(), str(each)) for key, each in value.items()]
    if member.is_json:
        return [(name, base64.b64encode(_encode(value)).decode())]
    if shape.type == "list":
        return [(name, ",".join(_quoted(_written(shape.element, each)) for each in value))]
    return [(name, _written(shape, value))]


def _quoted(text: str) -> str:
    """An element of a header that is a list: RFC 9110, 5.6.4, with the quotation mark doubled as in CSV."""
    if '"' in text or "," in text:
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text


def _written(shape: Shape, value: Any) -> str:
    if shape.type == "boolean":
        return "true" if value else "false"
    if shape.type == "timestamp":
        return str(moments.WRITE[shape.timestamp_format or "rfc822"](value))
    if shape.type == "blob":
        return base64.b64encode(value).decode()
    return str(value)


# -- errors ---------------------------------------------------------------------------------------


def fault(service: Service, error: AwsError, request_id: str) -> HttpResponse:
    """The answer to a call that failed, with the status that the service's model has for the error."""
    code, status = json.error_code(error), error.status
    if code == _UNKNOWN:
        status = 404
    headers = (
        ("content-type", CONTENT_TYPE),
        ("x-amzn-requestid", request_id),
        ("x-amzn-errortype", code),
    )
    body = _encode({"message": error.message} | dict(error.details))
    return HttpResponse(status=service.statuses.get(code, status), headers=headers, body=body)

"""How one operation of a REST protocol is read and written: members in places, and the rest in the body.

The body is one member as it is (bytes, or a document), or a document of all members that have no place. A
body that is streamed is not looked at. Headers of the body's own are made anew; those that a client may add
to any request are few, and listed here.
Source: "HTTP bindings" and the pages of the REST protocols in the Smithy specification.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import md5
from typing import Any, Final

from rolekeeper.errors import MalformedInput
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import Member, OperationModel, Service
from rolekeeper.wire.reading import json, s3_values, xml
from rolekeeper.wire.reading.places import PLACES, Places
from rolekeeper.wire.reading.plans import Plan, json_types
from rolekeeper.wire.reading.types import Compiled
from rolekeeper.wire.reading.values import Route, Written

__all__ = ["rest_plan", "streams"]

_XML, _JSON = "application/xml", "application/json"
_DIGESTS: Final = frozenset({"content-md5", "x-amz-sdk-checksum-algorithm"})
"""Headers that speak of the body as it came, which is written anew."""

Decode = Callable[[bytes], Any]
Encode = Callable[[Any], bytes]


@cache
def streams(operation: OperationModel) -> bool:
    """Whether the body of an operation is one member of any size, which is passed on as it comes."""
    member = operation.payload
    return member is not None and (member.streaming or member.shape.eventstream)


@cache
def rest_plan(service: Service, operation: OperationModel) -> Plan:
    """The plan of an operation of a REST protocol."""
    return RestPlan(service, operation)


class RestPlan:
    """The REST protocols."""

    def __init__(self, service: Service, operation: OperationModel) -> None:
        self._operation, self._service = operation, service
        of_s3 = service.name == "s3"
        self._places = Places(operation, s3_values.READ if of_s3 else None, hoisted=of_s3)
        self._streams = streams(operation)
        members = operation.input.members if operation.input is not None else ()
        self._payload = operation.payload
        self._inner = frozenset(one.name for one in members if one.location not in PLACES)
        self._kind, self._decode, self._encode = _body(service, operation)

    def read(self, request: HttpRequest, route: Route) -> dict[str, Any]:
        members = self._places.read(request, route.labels)
        if self._streams or not self._inner:
            return members
        body, payload = request.body, self._payload
        if payload is None:
            if body:
                members |= self._decode(body)
        elif body:
            found = self._decode(body)
            if found != {} or self._kind == _XML:  # in JSON, that is how clients send that there is none
                members[payload.name] = found
        return members

    def write(self, members: Mapping[str, Any]) -> Written:
        places = self._places
        path, query, headers = places.path(members), places.query(members), places.headers(members)
        if self._streams:
            return Written(
                method=self._operation.method, path=path, query=query, headers=tuple(headers), body=None
            )
        body = self._written_body(members)
        if self._inner and self._kind:
            headers = [pair for pair in headers if pair[0] not in _DIGESTS]
            if body and not any(name == "content-type" for name, _ in headers):
                headers.append(("content-type", self._kind))
            if body and self._service.name == "s3":
                headers.append(
                    ("content-md5", base64.b64encode(md5(body, usedforsecurity=False).digest()).decode())
                )
        return Written(
            method=self._operation.method, path=path, query=query, headers=tuple(headers), body=body
        )

    def _written_body(self, members: Mapping[str, Any]) -> bytes:
        payload = self._payload
        if payload is not None:
            if payload.name in members:
                return self._encode(members[payload.name])
            return b"{}" if self._kind == _JSON else b""
        own = {name: value for name, value in members.items() if name in self._inner}
        if own or (self._inner and self._kind == _JSON):
            return self._encode(own)
        return b""


def _body(service: Service, operation: OperationModel) -> tuple[str, Decode, Encode]:
    """What the body is, what reads it and what writes it."""
    payload, shape = operation.payload, operation.input
    if shape is None:
        return "", bytes, bytes
    if payload is not None:
        if payload.shape.type == "blob":
            return "", bytes, bytes
        if payload.shape.type == "string":
            return "", _text, str.encode
        shape = payload.shape
    if service.protocol == "rest-xml":
        return _XML, *_xml_body(service, operation, payload)
    readers, writers = json_types(service.name)
    read, write = readers.of(shape), writers.of(shape)
    return (
        _JSON,
        lambda body: json.apply(read, json.decode(body)),
        lambda value: json.encode(json.apply(write, value)),
    )


def _xml_body(service: Service, operation: OperationModel, payload: Member | None) -> tuple[Decode, Encode]:
    readers, writers = xml_types(service.name)
    if payload is not None:
        shape, root, space = payload.shape, payload.given_name, payload.xml_namespace
        root = root or shape.given_name or payload.name
        space = space or shape.xml_namespace
    else:
        assert operation.input is not None
        shape, root, space = operation.input, operation.root_name, operation.root_namespace
        root = root or shape.given_name or shape.name
    read, write = readers.of(shape), writers.of(shape)
    return lambda body: read(xml.decode(body, root)), lambda value: xml.encode(root, space, value, write)


@cache
def xml_types(name: str) -> tuple[Compiled[xml.Read], Compiled[xml.Write]]:
    """The readers and writers of a service's types in XML."""
    return Compiled(xml.make_reader), Compiled(xml.make_writer)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise MalformedInput("The body of the request is not UTF-8") from None

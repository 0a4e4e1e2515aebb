"""Answers of our own to requests of S3: what decides on access to buckets is kept here and told from here.

Source: "Restful XML" in the Smithy specification; the operations' pages in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rolekeeper.errors import ServiceFailure
from rolekeeper.wire.http import HttpResponse
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.reading import scalars, xml
from rolekeeper.wire.reading.rest_plans import xml_types

_XML: Final = "application/xml"
_ROOTS: Final = {"ListBuckets": "ListAllMyBucketsResult"}


def written(
    service: Service, operation: OperationModel, members: Mapping[str, Any], request_id: str
) -> HttpResponse:
    """The answer of an operation in XML, with members by the model's names."""
    headers = [("x-amz-request-id", request_id), ("x-amzn-requestid", request_id)]
    kind, body = _body(service, operation, members)
    for member in operation.output.members if operation.output is not None else ():
        if member.location == "header" and member.name in members:
            headers.append(
                (member.own_name.lower(), scalars.writer(member.shape, "rfc822")(members[member.name]))
            )
    if body:
        headers.append(("content-type", kind))
    return HttpResponse(status=operation.status, headers=tuple(headers), body=body)


def _body(service: Service, operation: OperationModel, members: Mapping[str, Any]) -> tuple[str, bytes]:
    shape = operation.output
    if shape is None:
        return "", b""
    if service.protocol != "rest-xml":
        raise ServiceFailure
    _, writers = xml_types(service.name)
    payload = next((one for one in shape.members if one.name == shape.payload), None)
    if payload is not None:
        if payload.name not in members:
            return "", b""
        if payload.shape.type == "string":
            return "application/json", str(members[payload.name]).encode()
        root = payload.given_name or payload.shape.given_name or payload.name
        space = payload.xml_namespace or payload.shape.xml_namespace
        return _XML, xml.encode(root, space, members[payload.name], writers.of(payload.shape))
    own = {
        one.name: members[one.name] for one in shape.members if one.location is None and one.name in members
    }
    if not own:
        return "", b""
    root = _ROOTS.get(operation.name) or shape.given_name or shape.name
    return _XML, xml.encode(root, shape.xml_namespace, own, writers.of(shape))

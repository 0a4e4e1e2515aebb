"""Answers as HTTP, in the protocol in which was asked: XML for the query protocol, JSON for the others.

A request is of the JSON protocol where it has the header `x-amz-target`, and of the REST protocol where its
path is one of a service that has it.
"""

from __future__ import annotations

from rolekeeper.errors import AwsError
from rolekeeper.wire import json, query, rest
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.model import Service
from rolekeeper.wire.rest_routes import route

__all__ = ["TARGET", "fault", "success"]

TARGET = "x-amz-target"
_JSON = "application/x-amz-json-1.1"


def success(content_type: str, body: bytes, request_id: str) -> HttpResponse:
    """The answer to a call that was done."""
    return HttpResponse(
        status=200, headers=(("content-type", content_type), ("x-amzn-requestid", request_id)), body=body
    )


def fault(request: HttpRequest, service: Service | None, error: AwsError, request_id: str) -> HttpResponse:
    """The answer to a call that failed; `service` is None where the request names none."""
    if request.header(TARGET) is not None:
        return _answer(json.status_of(error), _JSON, request_id, json.error_document(error))
    found = route(request) if request.path != "/" else None
    if found is not None:
        return rest.fault(found.service, error, request_id)
    return _answer(error.status, "text/xml", request_id, query.error_document(service, error, request_id))


def _answer(status: int, content_type: str, request_id: str, body: bytes) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("content-type", content_type), ("x-amzn-requestid", request_id)), body=body
    )

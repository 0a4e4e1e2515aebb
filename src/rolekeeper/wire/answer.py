"""Answers as HTTP, in the protocol in which was asked: XML for the query protocol, JSON for the JSON one.

A request is of the JSON protocol where it has the header `x-amz-target`; nothing else tells the two apart.
"""

from __future__ import annotations

from rolekeeper.errors import AwsError
from rolekeeper.wire import json, query
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.model import Service

__all__ = ["TARGET", "fault", "success"]

TARGET = "x-amz-target"
_JSON = "application/x-amz-json-1.1"


def success(service: Service, body: bytes, request_id: str) -> HttpResponse:
    """The answer to a call that was done."""
    kind = "text/xml" if service.target_prefix is None else json.content_type(service)
    return _answer(200, kind, request_id, body)


def fault(request: HttpRequest, service: Service | None, error: AwsError, request_id: str) -> HttpResponse:
    """The answer to a call that failed; `service` is None where the request names none."""
    if request.header(TARGET) is not None:
        return _answer(json.status_of(error), _JSON, request_id, json.error_document(error))
    return _answer(error.status, "text/xml", request_id, query.error_document(service, error, request_id))


def _answer(status: int, content_type: str, request_id: str, body: bytes) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("content-type", content_type), ("x-amzn-requestid", request_id)), body=body
    )

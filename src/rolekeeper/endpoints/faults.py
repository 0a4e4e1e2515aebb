"""Errors that arise before or behind the dispatcher, answered as the dispatcher answers its own."""

from __future__ import annotations

from rolekeeper import ids
from rolekeeper.errors import AwsError
from rolekeeper.wire.http import HttpResponse
from rolekeeper.wire.query import error_document


def fault(error: AwsError, *, close: bool = False) -> HttpResponse:
    """The answer to a request that no operation has seen; `close` ends the connection with it."""
    request_id = ids.request_id()
    headers = (("content-type", "text/xml"), ("x-amzn-RequestId", request_id))
    return HttpResponse(
        status=error.status,
        headers=(*headers, ("connection", "close")) if close else headers,
        body=error_document(None, error, request_id),
    )

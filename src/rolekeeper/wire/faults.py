"""What an error looks like to the client of any service: in the form of its protocol, and in its words.

The codes that errors of ours have are IAM's and STS's. JSON's services say them with `Exception` behind, and
S3 and EC2 have others of their own for the same, which stand here. A request that names no operation is
answered in the form of the service that it seems to mean.
Sources: "Error responses" in the Amazon S3 API Reference; "Error codes" in the Amazon EC2 API Reference; the
pages of the protocols in the Smithy specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from rolekeeper.errors import AwsError
from rolekeeper.wire import json, query, rest
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.model import Service
from rolekeeper.wire.query_output import escape
from rolekeeper.wire.reading import Route, cbor, seems

__all__ = ["fault"]

_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


class _Words(msgspec.Struct, frozen=True):
    """What a service says for an error of ours; no text: ours."""

    code: str
    status: int
    message: str = ""


_S3: Final[Mapping[str, _Words]] = {
    "ExpiredToken": _Words("ExpiredToken", 400, "The provided token has expired."),
    "IncompleteSignature": _Words("AuthorizationHeaderMalformed", 400),
    "InvalidAction": _Words("InvalidRequest", 400),
    "InvalidClientTokenId": _Words(
        "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."
    ),
    "MalformedInput": _Words("InvalidRequest", 400),
    "MalformedQueryString": _Words("InvalidRequest", 400),
    "MissingAuthenticationToken": _Words("AccessDenied", 403, "Access Denied"),
    "RequestEntityTooLarge": _Words("EntityTooLarge", 400),
    "RequestExpired": _Words("AccessDenied", 403, "Request has expired"),
    "RequestTimeoutException": _Words(
        "RequestTimeout",
        400,
        "Your socket connection to the server was not read from or written to within the timeout period. "
        "Idle connections will be closed.",
    ),
    "ServiceFailure": _Words("InternalError", 500, "We encountered an internal error. Please try again."),
    "Throttling": _Words("SlowDown", 503, "Please reduce your request rate."),
    "ValidationError": _Words("InvalidArgument", 400),
}
_NOT_VALIDATED: Final = _Words(
    "AuthFailure", 401, "AWS was not able to validate the provided access credentials"
)
_EC2: Final[Mapping[str, _Words]] = {
    "AccessDenied": _Words("UnauthorizedOperation", 403),
    "ExpiredToken": _Words("RequestExpired", 400, "Request has expired."),
    "IncompleteSignature": _NOT_VALIDATED,
    "InvalidClientTokenId": _NOT_VALIDATED,
    "MalformedInput": _Words("InvalidParameterValue", 400),
    "MalformedQueryString": _Words("MalformedQueryString", 400),
    "MissingAuthenticationToken": _NOT_VALIDATED,
    "ServiceFailure": _Words("InternalError", 500, "An internal error has occurred"),
    "ServiceUnavailable": _Words("Unavailable", 503),
    "SignatureDoesNotMatch": _NOT_VALIDATED,
    "Throttling": _Words("RequestLimitExceeded", 503, "Request limit exceeded."),
}


def fault(request: HttpRequest, route: Route | None, error: AwsError, request_id: str) -> HttpResponse:
    """The answer to a call that failed. `route` is None where the request names no operation."""
    service, protocol = (route.service, route.protocol) if route is not None else seems(request)
    if protocol == "rest-json" and service is not None:
        return rest.fault(service, error, request_id)
    if protocol == "json":
        return _json(request, service, error, request_id)
    if protocol == "smithy-rpc-v2-cbor":
        return _cbor(request, service, error, request_id)
    if protocol == "ec2":
        return _ec2(error, request_id)
    if service is not None and service.name == "s3":
        return _s3(request, error, request_id)
    return _answer(error.status, "text/xml", request_id, query.error_document(service, error, request_id))


def _s3(request: HttpRequest, error: AwsError, request_id: str) -> HttpResponse:
    said = _said(_S3, error)
    parts = {"Code": said.code, "Message": said.message, **error.details, "Resource": request.path}
    parts |= {"RequestId": request_id, "HostId": request_id}
    body = "" if request.method == "HEAD" else f"{_XML}<Error>{_elements(parts)}</Error>"
    headers = (
        ("content-type", "application/xml"),
        ("x-amz-request-id", request_id),
        ("x-amz-id-2", request_id),
    )
    return HttpResponse(status=said.status, headers=headers, body=body.encode("utf-8", "replace"))


def _ec2(error: AwsError, request_id: str) -> HttpResponse:
    said = _said(_EC2, error)
    inner = _elements({"Code": said.code, "Message": said.message})
    body = (
        f"{_XML}<Response><Errors><Error>{inner}</Error></Errors>"
        f"<RequestID>{escape(request_id)}</RequestID></Response>"
    )
    return _answer(said.status, "text/xml;charset=UTF-8", request_id, body.encode("utf-8", "replace"))


def _json(request: HttpRequest, service: Service | None, error: AwsError, request_id: str) -> HttpResponse:
    kind = json.content_type(service) if service is not None else "application/x-amz-json-1.1"
    answer = _answer(json.status_of(error), kind, request_id, json.error_document(error))
    return _with_code(request, service, error, answer)


def _cbor(request: HttpRequest, service: Service | None, error: AwsError, request_id: str) -> HttpResponse:
    body = cbor.encode({"__type": json.error_code(error), "message": error.message, **error.details})
    answer = _answer(json.status_of(error), "application/cbor", request_id, body)
    answer = msgspec.structs.replace(answer, headers=(*answer.headers, ("smithy-protocol", "rpc-v2-cbor")))
    return _with_code(request, service, error, answer)


def _with_code(
    request: HttpRequest, service: Service | None, error: AwsError, answer: HttpResponse
) -> HttpResponse:
    """The code of the time when the service spoke the query protocol, for clients that ask for it."""
    if service is None or not service.query_compatible or request.header("x-amzn-query-mode") is None:
        return answer
    code = ("x-amzn-query-error", f"{error.code};{error.fault}")
    return msgspec.structs.replace(answer, headers=(*answer.headers, code))


def _said(words: Mapping[str, _Words], error: AwsError) -> _Words:
    found = words.get(error.code)
    if found is None:
        return _Words(error.code, error.status, error.message)
    return _Words(found.code, found.status, found.message or error.message)


def _elements(parts: Mapping[str, str]) -> str:
    return "".join([f"<{name}>{escape(text)}</{name}>" for name, text in parts.items()])


def _answer(status: int, kind: str, request_id: str, body: bytes) -> HttpResponse:
    return HttpResponse(
        status=status, headers=(("content-type", kind), ("x-amzn-requestid", request_id)), body=body
    )

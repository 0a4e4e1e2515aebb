"""What a request says that its body is: the header `x-amz-content-sha256`, and what is announced beside it.

The rule of this file: it only reads. A signature covers what stands here, so the body, which may come hours
later and be larger than any memory, has to be held to it while it passes (`chunks.py`, `gateway/payload.py`).
Sources: "Authenticating Requests: Using the Authorization Header" and "... Using Query Parameters" in the
Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from rolekeeper.errors import (
    InvalidArgument,
    InvalidRequest,
    SignatureDoesNotMatch,
    XAmzContentSHA256Mismatch,
)
from rolekeeper.wire.canonical import query_parameters

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = ["FRAMED", "SHA256", "UNSIGNED", "Content", "check_body", "own_content", "read_content"]

SHA256 = "x-amz-content-sha256"
_PARAMETER = "X-Amz-Content-Sha256"
_HASH = re.compile("[0-9a-f]{64}")


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a body is announced to be."""

    text: str
    """The announcement as it stands in the canonical request."""
    digest: str | None = None
    """SHA-256 of the body, in hexadecimal; None where it is not announced."""
    chunked: bool = False
    """The body is in the frames of `aws-chunked`."""
    signed: bool = False
    """Each of its chunks has a signature."""
    trailer: bool = False
    """Headers follow it, signed where the chunks are."""
    asymmetric: bool = False
    """The signatures are of SigV4A."""


UNSIGNED = Content(text="UNSIGNED-PAYLOAD")
FRAMED = Content(text="STREAMING-UNSIGNED-PAYLOAD-TRAILER", chunked=True, trailer=True)

_MAY_BE_UNSIGNED = frozenset({"ebs", "lex", "mediastore", "omics"})
"""The signing names of the other services that have operations whose body need not be signed, by botocore's
models (`v4-unsigned-body`)."""

_STREAMS = {
    content.text: content
    for content in (
        UNSIGNED,
        FRAMED,
        Content(text="STREAMING-AWS4-HMAC-SHA256-PAYLOAD", chunked=True, signed=True),
        Content(text="STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunked=True, signed=True, trailer=True),
        Content(text="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", chunked=True, signed=True, asymmetric=True),
        Content(
            text="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
            chunked=True,
            signed=True,
            trailer=True,
            asymmetric=True,
        ),
    )
}


def own_content(request: HttpRequest, signing_name: str) -> Content:
    """What a request to another service than S3 says that its body is: what it has with it, where it says
    nothing, so that nothing may come after. InvalidArgument; SignatureDoesNotMatch where it has another, or
    may not leave it unsigned."""
    digest = request.digest
    if request.header(SHA256) is None:
        return Content(text=digest, digest=digest)
    content = read_content(request)
    if content.digest is None and (content.chunked or signing_name not in _MAY_BE_UNSIGNED):
        raise SignatureDoesNotMatch(f"The provided '{SHA256}' header does not match what was computed.")
    if request.body and content.digest not in (None, digest):
        raise SignatureDoesNotMatch(f"The provided '{SHA256}' header does not match what was computed.")
    return content


def check_body(content: Content, request: HttpRequest) -> None:
    """Whether a body that has come already is the one that was announced; XAmzContentSHA256Mismatch. One in
    frames has to be read by who knows them, and cannot have come as it is."""
    if content.chunked or content.digest not in (None, request.digest):
        raise XAmzContentSHA256Mismatch


def read_content(request: HttpRequest, *, presigned: bool = False, required: bool = True) -> Content:
    """What a request says that its body is. InvalidRequest, InvalidArgument.

    Who makes a presigned URL does not know the body: nothing is said of it then, unless in the URL. Where the
    header is not `required` (nothing is signed), a request without it says nothing either.
    """
    text = request.header(SHA256)
    if presigned:
        found = {value for _, value in query_parameters(request.query, (_PARAMETER,))}
        found |= {text} if text is not None else set()
        if len(found) > 1:
            raise InvalidArgument(f"{SHA256} stands in the request with more than one value.")
        text = found.pop() if found else None
    if text is None:
        if required and not presigned:
            raise InvalidRequest(f"Missing required header for this request: {SHA256}")
        return UNSIGNED
    if _HASH.fullmatch(text):
        return Content(text=text, digest=text)
    content = _STREAMS.get(text)
    if content is None:
        raise InvalidArgument(
            f"{SHA256} must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a "
            "valid sha256 value."
        )
    return content

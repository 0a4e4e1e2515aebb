"""The signature of a request, of whichever version: SigV4, SigV4A, and a plain no to what is older.

The rule of this file: a request with anything that looks like a signature is not taken for one without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rolekeeper.errors import InvalidRequest
from rolekeeper.wire import signature, sigv4a
from rolekeeper.wire.canonical import query_parameters

if TYPE_CHECKING:
    from rolekeeper.wire.http import HttpRequest

__all__ = ["TOO_OLD", "read_any_signature"]

TOO_OLD = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."

_USUAL = f"{signature.ALGORITHM} "
_OF_VERSION_2 = frozenset({"AWSAccessKeyId", "SignatureVersion", "SignatureMethod"})


def read_any_signature(request: HttpRequest) -> signature.Signature | None:
    """The signature of a request, None where it has no credentials at all; InvalidRequest for Signature
    Version 2, and the errors of `signature.read_signature`."""
    authorization = request.header("authorization")
    if authorization is not None and not request.query and authorization.startswith(_USUAL):
        return signature.read_signature(request)
    if authorization is not None and authorization.lstrip().startswith("AWS "):
        raise InvalidRequest(TOO_OLD)
    if request.query and query_parameters(request.query, _OF_VERSION_2):
        raise InvalidRequest(TOO_OLD)
    return sigv4a.read_signature(request) or signature.read_signature(request)

"""What S3 says where other services say that they do not know who asks.

Source: "Error responses" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from rolekeeper.errors import (
    AccessDenied,
    AuthorizationHeaderMalformed,
    AuthorizationQueryParametersError,
    AwsError,
    ExpiredToken,
    IncompleteSignature,
    InvalidAccessKeyId,
    InvalidClientTokenId,
    InvalidToken,
    MissingAuthenticationToken,
    RequestExpired,
    RequestTimeTooSkewed,
    SignatureDoesNotMatch,
)
from rolekeeper.wire.sigv4 import OutOfScope, OutOfTime

__all__ = ["S3ExpiredToken", "in_s3_words"]

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and "
    "signing method."
)


class S3ExpiredToken(ExpiredToken):
    """The session has ended: S3 has another status for it."""

    status = 400

    def __init__(self, message: str = "The provided token has expired.") -> None:
        super().__init__(message)


def in_s3_words(error: AwsError, *, presigned: bool = False, token: bool = False) -> AwsError:
    """The error that S3 answers with; the same one, where S3 says it as all services do.

    `presigned`: the signature was in the URL or in a form; `token`: there was a session token.
    """
    if isinstance(error, OutOfTime):
        return AccessDenied("Request is not yet valid") if presigned else RequestTimeTooSkewed()
    if isinstance(error, OutOfScope | IncompleteSignature):
        if presigned:
            return AuthorizationQueryParametersError(error.message)
        return AuthorizationHeaderMalformed(f"The authorization header is malformed; {error.message}")
    if type(error) is SignatureDoesNotMatch:
        # A text of its own says that some header must be signed; S3 has one for this.
        named = "must be a 'SignedHeader'" in error.message
        return (
            AccessDenied("There were headers present in the request which were not signed")
            if named
            else SignatureDoesNotMatch(_MISMATCH)
        )
    if isinstance(error, InvalidClientTokenId):
        return InvalidToken() if token else InvalidAccessKeyId()
    if isinstance(error, ExpiredToken):
        return S3ExpiredToken()
    if isinstance(error, RequestExpired):
        return AccessDenied("Request has expired")
    return AccessDenied("Access Denied") if isinstance(error, MissingAuthenticationToken) else error

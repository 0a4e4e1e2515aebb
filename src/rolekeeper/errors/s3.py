"""Errors of S3's own: its ways to say who asks is not known, and what is wrong with a body.

Source: "Error responses" in the Amazon S3 API Reference, whose texts these are.
"""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class InvalidAccessKeyId(SenderError):
    """The access key ID is not one of ours."""

    code, status = "InvalidAccessKeyId", 403

    def __init__(
        self, message: str = "The AWS Access Key Id you provided does not exist in our records."
    ) -> None:
        super().__init__(message)


class InvalidToken(SenderError):
    """The session token is not one of ours, or another key's."""

    code, status = "InvalidToken", 400

    def __init__(self, message: str = "The provided token is malformed or otherwise invalid.") -> None:
        super().__init__(message)


class AuthorizationHeaderMalformed(SenderError):
    """The Authorization header, or the scope in it, is not as it must be."""

    code, status = "AuthorizationHeaderMalformed", 400


class AuthorizationQueryParametersError(SenderError):
    """The query form of a signature is not as it must be."""

    code, status = "AuthorizationQueryParametersError", 400


class RequestTimeTooSkewed(SenderError):
    """The clocks of the client and the server are too far apart."""

    code, status = "RequestTimeTooSkewed", 403

    def __init__(
        self, message: str = "The difference between the request time and the server's time is too large."
    ) -> None:
        super().__init__(message)


class InvalidRequest(SenderError):
    """The request cannot be served as it is; the text says why."""

    code, status = "InvalidRequest", 400


class InvalidArgument(SenderError):
    """A header, parameter or field has a value that it cannot have."""

    code, status = "InvalidArgument", 400


class MissingContentLength(SenderError):
    """The length of a body is not given."""

    code, status = "MissingContentLength", 411

    def __init__(self, message: str = "You must provide the Content-Length HTTP header.") -> None:
        super().__init__(message)


class IncompleteBody(SenderError):
    """A body is not of the length that was announced, or not in the form."""

    code, status = "IncompleteBody", 400

    def __init__(
        self,
        message: str = (
            "You did not provide the number of bytes specified by the Content-Length HTTP header."
        ),
    ) -> None:
        super().__init__(message)


class InvalidChunkSizeError(SenderError):
    """A chunk that is not the last one is too small."""

    code, status = "InvalidChunkSizeError", 403

    def __init__(
        self, message: str = "Only the last chunk is allowed to have a size less than 8192 bytes"
    ) -> None:
        super().__init__(message)


class MalformedTrailerError(SenderError):
    """What stands after the last chunk is not what was announced."""

    code, status = "MalformedTrailerError", 400

    def __init__(
        self,
        message: str = (
            "The request contained trailing data that was not well-formed or did not conform to our "
            "published schema."
        ),
    ) -> None:
        super().__init__(message)


class XAmzContentSHA256Mismatch(SenderError):
    """The body is not the one that was signed."""

    code, status = "XAmzContentSHA256Mismatch", 400

    def __init__(
        self, message: str = "The provided 'x-amz-content-sha256' header does not match what was computed."
    ) -> None:
        super().__init__(message)


class BadDigest(SenderError):
    """The body has not the checksum that was announced."""

    code, status = "BadDigest", 400


class InvalidDigest(SenderError):
    """What is announced as the body's MD5 cannot be one."""

    code, status = "InvalidDigest", 400

    def __init__(self, message: str = "The Content-MD5 you specified was invalid.") -> None:
        super().__init__(message)


class EntityTooLarge(SenderError):
    """An upload has more bytes than it may have."""

    code, status = "EntityTooLarge", 400

    def __init__(self, message: str = "Your proposed upload exceeds the maximum allowed size") -> None:
        super().__init__(message)


class EntityTooSmall(SenderError):
    """An upload has fewer bytes than it must have."""

    code, status = "EntityTooSmall", 400

    def __init__(
        self, message: str = "Your proposed upload is smaller than the minimum allowed size"
    ) -> None:
        super().__init__(message)


class MalformedPOSTRequest(SenderError):
    """The body of a form upload is no well-formed form."""

    code, status = "MalformedPOSTRequest", 400

    def __init__(
        self, message: str = "The body of your POST request is not well-formed multipart/form-data."
    ) -> None:
        super().__init__(message)


class InvalidPolicyDocument(SenderError):
    """The policy of a form upload cannot be read."""

    code, status = "InvalidPolicyDocument", 400


class MaxPostPreDataLengthExceeded(SenderError):
    """The fields before the file of a form upload are too long."""

    code, status = "MaxPostPreDataLengthExceededError", 400

    def __init__(
        self, message: str = "Your POST request fields preceding the upload file were too large."
    ) -> None:
        super().__init__(message)

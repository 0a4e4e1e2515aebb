"""Errors of every service: who asks is not known, the request cannot be read, or we have failed."""

from __future__ import annotations

from rolekeeper.errors.tree import ReceiverError, SenderError


class MissingAuthenticationToken(SenderError):
    """The request carries no credentials."""

    code, status = "MissingAuthenticationToken", 403

    def __init__(self, message: str = "Request is missing Authentication Token") -> None:
        super().__init__(message)


class IncompleteSignature(SenderError):
    """The Authorization header or the query form of the signature is not as it must be."""

    code, status = "IncompleteSignature", 400


class InvalidClientTokenId(SenderError):
    """The access key ID or the session token is not one of ours, or may not be used here."""

    code, status = "InvalidClientTokenId", 403

    def __init__(self, message: str = "The security token included in the request is invalid.") -> None:
        super().__init__(message)


class SignatureDoesNotMatch(SenderError):
    """The signature, its scope or its date is wrong."""

    code, status = "SignatureDoesNotMatch", 403

    def __init__(
        self,
        message: str = (
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details."
        ),
    ) -> None:
        super().__init__(message)


class ExpiredToken(SenderError):
    """The session has ended."""

    code, status = "ExpiredToken", 403

    def __init__(self, message: str = "The security token included in the request is expired") -> None:
        super().__init__(message)


class RequestExpired(SenderError):
    """A presigned request is used past its time."""

    code, status = "RequestExpired", 400


class InvalidAction(SenderError):
    """The model has no such operation."""

    code, status = "InvalidAction", 400


class MissingAction(SenderError):
    """The request names no operation."""

    code, status = "MissingAction", 400


class ValidationError(SenderError):
    """A parameter does not satisfy a constraint of the model."""

    code, status = "ValidationError", 400


class MalformedQueryString(SenderError):
    """The body or the query string cannot be read."""

    code, status = "MalformedQueryString", 404


class MalformedInput(SenderError):
    """The request cannot be read, in another way than its query string."""

    code, status = "MalformedInput", 400


class Serialization(SenderError):
    """The body of a request in JSON is none, or a value in it is of the wrong type."""

    code, status = "SerializationException", 400


class RequestEntityTooLarge(SenderError):
    """The body is larger than any request of the API can be."""

    code, status = "RequestEntityTooLarge", 413


class RequestTimeout(SenderError):
    """The request did not arrive in time."""

    code, status = "RequestTimeoutException", 408

    def __init__(self, message: str = "The request did not arrive in time") -> None:
        super().__init__(message)


class Throttling(SenderError):
    """Too many requests at once; the client should try again."""

    code, status = "Throttling", 400


class AccessDenied(SenderError):
    """The policies do not allow it, or a rule of the service forbids it to this kind of caller."""

    code, status = "AccessDenied", 403


class AuthorizationError(SenderError):
    """SNS's word for what the policies do not allow."""

    code, status = "AuthorizationError", 403


class KmsAccessDenied(SenderError):
    """SNS's word for a key that the caller may not use."""

    code, status = "KMSAccessDenied", 400


class KmsAccessDeniedException(SenderError):
    """Kinesis's word for it."""

    code, status = "KMSAccessDeniedException", 400


class KmsAccessDeniedOfQueue(SenderError):
    """SQS's word for it."""

    code, status = "KMS.AccessDeniedException", 400


class ServiceFailure(ReceiverError):
    """Something failed that no request should make fail; the log has it under the request's ID."""

    code, status = "ServiceFailure", 500

    def __init__(
        self,
        message: str = (
            "The request processing has failed because of an unknown error, exception or failure."
        ),
    ) -> None:
        super().__init__(message)


class ServiceUnavailable(ReceiverError):
    """What a call needs is not to be reached; the client should try again."""

    code, status = "ServiceUnavailable", 503


class NotImplementedByServer(ReceiverError):
    """The operation is in AWS's model and this server does not have it."""

    code, status = "NotImplemented", 501

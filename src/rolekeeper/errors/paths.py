"""Errors of what a request to a REST service is about: its path, its method, its XML, in the words of S3."""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class InvalidBucketName(SenderError):
    """No bucket can be called that."""

    code, status = "InvalidBucketName", 400

    def __init__(self, message: str = "The specified bucket is not valid.") -> None:
        super().__init__(message)


class InvalidUri(SenderError):
    """The path is not one that can be decoded, or that leads to just one thing."""

    code, status = "InvalidURI", 400

    def __init__(self, message: str = "Couldn't parse the specified URI.") -> None:
        super().__init__(message)


class MalformedXml(SenderError):
    """The body is not the XML that the operation takes."""

    code, status = "MalformedXML", 400

    def __init__(
        self,
        message: str = (
            "The XML you provided was not well-formed or did not validate against our published schema"
        ),
    ) -> None:
        super().__init__(message)


class MethodNotAllowed(SenderError):
    """There is no operation of that method on such a resource."""

    code, status = "MethodNotAllowed", 405

    def __init__(self, message: str = "The specified method is not allowed against this resource.") -> None:
        super().__init__(message)

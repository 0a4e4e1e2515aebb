"""Errors of services whose resources have policies of their own, about a text that is none.

Source: the errors of "SetQueueAttributes", "SetTopicAttributes", "PutResourcePolicy" and others in the API
References of SQS, SNS, DynamoDB, Kinesis, Glue and Systems Manager.
"""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class InvalidAttributeValue(SenderError):
    """An attribute of a queue has a value that it cannot have."""

    code, status = "InvalidAttributeValue", 400


class InvalidParameter(SenderError):
    """A parameter of a topic has a value that it cannot have."""

    code, status = "InvalidParameter", 400


class InvalidArgumentException(SenderError):
    """A parameter of a stream has a value that it cannot have."""

    code, status = "InvalidArgumentException", 400


class ValidationException(SenderError):
    """A parameter does not satisfy a constraint, in the words of most JSON services."""

    code, status = "ValidationException", 400


class PublicPolicyException(SenderError):
    """The policy would open a secret to everybody, and the request does not want that."""

    code, status = "PublicPolicyException", 400

    def __init__(
        self,
        message: str = (
            "The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad "
            "access to the secret."
        ),
    ) -> None:
        super().__init__(message)


class MalformedResourcePolicyDocumentException(SenderError):
    """The text is no policy of a parameter."""

    code, status = "MalformedResourcePolicyDocumentException", 400


class InvalidPolicyException(SenderError):
    """The text is no policy of a file system."""

    code, status = "InvalidPolicyException", 400

"""Errors of the services with a REST protocol: EKS, EKS Auth and Roles Anywhere."""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class ResourceNotFoundException(SenderError):
    """What the request names is not there."""

    code, status = "ResourceNotFoundException", 404


class TooManyTagsException(SenderError):
    """A resource would have more tags than it may."""

    code, status = "TooManyTagsException", 400


class InvalidParameterException(SenderError):
    """A parameter does not satisfy a constraint of the model, or a rule of the service."""

    code, status = "InvalidParameterException", 400


class InvalidRequestException(SenderError):
    """The request makes no sense as things are."""

    code, status = "InvalidRequestException", 400


class InvalidTokenException(SenderError):
    """The token of a Kubernetes service account is not what it claims to be, or not for here."""

    code, status = "InvalidTokenException", 400


class ResourceInUseException(SenderError):
    """What the request would make is there already."""

    code, status = "ResourceInUseException", 409


class ResourceLimitExceededException(SenderError):
    """There are as many already as there may be."""

    code, status = "ResourceLimitExceededException", 400

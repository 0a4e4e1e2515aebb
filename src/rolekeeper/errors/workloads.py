"""Errors of the services that run workloads: EC2, ECS and Lambda, in their words."""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class InvalidInstanceId(SenderError):
    """There is no such instance."""

    code, status = "InvalidInstanceID.NotFound", 400

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"The instance ID '{instance_id}' does not exist")


class InvalidAssociationId(SenderError):
    """No instance has an instance profile by such an association."""

    code, status = "InvalidAssociationID.NotFound", 400

    def __init__(self, association_id: str) -> None:
        super().__init__(f"An invalid association-id of '{association_id}' was given")


class IncorrectState(SenderError):
    """As things are, it cannot be done: an instance has one instance profile at most."""

    code, status = "IncorrectState", 400


class ClientException(SenderError):
    """ECS cannot do it: it does not get the role, for one."""

    code, status = "ClientException", 400


class InvalidParameterValueException(SenderError):
    """A parameter of a Lambda function is of the right form and wrong all the same."""

    code, status = "InvalidParameterValueException", 400


class ResourceConflictException(SenderError):
    """There is a Lambda function of that name already."""

    code, status = "ResourceConflictException", 409

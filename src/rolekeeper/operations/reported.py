"""Whom a report on access is about: a user, a group, a role or a managed policy, by its ARN.

As in AWS it is found by its name, whatever path the ARN says, and so the permission is asked on the ARN that
it really has. The texts of what is refused are those that AWS has been seen to give.
Source: "ListPoliciesGrantingServiceAccess" and "GenerateServiceLastAccessedDetails" in the IAM API Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied, InvalidInput, NoSuchEntity, ValidationError
from rolekeeper.iam import aws_policies
from rolekeeper.iam.entities import Group, ManagedPolicy, Role, User
from rolekeeper.service.call import Call, Resource

Identity = User | Group | Role

IDENTITIES: dict[str, type[User] | type[Group] | type[Role]] = {"user": User, "group": Group, "role": Role}


def resource(call: Call, *, arn: str, **_: Any) -> Resource:
    """What the permission is asked on."""
    try:
        found = _find(call, Arn.parse(arn))
    except ValueError:
        found = None
    if found is None:
        return Resource(arn=arn, account=call.account)
    return Resource(
        arn=found.arn(call.partition), account=call.account, tags=getattr(found, "tags", {}), entity=found
    )


def identity(call: Call, arn: str) -> Identity:
    """The user, group or role of an ARN; ValidationError, AccessDenied, InvalidInput, NoSuchEntity."""
    parsed = _parsed(call, arn)
    if "/" not in parsed.resource:
        raise InvalidInput(f"Could not extract entity from ARN : {arn}")
    found = _existing(call, arn, parsed, *IDENTITIES)
    if isinstance(found, ManagedPolicy):
        raise InvalidInput(f"Invalid Entity Arn: {arn} is not supported.")
    return found


def subject(call: Call, arn: str) -> Identity | ManagedPolicy:
    """The same, or a managed policy."""
    return _existing(call, arn, _parsed(call, arn), *IDENTITIES, "policy")


def _parsed(call: Call, arn: str) -> Arn:
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise ValidationError(f"ARN {arn} is not valid.") from None
    if parsed.partition != call.partition:
        raise ValidationError("Invalid ARN partition")
    if parsed.service != "iam":
        raise ValidationError("Invalid service in ARN")
    aws_policy = parsed.account == aws_policies.OWNER and parsed.resource_type == "policy"
    if parsed.account != call.account and not aws_policy:
        caller = call.caller.principal.arn
        raise AccessDenied(f"User: {caller} is not authorized to perform the operation on {arn}")
    return parsed


def _existing(call: Call, arn: str, parsed: Arn, *kinds: str) -> Identity | ManagedPolicy:
    if parsed.resource_type not in kinds:
        raise InvalidInput(f"Invalid Entity Arn: {arn} is not supported.")
    found = _find(call, parsed)
    if found is None:
        raise NoSuchEntity(f"ARN {arn} does not exist.")
    return found


def _find(call: Call, arn: Arn) -> Identity | ManagedPolicy | None:
    if arn.partition != call.partition or arn.service != "iam":
        return None
    if arn.resource_type == "policy":
        return _policy(call, arn)
    kind = IDENTITIES.get(arn.resource_type)
    if kind is None or arn.account != call.account:
        return None
    found: Identity | None = call.tx.collection(kind).find(arn.name)
    return found


def _policy(call: Call, arn: Arn) -> ManagedPolicy | None:
    if arn.account == aws_policies.OWNER:
        return aws_policies.find(arn.name)
    return call.tx.policies.find(arn.name) if arn.account == call.account else None

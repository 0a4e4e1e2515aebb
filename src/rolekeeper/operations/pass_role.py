"""Passing a role: who hands one to a service must be allowed to, or could use the role's rights through it.

iam:PassRole is no operation: it is asked whenever a role is handed over, be it by IAM itself or by the
service that is to use it. `authorize_pass_role` is the question for the policies, such as in an operation's
`also`; `require_trust` comes after it, for services that see to it at once that they can assume the role.
A service-linked role trusts its own service alone, so that no other gets it.
Source: "Grant a user permissions to pass a role to an AWS service" in the IAM User Guide.
"""

from __future__ import annotations

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied, InvalidInput, ValidationError
from rolekeeper.iam.entities import Role
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import KeyValue, RequestContext, ServicePrincipal
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Access, Call, Resource


def authorize_pass_role(
    call: Call, role_arn: str, service: str, associated_resource: str | None = None
) -> Access:
    """Whether the caller may hand the role to the service; AccessDenied where it is another account's.

    `service` is a principal, such as `lambda.amazonaws.com`; `associated_resource` is the ARN of what the
    service will use the role for, where that is known.
    """
    if _parsed(role_arn).account != call.account:
        raise AccessDenied("Cross-account pass role is not allowed.")
    role = _role(call, role_arn)
    keys = {"iam:passedtoservice": service}
    if associated_resource is not None:
        keys["iam:associatedresourcearn"] = associated_resource
    tags = role.tags if role is not None else {}
    resource = Resource(arn=role_arn, account=call.account, tags=tags)
    return Access(action="iam:PassRole", resource=resource, keys=lambda: keys)


def require_trust(call: Call, role_arn: str, service: str, associated_resource: str | None = None) -> Role:
    """The role, which the service can assume for this account and this resource; InvalidInput where not."""
    role = _role(call, role_arn)
    keys: dict[str, KeyValue] = {"aws:sourceaccount": call.account}
    if associated_resource is not None:
        keys["aws:sourcearn"] = associated_resource
    context = RequestContext(
        principal=ServicePrincipal(name=service),
        action="sts:AssumeRole",
        resource=role_arn,
        resource_account=call.account,
        keys=keys,
    )
    trust = document(role.trust) if role is not None else None
    if role is None or not authorize(context, PolicyLayers(resource=trust, resource_kind="trust")).allowed:
        raise InvalidInput(f"The role {role_arn} cannot be assumed by {service}.")
    return role


def _role(call: Call, role_arn: str) -> Role | None:
    """The role of just that ARN, path included."""
    role = call.tx.roles.find(_parsed(role_arn).name)
    return role if role is not None and role.arn(call.partition) == role_arn else None


def _parsed(role_arn: str) -> Arn:
    try:
        arn = Arn.parse(role_arn)
    except ValueError:
        raise ValidationError(f"{role_arn} is invalid") from None
    if arn.service != "iam" or arn.resource_type != "role":
        raise ValidationError(f"{role_arn} is invalid")
    return arn

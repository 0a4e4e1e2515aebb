"""Policies of an organization: made, changed, read, deleted. There are SCPs and RCPs, and AWS's own of each.

Source: "CreatePolicy" and its like in the Organizations API Reference; "Quotas for AWS Organizations".
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import (
    ConstraintViolationException,
    DuplicatePolicyException,
    InvalidInputException,
    LimitExceeded,
    MalformedPolicyDocument,
    MalformedPolicyDocumentException,
    PolicyInUseException,
    PolicyNotFoundException,
    PolicyTypeNotAvailableForOrganizationException,
)
from rolekeeper.iam.organizations import ATTACHED, OrganizationPolicy
from rolekeeper.operations.organizations import keys, names, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.operations.organizations.tagging import with_tags
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.call import Call
from rolekeeper.service.organization import FULL_ACCESS, RCP, SCP
from rolekeeper.service.registry import operation

_KINDS = {SCP: PolicyKind.SCP, RCP: PolicyKind.RCP}

_OWN = {
    SCP: ("FullAWSAccess", "Allows access to every operation"),
    RCP: ("RCPFullAWSAccess", "Allows access to every resource"),
}


def find(of: Standing, id: str) -> OrganizationPolicy:
    """A policy, AWS's own among them; PolicyNotFoundException."""
    kept = _aws_own(of, names.AWS_OWN[id]) if id in names.AWS_OWN else None
    kept = kept or of.state.collection(OrganizationPolicy).find(id)
    if kept is None:
        raise PolicyNotFoundException
    return kept


def refuse_type(of: Standing, kind: str) -> None:
    """PolicyTypeNotAvailableForOrganizationException for what an organization cannot have here."""
    if of.organization.feature_set != "ALL" or kind not in _KINDS:
        raise PolicyTypeNotAvailableForOrganizationException


def _aws_own(of: Standing, kind: str) -> OrganizationPolicy:
    id, text = FULL_ACCESS[kind]
    name, said = _OWN[kind]
    return OrganizationPolicy(
        account=of.management, id=id, name=name, type=kind, content=text, description=said
    )


def _own(of: Standing, id: str) -> OrganizationPolicy:
    """A policy that may be changed."""
    if id in names.AWS_OWN:
        raise InvalidInputException(
            "IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified."
        )
    return find(of, id)


def _checked(kind: str, content: str) -> str:
    try:
        validate(content, _KINDS[kind])
    except MalformedPolicyDocument:
        raise MalformedPolicyDocumentException from None
    except LimitExceeded as error:
        raise ConstraintViolationException("POLICY_CONTENT_LIMIT_EXCEEDED", error.message) from None
    return content


def _of_type(of: Standing, kind: str) -> list[OrganizationPolicy]:
    return [one for one in every(of.state.collection(OrganizationPolicy)) if one.type == kind]


def _refuse_name(of: Standing, kind: str, name: str, *, but: str | None = None) -> None:
    if name == _OWN[kind][0] or any(one.name == name and one.id != but for one in _of_type(of, kind)):
        raise DuplicatePolicyException


def _refuse_over_limit(call: Call, of: Standing, kind: str) -> None:
    most = call.limits.service_control_policies if kind == SCP else call.limits.resource_control_policies
    if len(_of_type(of, kind)) >= most:
        raise ConstraintViolationException(
            "POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of policies."
        )


def _view(call: Call, of: Standing, kept: OrganizationPolicy) -> dict[str, Any]:
    return {"Policy": {"PolicySummary": views.policy(call, of, kept), "Content": kept.content}}


@operation(resource=names.new_policy, keys=keys.policy_type, also=keys.tagging(names.new_policy), writes=True)
def create_policy(
    call: Call,
    *,
    content: str,
    description: str,
    name: str,
    type: str,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make a policy, which is in force nowhere until it is attached."""
    of = standing.administered(call)
    refuse_type(of, type)
    _refuse_name(of, type, name)
    _refuse_over_limit(call, of, type)
    made = OrganizationPolicy(
        account=of.management,
        id=ids.organizations_id("p-", 8),
        name=name,
        type=type,
        content=_checked(type, content),
        description=description,
        tags=with_tags(call, {}, tags),
    )
    of.state.collection(OrganizationPolicy).add(made)
    return _view(call, of, made)


@operation(resource=names.policy, keys=keys.policy_type)
def describe_policy(call: Call, *, policy_id: str) -> dict[str, Any]:
    """Read a policy and its text."""
    of = standing.administered(call)
    return _view(call, of, find(of, policy_id))


@operation(resource=names.policy, keys=keys.policy_type, writes=True)
def update_policy(
    call: Call,
    *,
    policy_id: str,
    name: str | None = None,
    description: str | None = None,
    content: str | None = None,
) -> dict[str, Any]:
    """Change a policy; it is in force at once wherever it is attached."""
    of = standing.administered(call)
    kept = _own(of, policy_id)
    if name is not None:
        _refuse_name(of, kept.type, name, but=kept.id)
        kept = msgspec.structs.replace(kept, name=name)
    if description is not None:
        kept = msgspec.structs.replace(kept, description=description)
    if content is not None:
        kept = msgspec.structs.replace(kept, content=_checked(kept.type, content))
    of.state.collection(OrganizationPolicy).put(kept)
    return _view(call, of, kept)


@operation(resource=names.policy, keys=keys.policy_type, writes=True)
def delete_policy(call: Call, *, policy_id: str) -> None:
    """Delete a policy that is attached nowhere."""
    of = standing.administered(call)
    kept = _own(of, policy_id)
    if of.state.links.sources(ATTACHED, kept.id):
        raise PolicyInUseException
    of.state.collection(OrganizationPolicy).delete(kept)


@operation(resource=names.everything, keys=keys.policy_type)
def list_policies(
    call: Call, *, filter: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List the policies of a type, AWS's own first."""
    of = standing.administered(call)
    found = [_aws_own(of, filter), *_of_type(of, filter)] if filter in _KINDS else []
    return page(
        "Policies",
        found if of.organization.feature_set == "ALL" else [],
        lambda one: views.policy(call, of, one),
        key=lambda one: one.id,
        next_token=next_token,
        max_results=max_results,
    )

"""What policies are attached to: the root, units and accounts. An attachment is in force at once.

Every target keeps at least one SCP; RCPFullAWSAccess is never taken away. A target has ten SCPs and five RCPs
at most, AWS's own among them.
Source: "AttachPolicy" and "DetachPolicy" in the Organizations API Reference; "Quotas for AWS Organizations".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rolekeeper.errors import (
    ConstraintViolationException,
    DuplicatePolicyAttachmentException,
    InvalidInputException,
    PolicyNotAttachedException,
    PolicyTypeNotEnabledException,
    TargetNotFoundException,
)
from rolekeeper.iam.organizations import ATTACHED, OrganizationAccount, OrganizationalUnit
from rolekeeper.operations.organizations import keys, names, policies, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.service.call import Access, Call
from rolekeeper.service.organization import FULL_ACCESS, RCP, SCP
from rolekeeper.service.registry import operation


def _target_too(call: Call, *, policy_id: str, target_id: str) -> Iterable[Access]:
    """Attaching and detaching must be allowed on the target as well as on the policy."""
    yield Access(
        action=call.operation.action,
        resource=names.place(call, target_id),
        keys=lambda: keys.policy_type(call, policy_id=policy_id),
    )


def _view(call: Call, of: Standing, id: str) -> dict[str, Any] | None:
    """The `PolicyTargetSummary` of a target; None where there is none of that ID."""
    if id == of.organization.root_id:
        name, kind, resource = views.ROOT_NAME, "ROOT", "root"
    elif id.startswith("ou-"):
        unit = of.state.collection(OrganizationalUnit).find(id)
        name, kind, resource = unit.name if unit else "", "ORGANIZATIONAL_UNIT", "ou"
    else:
        account = of.state.collection(OrganizationAccount).find(id)
        name, kind, resource = account.name if account else "", "ACCOUNT", "account"
    if not name:
        return None
    return {"TargetId": id, "Arn": names.arn(call, of, resource, id), "Name": name, "Type": kind}


def _refuse_unless_target(call: Call, of: Standing, id: str) -> None:
    if _view(call, of, id) is None:
        raise TargetNotFoundException


def _attached(of: Standing, target: str, kind: str) -> list[str]:
    """The policies of a type that are on a target."""
    found = of.state.links.targets(ATTACHED, target)
    return [each for each in found if names.type_of_policy(of, each) == kind]


@operation(resource=names.policy, keys=keys.policy_type, also=_target_too, writes=True)
def attach_policy(call: Call, *, policy_id: str, target_id: str) -> None:
    """Put a policy on a target."""
    of = standing.administered(call)
    policy = policies.find(of, policy_id)
    _refuse_unless_target(call, of, target_id)
    if policy.type not in of.organization.policy_types:
        raise PolicyTypeNotEnabledException
    there = _attached(of, target_id, policy.type)
    if policy_id in there:
        raise DuplicatePolicyAttachmentException
    most = call.limits.scps_per_target if policy.type == SCP else call.limits.rcps_per_target
    if len(there) >= most:
        raise ConstraintViolationException(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have exceeded the allowed number of attached policies.",
        )
    of.state.links.add(ATTACHED, target_id, policy_id)


@operation(resource=names.policy, keys=keys.policy_type, also=_target_too, writes=True)
def detach_policy(call: Call, *, policy_id: str, target_id: str) -> None:
    """Take a policy from a target."""
    of = standing.administered(call)
    policy = policies.find(of, policy_id)
    _refuse_unless_target(call, of, target_id)
    there = _attached(of, target_id, policy.type)
    if policy_id not in there:
        raise PolicyNotAttachedException
    if policy_id == FULL_ACCESS[RCP][0]:
        raise InvalidInputException("NON_DETACHABLE_POLICY", "You can't detach this AWS managed policy.")
    if policy.type == SCP and len(there) == 1:
        raise ConstraintViolationException(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. "
            "You must have at least one attached at all times.",
        )
    of.state.links.remove(ATTACHED, target_id, policy_id)


@operation(resource=names.policy, keys=keys.policy_type)
def list_targets_for_policy(
    call: Call, *, policy_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """List where a policy is attached."""
    of = standing.administered(call)
    policies.find(of, policy_id)
    return page(
        "Targets",
        of.state.links.sources(ATTACHED, policy_id),
        lambda id: _view(call, of, id),
        key=str,
        next_token=next_token,
        max_results=max_results,
    )


@operation(resource=names.target, keys=keys.policy_type)
def list_policies_for_target(
    call: Call,
    *,
    target_id: str,
    filter: str,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List the policies of a type that are on a target itself."""
    of = standing.administered(call)
    _refuse_unless_target(call, of, target_id)
    return page(
        "Policies",
        _attached(of, target_id, filter),
        lambda id: views.policy(call, of, policies.find(of, id)),
        key=str,
        next_token=next_token,
        max_results=max_results,
    )

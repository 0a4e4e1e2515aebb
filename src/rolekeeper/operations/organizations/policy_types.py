"""Types of policy, enabled and disabled in the root; and effective policies, which no type here has.

Enabling a type puts AWS's own policy of it, which allows everything, on the root and on every unit and
account. Disabling takes all policies of the type off, so that enabling it again begins anew.
Source: "Enabling and disabling a policy type" in the Organizations User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from rolekeeper.errors import (
    EffectivePolicyNotFoundException,
    PolicyTypeAlreadyEnabledException,
    PolicyTypeNotEnabledException,
    RootNotFoundException,
)
from rolekeeper.iam.organizations import ATTACHED, Organization, OrganizationAccount, OrganizationalUnit
from rolekeeper.operations.organizations import keys, membership, names, policies, standing, views
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.service.call import Call
from rolekeeper.service.organization import FULL_ACCESS
from rolekeeper.service.registry import operation


def _root(call: Call, root_id: str) -> Standing:
    of = standing.administered(call)
    if root_id != of.organization.root_id:
        raise RootNotFoundException
    return of


def _targets(of: Standing) -> Iterator[str]:
    yield of.organization.root_id
    yield from (unit.id for unit in every(of.state.collection(OrganizationalUnit)))
    yield from (account.id for account in every(of.state.collection(OrganizationAccount)))


def _with_types(of: Standing, types: tuple[str, ...]) -> Standing:
    changed = msgspec.structs.replace(of.organization, policy_types=types)
    of.state.collection(Organization).put(changed)
    return Standing(changed, of.state)


@operation(resource=names.root, keys=keys.policy_type, writes=True)
def enable_policy_type(call: Call, *, root_id: str, policy_type: str) -> dict[str, Any]:
    """Let policies of a type be attached and count."""
    of = _root(call, root_id)
    policies.refuse_type(of, policy_type)
    if policy_type in of.organization.policy_types:
        raise PolicyTypeAlreadyEnabledException
    of = _with_types(of, (*of.organization.policy_types, policy_type))
    for target in _targets(of):
        of.state.links.add(ATTACHED, target, FULL_ACCESS[policy_type][0])
    return {"Root": views.root(call, of)}


@operation(resource=names.root, keys=keys.policy_type, writes=True)
def disable_policy_type(call: Call, *, root_id: str, policy_type: str) -> dict[str, Any]:
    """Take all policies of a type off."""
    of = _root(call, root_id)
    if policy_type not in of.organization.policy_types:
        raise PolicyTypeNotEnabledException
    for target in _targets(of):
        for policy in of.state.links.targets(ATTACHED, target):
            if names.type_of_policy(of, policy) == policy_type:
                of.state.links.remove(ATTACHED, target, policy)
    of = _with_types(of, tuple(kind for kind in of.organization.policy_types if kind != policy_type))
    return {"Root": views.root(call, of)}


@operation(resource=names.target, keys=keys.policy_type)
def describe_effective_policy(
    call: Call, *, policy_type: str, target_id: str | None = None
) -> dict[str, Any]:
    """Refused: of the types that have effective policies none can be enabled. Any account may ask."""
    standing.joined(call)
    raise EffectivePolicyNotFoundException


@operation(resource=names.everything, keys=keys.policy_type)
def list_accounts_with_invalid_effective_policy(
    call: Call, *, policy_type: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Refused, likewise."""
    standing.administered(call)
    raise EffectivePolicyNotFoundException


@operation(resource=names.account, keys=keys.policy_type)
def list_effective_policy_validation_errors(
    call: Call,
    *,
    account_id: str,
    policy_type: str,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Refused, likewise."""
    membership.member(standing.administered(call), account_id)
    raise EffectivePolicyNotFoundException

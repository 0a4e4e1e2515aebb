"""The organization's own policy: it lets member accounts read the organization and see to its policies.

It gives nothing by itself: the member's own policies must allow the same.
Source: "Delegated administrator for AWS Organizations" in its User Guide.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import (
    InvalidInputException,
    MalformedPolicyDocument,
    ResourcePolicyNotFoundException,
)
from rolekeeper.iam.organizations import OrganizationResourcePolicy
from rolekeeper.operations.organizations import keys, names, standing
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.operations.organizations.tagging import with_tags
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_KEY = "resource-policy"


def _view(call: Call, of: Standing, kept: OrganizationResourcePolicy) -> dict[str, Any]:
    summary = {"Id": kept.id, "Arn": names.arn(call, of, "resourcepolicy", kept.id)}
    return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": kept.content}}


def _get(of: Standing) -> OrganizationResourcePolicy:
    kept = of.state.collection(OrganizationResourcePolicy).find(_KEY)
    if kept is None:
        raise ResourcePolicyNotFoundException
    return kept


@operation(resource=names.resource_policy, also=keys.tagging(names.resource_policy), writes=True)
def put_resource_policy(
    call: Call, *, content: str, tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Make the policy, or replace its text. Tags are given when it is made."""
    of = standing.administered(call)
    try:
        validate(content, PolicyKind.RESOURCE)
    except MalformedPolicyDocument as error:
        raise InvalidInputException("INVALID_PRINCIPAL", error.message) from None
    policies = of.state.collection(OrganizationResourcePolicy)
    kept = policies.find(_KEY)
    if kept is None:
        kept = OrganizationResourcePolicy(
            account=of.management,
            id=ids.organizations_id("rp-", 8),
            content=content,
            tags=with_tags(call, {}, tags),
        )
        policies.add(kept)
    elif tags:
        raise InvalidInputException(
            "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
            "You can't give tags when you update a resource policy; use TagResource.",
        )
    else:
        kept = msgspec.structs.replace(kept, content=content)
        policies.put(kept)
    return _view(call, of, kept)


@operation(resource=names.everything)
def describe_resource_policy(call: Call) -> dict[str, Any]:
    """Read the policy."""
    of = standing.administered(call)
    return _view(call, of, _get(of))


@operation(resource=names.everything, writes=True)
def delete_resource_policy(call: Call) -> None:
    """Delete the policy: what it let member accounts do ends at once."""
    of = standing.administered(call)
    of.state.collection(OrganizationResourcePolicy).delete(_get(of))

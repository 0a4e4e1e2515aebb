"""Tags of the root, of units, accounts and policies, and of the resource policy.

Keys are compared without regard to case, as everywhere here: a condition on a tag must not be led astray by
a second key that differs in case only.
Source: "Tagging AWS Organizations resources" in its User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rolekeeper.errors import (
    ConstraintViolationException,
    InvalidInput,
    InvalidInputException,
    LimitExceeded,
    TargetNotFoundException,
)
from rolekeeper.iam import tagging
from rolekeeper.iam.entities import Tags
from rolekeeper.iam.organizations import (
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from rolekeeper.operations.organizations import keys, names, standing
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

Given = list[dict[str, str]]
_Tagged = Organization | OrganizationalUnit | OrganizationAccount | OrganizationPolicy
Tagged = _Tagged | OrganizationResourcePolicy


def with_tags(call: Call, current: Mapping[str, str], given: Given | None) -> Tags:
    """`current` with the given tags over it; InvalidInputException, ConstraintViolationException."""
    if any(tag["Key"].lower().startswith("aws:") for tag in given or ()):
        raise InvalidInputException(
            "INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is reserved for use by AWS."
        )
    try:
        return tagging.merged(current, given, limit=call.limits.tags)
    except InvalidInput:
        raise InvalidInputException("DUPLICATE_TAG_KEY", "You specified a tag key twice.") from None
    except LimitExceeded:
        raise ConstraintViolationException(
            "MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource."
        ) from None


def _find(of: Standing, id: str) -> Tagged:
    if id == of.organization.root_id:
        return of.organization
    found: Tagged | None
    if id.startswith("ou-"):
        found = of.state.collection(OrganizationalUnit).find(id)
    elif id.startswith("p-"):
        found = of.state.collection(OrganizationPolicy).find(id)
    elif id.startswith("rp-"):
        found = of.state.collection(OrganizationResourcePolicy).find("resource-policy")
        found = found if found is not None and found.id == id else None
    else:
        found = of.state.collection(OrganizationAccount).find(id)
    if found is None:
        raise TargetNotFoundException
    return found


def _keep(of: Standing, tagged: Tagged, tags: Tags) -> None:
    of.state.collection(type(tagged)).put(msgspec.structs.replace(tagged, tags=tags))


@operation(resource=names.tagged, keys=keys.policy_type, writes=True)
def tag_resource(call: Call, *, resource_id: str, tags: Given) -> None:
    """Add or replace tags."""
    of = standing.administered(call)
    tagged = _find(of, resource_id)
    _keep(of, tagged, with_tags(call, tagged.tags, tags))


@operation(resource=names.tagged, keys=keys.policy_type, writes=True)
def untag_resource(call: Call, *, resource_id: str, tag_keys: list[str]) -> None:
    """Take tags away."""
    of = standing.administered(call)
    tagged = _find(of, resource_id)
    _keep(of, tagged, tagging.without(tagged.tags, tag_keys))


@operation(resource=names.tagged, keys=keys.policy_type)
def list_tags_for_resource(call: Call, *, resource_id: str, next_token: str | None = None) -> dict[str, Any]:
    """List the tags."""
    of = standing.administered(call)
    return page(
        "Tags",
        _find(of, resource_id).tags.items(),
        lambda tag: {"Key": tag[0], "Value": tag[1]},
        key=lambda tag: tag[0],
        next_token=next_token,
        max_results=call.limits.tags,
    )

"""The ARNs of what an organization is made of, and the resources of calls about it.

What is not there has the ARN that it would have. Where the caller is in no organization there is no ARN, and
policies are asked on everything: `*`.
Source: "Actions, resources, and condition keys for AWS Organizations" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rolekeeper.iam.organization_requests import Handshake
from rolekeeper.iam.organizations import (
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from rolekeeper.operations.organizations import standing
from rolekeeper.operations.organizations.standing import Standing
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.organization import FULL_ACCESS

AWS_OWN = {id: kind for kind, (id, _) in FULL_ACCESS.items()}
"""AWS's own policies: ID to type."""

Tags = Mapping[str, str]


def arn(call: Call, of: Standing, kind: str, *names: str) -> str:
    """The ARN of something in an organization."""
    owner = f"arn:{call.partition}:organizations::{of.management}:{kind}/{of.organization.id}"
    return "/".join([owner, *names])


def policy_arn(call: Call, of: Standing, kind: str, id: str) -> str:
    """The ARN of a policy; AWS's own have AWS in it and no organization."""
    if id in AWS_OWN:
        return f"arn:{call.partition}:organizations::aws:policy/{AWS_OWN[id].lower()}/{id}"
    return arn(call, of, "policy", kind.lower(), id)


def handshake_arn(call: Call, asked: Handshake) -> str:
    """The ARN of a handshake, whose owner is who asks."""
    owner = f"arn:{call.partition}:organizations::{asked.account}:handshake/{asked.organization}"
    return f"{owner}/{asked.action.lower()}/{asked.id}"


def everything(call: Call, **_: Any) -> Resource:
    """For actions without a resource of their own."""
    return _resource(call, standing.found(call), "*", {})


def account(call: Call, *, account_id: str, **_: Any) -> Resource:
    """The account of `account_id`."""
    return place(call, account_id)


def unit(call: Call, *, organizational_unit_id: str, **_: Any) -> Resource:
    """The unit of `organizational_unit_id`."""
    return place(call, organizational_unit_id)


def root(call: Call, *, root_id: str, **_: Any) -> Resource:
    """The root of `root_id`."""
    return place(call, root_id)


def parent(call: Call, *, parent_id: str, **_: Any) -> Resource:
    """The root or the unit of `parent_id`."""
    return place(call, parent_id)


def child(call: Call, *, child_id: str, **_: Any) -> Resource:
    """The unit or the account of `child_id`."""
    return place(call, child_id)


def target(call: Call, *, target_id: str | None = None, **_: Any) -> Resource:
    """The root, unit or account of `target_id`; the caller's own account where none is named."""
    return place(call, target_id or call.account)


def tagged(call: Call, *, resource_id: str, **_: Any) -> Resource:
    """What the tags of `resource_id` are of."""
    return place(call, resource_id)


def policy(call: Call, *, policy_id: str, **_: Any) -> Resource:
    """The policy of `policy_id`."""
    return place(call, policy_id)


def new_policy(call: Call, *, type: str, **_: Any) -> Resource:
    """The policy that is to be made."""
    return _of(call, lambda of: (arn(call, of, "policy", type.lower(), "*"), {}))


def resource_policy(call: Call, **_: Any) -> Resource:
    """The organization's own policy."""

    def look(of: Standing) -> tuple[str, Tags]:
        kept = of.state.collection(OrganizationResourcePolicy).find("resource-policy")
        return (arn(call, of, "resourcepolicy", kept.id if kept else "*"), kept.tags if kept else {})

    return _of(call, look)


def place(call: Call, id: str) -> Resource:
    """Anything that is named by an ID which says what it is."""
    return _of(call, lambda of: (_arn_of(call, of, id), tags_of(of, id)))


def tags_of(of: Standing, id: str) -> Tags:
    """The tags of what has that ID; none where there is nothing."""
    if id == of.organization.root_id:
        return of.organization.tags
    entity = of.state.collection(_kind_of(id)).find(id)
    return entity.tags if entity is not None else {}


def _kind_of(id: str) -> type[OrganizationalUnit | OrganizationAccount | OrganizationPolicy]:
    if id.startswith("ou-"):
        return OrganizationalUnit
    return OrganizationPolicy if id.startswith("p-") else OrganizationAccount


def _arn_of(call: Call, of: Standing, id: str) -> str:
    if id.startswith("p-"):
        return policy_arn(call, of, type_of_policy(of, id) or "*", id)
    for prefix, kind in (("r-", "root"), ("ou-", "ou"), ("rp-", "resourcepolicy"), ("rt-", "transfer")):
        if id.startswith(prefix):
            return arn(call, of, kind, id)
    return arn(call, of, "account", id)


def type_of_policy(of: Standing | None, id: str) -> str | None:
    """The type of a policy; None where there is none."""
    if of is None or id in AWS_OWN:
        return AWS_OWN.get(id)
    kept = of.state.collection(OrganizationPolicy).find(id)
    return kept.type if kept is not None else None


def _of(call: Call, look: Callable[[Standing], tuple[str, Tags]]) -> Resource:
    of = standing.found(call)
    name, tags = look(of) if of is not None else ("*", {})
    return _resource(call, of, name, tags)


def _resource(call: Call, of: Standing | None, name: str, tags: Tags) -> Resource:
    """A resource of the caller's account, unless the organization's own policy is to be asked as well."""
    delegating = standing.delegating_policy(call, of) if of is not None else None
    if of is None or delegating is None:
        return Resource(arn=name, account=call.account, tags=tags)
    return Resource(arn=name, account=of.management, tags=tags, policy=delegating)

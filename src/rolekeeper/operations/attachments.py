"""Managed policies attached to roles, users and groups.

Attaching twice is fine; detaching what is not attached is an error.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from rolekeeper.iam.entities import Group, ManagedPolicy, Role, User
from rolekeeper.operations import boundaries, paging, policies, protection, resources, views
from rolekeeper.service.authorizer import managed_policy
from rolekeeper.service.call import Call
from rolekeeper.service.registry import Keys, operation

Bearer = Role | User | Group

_BEARERS: dict[str, type[Role] | type[User] | type[Group]] = {"role": Role, "user": User, "group": Group}


def source(entity: Bearer) -> str:
    """How links name what a policy is attached to."""
    return f"{entity.kind}/{entity.key}"


def attached(call: Call, entity: Bearer) -> list[ManagedPolicy]:
    """The policies attached to an entity."""
    found = (managed_policy(one, call.store) for one in call.tx.links.targets("attachment", source(entity)))
    return [policy for policy in found if policy is not None]


def refuse_while_attached(call: Call, entity: Bearer) -> None:
    """DeleteConflict while an entity has policies, attached or inline."""
    if call.tx.links.targets("attachment", source(entity)):
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if entity.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")


def _attach(call: Call, entity: Bearer, policy_arn: str, quota: int, quota_name: str) -> dict[str, Any]:
    reference = views.policy_reference(policies.attachable(call, policy_arn))
    links = call.tx.links
    if links.has("attachment", source(entity), reference):
        return {}
    if len(links.targets("attachment", source(entity))) >= quota:
        raise LimitExceeded(f"Cannot exceed quota for {quota_name}: {quota}")
    links.add("attachment", source(entity), reference)
    return {}


def _detach(call: Call, entity: Bearer, policy_arn: str) -> dict[str, Any]:
    reference = views.policy_reference(policies.find(call, policy_arn))
    if not call.tx.links.remove("attachment", source(entity), reference):
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")
    return {}


def _page(
    call: Call, entity: Bearer, path_prefix: str, marker: str | None, max_items: int | None
) -> dict[str, Any]:
    return paging.of_list(
        [policy for policy in attached(call, entity) if policy.path.startswith(path_prefix)],
        "AttachedPolicies",
        key=lambda policy: policy.key,
        view=lambda policy: {"PolicyName": policy.name, "PolicyArn": policy.arn(call.partition)},
        marker=marker,
        max_items=max_items,
    )


def _role_keys(call: Call, *, role_name: str, policy_arn: str) -> Keys:
    return {"iam:policyarn": policy_arn, **boundaries.current_boundary(call, call.tx.roles.find(role_name))}


def _user_keys(call: Call, *, user_name: str, policy_arn: str) -> Keys:
    return {"iam:policyarn": policy_arn, **boundaries.current_boundary(call, call.tx.users.find(user_name))}


def _group_keys(call: Call, *, group_name: str, policy_arn: str) -> Keys:
    return {"iam:policyarn": policy_arn}


@operation(resource=resources.role, keys=_role_keys, writes=True)
def attach_role_policy(call: Call, *, role_name: str, policy_arn: str) -> dict[str, Any]:
    """Attach a managed policy to a role."""
    quota = call.limits.policies_per_role
    return _attach(call, protection.modifiable(call, role_name), policy_arn, quota, "PoliciesPerRole")


@operation(resource=resources.role, keys=_role_keys, writes=True)
def detach_role_policy(call: Call, *, role_name: str, policy_arn: str) -> dict[str, Any]:
    """Detach a managed policy from a role."""
    return _detach(call, protection.modifiable(call, role_name), policy_arn)


@operation(resource=resources.role)
def list_attached_role_policies(
    call: Call,
    *,
    role_name: str,
    path_prefix: str = "/",
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List the managed policies attached to a role."""
    return _page(call, call.tx.roles.get(role_name), path_prefix, marker, max_items)


@operation(resource=resources.user, keys=_user_keys, writes=True)
def attach_user_policy(call: Call, *, user_name: str, policy_arn: str) -> dict[str, Any]:
    """Attach a managed policy to a user."""
    quota = call.limits.policies_per_user
    return _attach(call, call.tx.users.get(user_name), policy_arn, quota, "PoliciesPerUser")


@operation(resource=resources.user, keys=_user_keys, writes=True)
def detach_user_policy(call: Call, *, user_name: str, policy_arn: str) -> dict[str, Any]:
    """Detach a managed policy from a user."""
    return _detach(call, call.tx.users.get(user_name), policy_arn)


@operation(resource=resources.user)
def list_attached_user_policies(
    call: Call,
    *,
    user_name: str,
    path_prefix: str = "/",
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List the managed policies attached to a user."""
    return _page(call, call.tx.users.get(user_name), path_prefix, marker, max_items)


@operation(resource=resources.group, keys=_group_keys, writes=True)
def attach_group_policy(call: Call, *, group_name: str, policy_arn: str) -> dict[str, Any]:
    """Attach a managed policy to a group."""
    quota = call.limits.policies_per_group
    return _attach(call, call.tx.groups.get(group_name), policy_arn, quota, "PoliciesPerGroup")


@operation(resource=resources.group, keys=_group_keys, writes=True)
def detach_group_policy(call: Call, *, group_name: str, policy_arn: str) -> dict[str, Any]:
    """Detach a managed policy from a group."""
    return _detach(call, call.tx.groups.get(group_name), policy_arn)


@operation(resource=resources.group)
def list_attached_group_policies(
    call: Call,
    *,
    group_name: str,
    path_prefix: str = "/",
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List the managed policies attached to a group."""
    return _page(call, call.tx.groups.get(group_name), path_prefix, marker, max_items)


@operation(resource=resources.policy)
def list_entities_for_policy(
    call: Call,
    *,
    policy_arn: str,
    entity_filter: str | None = None,
    path_prefix: str = "/",
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List the users, groups and roles that use a managed policy."""
    reference = views.policy_reference(policies.find(call, policy_arn))
    users = _users_of(call, reference, policy_usage_filter)
    found = [
        entity
        for entity in users
        if entity.path.startswith(path_prefix)
        and (entity_filter is None or entity_filter.lower() == entity.kind)
    ]
    page = paging.of_list(
        found, "Entities", key=source, view=lambda entity: entity, marker=marker, max_items=max_items
    )
    entities = page.pop("Entities")
    for kind, member in ((Group, "Group"), (User, "User"), (Role, "Role")):
        page[f"Policy{member}s"] = [
            {f"{member}Name": entity.name, f"{member}Id": entity.id}
            for entity in entities
            if isinstance(entity, kind)
        ]
    return page


def _users_of(call: Call, reference: str, usage: str | None) -> list[Bearer]:
    names: set[str] = set()
    if usage != "PermissionsBoundary":
        names.update(call.tx.links.sources("attachment", reference))
    if usage != "PermissionsPolicy":
        names.update(call.tx.links.sources("boundary", reference))
    found: list[Bearer] = []
    for name in names:
        kind, _, key = name.partition("/")
        entity = call.tx.collection(_BEARERS[kind]).find(key)
        if entity is not None:
            found.append(entity)
    return found

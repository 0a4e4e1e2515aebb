"""Inline policies of roles, users and groups: part of the one entity they stand in."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from rolekeeper.errors import LimitExceeded, NoSuchEntity
from rolekeeper.iam.entities import Group, Role, User
from rolekeeper.operations import boundaries, documents, paging, protection, resources, views
from rolekeeper.service.call import Call
from rolekeeper.service.registry import Keys, operation

Bearer = TypeVar("Bearer", Role, User, Group)


def _put(call: Call, entity: Bearer, policy_name: str, text: str, limit: int) -> dict[str, Any]:
    inline = {**entity.inline, policy_name: documents.inline_policy(text)}
    if sum(documents.size(one) for one in inline.values()) > limit:
        raise LimitExceeded(f"Maximum policy size of {limit} bytes exceeded for {entity.noun} {entity.name}")
    call.tx.collection(type(entity)).put(msgspec.structs.replace(entity, inline=inline))
    return {}


def _get(entity: Bearer, policy_name: str) -> dict[str, Any]:
    return {
        f"{entity.noun.capitalize()}Name": entity.name,
        "PolicyName": policy_name,
        "PolicyDocument": views.encoded(_find(entity, policy_name)),
    }


def _delete(call: Call, entity: Bearer, policy_name: str) -> dict[str, Any]:
    _find(entity, policy_name)
    rest = {name: text for name, text in entity.inline.items() if name != policy_name}
    call.tx.collection(type(entity)).put(msgspec.structs.replace(entity, inline=rest))
    return {}


def _page(entity: Bearer, marker: str | None, max_items: int | None) -> dict[str, Any]:
    return paging.of_list(
        list(entity.inline), "PolicyNames", key=str, view=str, marker=marker, max_items=max_items
    )


def _find(entity: Bearer, policy_name: str) -> str:
    try:
        return entity.inline[policy_name]
    except KeyError:
        raise NoSuchEntity(f"The {entity.noun} policy with name {policy_name} cannot be found.") from None


def _role_keys(call: Call, *, role_name: str, **_: Any) -> Keys:
    return boundaries.current_boundary(call, call.tx.roles.find(role_name))


def _user_keys(call: Call, *, user_name: str, **_: Any) -> Keys:
    return boundaries.current_boundary(call, call.tx.users.find(user_name))


@operation(resource=resources.role, keys=_role_keys, writes=True)
def put_role_policy(call: Call, *, role_name: str, policy_name: str, policy_document: str) -> dict[str, Any]:
    """Add or replace an inline policy of a role."""
    role = protection.modifiable(call, role_name)
    return _put(call, role, policy_name, policy_document, call.limits.role_inline_size)


@operation(resource=resources.role)
def get_role_policy(call: Call, *, role_name: str, policy_name: str) -> dict[str, Any]:
    """Read an inline policy of a role."""
    return _get(call.tx.roles.get(role_name), policy_name)


@operation(resource=resources.role)
def list_role_policies(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the names of a role's inline policies."""
    return _page(call.tx.roles.get(role_name), marker, max_items)


@operation(resource=resources.role, keys=_role_keys, writes=True)
def delete_role_policy(call: Call, *, role_name: str, policy_name: str) -> dict[str, Any]:
    """Delete an inline policy of a role."""
    return _delete(call, protection.modifiable(call, role_name), policy_name)


@operation(resource=resources.user, keys=_user_keys, writes=True)
def put_user_policy(call: Call, *, user_name: str, policy_name: str, policy_document: str) -> dict[str, Any]:
    """Add or replace an inline policy of a user."""
    user = call.tx.users.get(user_name)
    return _put(call, user, policy_name, policy_document, call.limits.user_inline_size)


@operation(resource=resources.user)
def get_user_policy(call: Call, *, user_name: str, policy_name: str) -> dict[str, Any]:
    """Read an inline policy of a user."""
    return _get(call.tx.users.get(user_name), policy_name)


@operation(resource=resources.user)
def list_user_policies(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the names of a user's inline policies."""
    return _page(call.tx.users.get(user_name), marker, max_items)


@operation(resource=resources.user, keys=_user_keys, writes=True)
def delete_user_policy(call: Call, *, user_name: str, policy_name: str) -> dict[str, Any]:
    """Delete an inline policy of a user."""
    return _delete(call, call.tx.users.get(user_name), policy_name)


@operation(resource=resources.group, writes=True)
def put_group_policy(
    call: Call, *, group_name: str, policy_name: str, policy_document: str
) -> dict[str, Any]:
    """Add or replace an inline policy of a group."""
    group = call.tx.groups.get(group_name)
    return _put(call, group, policy_name, policy_document, call.limits.group_inline_size)


@operation(resource=resources.group)
def get_group_policy(call: Call, *, group_name: str, policy_name: str) -> dict[str, Any]:
    """Read an inline policy of a group."""
    return _get(call.tx.groups.get(group_name), policy_name)


@operation(resource=resources.group)
def list_group_policies(
    call: Call, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the names of a group's inline policies."""
    return _page(call.tx.groups.get(group_name), marker, max_items)


@operation(resource=resources.group, writes=True)
def delete_group_policy(call: Call, *, group_name: str, policy_name: str) -> dict[str, Any]:
    """Delete an inline policy of a group."""
    return _delete(call, call.tx.groups.get(group_name), policy_name)

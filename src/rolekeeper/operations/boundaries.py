"""Permissions boundaries of roles and users: a managed policy that limits and never grants."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from rolekeeper.errors import NoSuchEntity
from rolekeeper.iam.entities import Role, User
from rolekeeper.operations import policies, protection, resources, views
from rolekeeper.service.authorizer import managed_policy
from rolekeeper.service.call import Call
from rolekeeper.service.registry import Keys, operation

Bounded = TypeVar("Bounded", Role, User)


def put(call: Call, entity: Bounded, policy_arn: str) -> Bounded:
    """Set the boundary of a stored entity; NoSuchEntity where the policy does not exist."""
    reference = views.policy_reference(policies.attachable(call, policy_arn))
    forget(call, entity)
    call.tx.links.add("boundary", _source(entity), reference)
    bounded = msgspec.structs.replace(entity, boundary=reference)
    call.tx.collection(type(entity)).put(bounded)
    return bounded


def forget(call: Call, entity: Role | User) -> None:
    """Drop the link to the boundary, when it changes or the entity goes."""
    if entity.boundary is not None:
        call.tx.links.remove("boundary", _source(entity), entity.boundary)


def boundary_key(call: Call, *, permissions_boundary: str | None = None, **_: Any) -> Keys:
    """`iam:PermissionsBoundary`: the boundary that the request asks for."""
    return {} if permissions_boundary is None else {"iam:permissionsboundary": permissions_boundary}


def _role_boundary(call: Call, *, role_name: str, permissions_boundary: str | None = None) -> Keys:
    return _present(call, permissions_boundary, call.tx.roles.find(role_name))


def _user_boundary(call: Call, *, user_name: str, permissions_boundary: str | None = None) -> Keys:
    return _present(call, permissions_boundary, call.tx.users.find(user_name))


def _present(call: Call, asked: str | None, entity: Role | User | None) -> Keys:
    if asked is not None:
        return {"iam:permissionsboundary": asked}
    return current_boundary(call, entity)


def current_boundary(call: Call, entity: Role | User | None) -> Keys:
    """`iam:PermissionsBoundary` for calls that change an entity: the boundary that it has."""
    if entity is None or entity.boundary is None:
        return {}
    policy = managed_policy(entity.boundary, call.store)
    return {} if policy is None else {"iam:permissionsboundary": policy.arn(call.partition)}


@operation(resource=resources.role, keys=_role_boundary, writes=True)
def put_role_permissions_boundary(call: Call, *, role_name: str, permissions_boundary: str) -> dict[str, Any]:
    """Set the boundary of a role."""
    put(call, protection.modifiable(call, role_name), permissions_boundary)
    return {}


@operation(resource=resources.role, keys=_role_boundary, writes=True)
def delete_role_permissions_boundary(call: Call, *, role_name: str) -> dict[str, Any]:
    """Take the boundary from a role."""
    return _delete(call, protection.modifiable(call, role_name), role_name)


@operation(resource=resources.user, keys=_user_boundary, writes=True)
def put_user_permissions_boundary(call: Call, *, user_name: str, permissions_boundary: str) -> dict[str, Any]:
    """Set the boundary of a user."""
    put(call, call.tx.users.get(user_name), permissions_boundary)
    return {}


@operation(resource=resources.user, keys=_user_boundary, writes=True)
def delete_user_permissions_boundary(call: Call, *, user_name: str) -> dict[str, Any]:
    """Take the boundary from a user."""
    return _delete(call, call.tx.users.get(user_name), user_name)


def _delete(call: Call, entity: Bounded, name: str) -> dict[str, Any]:
    if entity.boundary is None:
        raise NoSuchEntity(f"{entity.noun.capitalize()} {name} does not have a permissions boundary.")
    forget(call, entity)
    call.tx.collection(type(entity)).put(msgspec.structs.replace(entity, boundary=None))
    return {}


def _source(entity: Role | User) -> str:
    return f"{entity.kind}/{entity.key}"

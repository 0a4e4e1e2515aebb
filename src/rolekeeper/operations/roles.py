"""Roles: made, read, changed, deleted."""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import DeleteConflict, InvalidInput, LimitExceeded
from rolekeeper.iam import service_linked, tagging
from rolekeeper.iam.entities import Role
from rolekeeper.operations import (
    attachments,
    boundaries,
    break_glass,
    creation,
    documents,
    paging,
    protection,
    resources,
    views,
)
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(
    resource=resources.role,
    keys=boundaries.boundary_key,
    also=creation.tagged("iam:TagRole", resources.role),
    writes=True,
)
def create_role(
    call: Call,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str | None = None,
    max_session_duration: int = 3600,
    permissions_boundary: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make a role, whose trust policy says who may assume it."""
    if path.startswith(service_linked.PATH):
        raise InvalidInput(
            f"Path prefix '{service_linked.PATH}' can only be used for AWS Service linked Roles"
        )
    if path.startswith(service_linked.RESERVED):
        raise InvalidInput(f"Path prefix '{service_linked.RESERVED}' can only be used by AWS")
    if call.tx.roles.count() >= call.limits.roles:
        raise LimitExceeded(f"Cannot exceed quota for RolesPerAccount: {call.limits.roles}")
    role = Role(
        account=call.account,
        name=role_name,
        name_path=path,
        id=ids.unique_id(ids.ROLE, call.account),
        created=call.now.replace(microsecond=0),
        trust=documents.trust_policy(call, assume_role_policy_document),
        description=description,
        max_session_duration=max_session_duration,
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    call.tx.roles.add(role)
    break_glass.announce(call, role, assume_role_policy_document)
    if permissions_boundary is not None:
        role = boundaries.put(call, role, permissions_boundary)
    return {"Role": views.role(call, role)}


@operation(resource=resources.role)
def get_role(call: Call, *, role_name: str) -> dict[str, Any]:
    """Read a role."""
    role = call.tx.roles.get(role_name)
    return {"Role": views.used_role(call, role)}


@operation(resource=resources.roles)
def list_roles(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the roles under a path."""
    return paging.of_collection(
        call.tx.roles,
        "Roles",
        lambda role: views.role(call, role, listed=True),
        path_prefix=path_prefix,
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.role, writes=True)
def update_role(
    call: Call,
    *,
    role_name: str,
    description: str | None = None,
    max_session_duration: int | None = None,
) -> dict[str, Any]:
    """Change a role's description or, where it is no service's own, how long its sessions last at most."""
    role = call.tx.roles.get(role_name)
    if description is not None:
        role = msgspec.structs.replace(role, description=description)
    if max_session_duration is not None:
        service_linked.refuse_if_protected(role)
        role = msgspec.structs.replace(role, max_session_duration=max_session_duration)
    call.tx.roles.put(role)
    return {}


@operation(resource=resources.role, writes=True)
def update_role_description(call: Call, *, role_name: str, description: str) -> dict[str, Any]:
    """Change a role's description."""
    role = msgspec.structs.replace(call.tx.roles.get(role_name), description=description)
    call.tx.roles.put(role)
    return {"Role": views.role(call, role)}


@operation(resource=resources.role, writes=True)
def update_assume_role_policy(call: Call, *, role_name: str, policy_document: str) -> dict[str, Any]:
    """Replace a role's trust policy. Running sessions go on."""
    role = protection.modifiable(call, role_name)
    call.tx.roles.put(msgspec.structs.replace(role, trust=documents.trust_policy(call, policy_document)))
    break_glass.announce(call, role, policy_document)
    return {}


@operation(resource=resources.role, writes=True)
def delete_role(call: Call, *, role_name: str) -> dict[str, Any]:
    """Delete a role that has no policies and is in no instance profile. Its sessions end."""
    role = protection.modifiable(call, role_name)
    if call.tx.links.sources("profile-role", role.key):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    attachments.refuse_while_attached(call, role)
    boundaries.forget(call, role)
    call.tx.roles.delete(role)
    return {}

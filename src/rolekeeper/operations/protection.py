"""Roles that only AWS changes: every operation that changes a role's rights asks here first.

Source: "UnmodifiableEntityException" among the errors of the operations in the IAM API Reference.
"""

from __future__ import annotations

from rolekeeper.iam import service_linked
from rolekeeper.iam.entities import Role
from rolekeeper.service.call import Call


def modifiable(call: Call, role_name: str) -> Role:
    """The role of that name; NoSuchEntity, or UnmodifiableEntity where it is linked to a service."""
    role = call.tx.roles.get(role_name)
    service_linked.refuse_if_protected(role)
    return role

"""Tags of trust anchors, profiles, revocation lists and subjects.

Source: "TagResource" and its like in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper.errors import ResourceNotFoundException
from rolekeeper.iam import tagging
from rolekeeper.iam.roles_anywhere import RegionalResource
from rolekeeper.operations.rolesanywhere import keeping, naming
from rolekeeper.operations.rolesanywhere.keeping import Given
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=naming.tagged, writes=True)
def tag_resource(call: Call, *, resource_arn: str, tags: Given) -> dict[str, Any]:
    """Add or replace tags."""
    found = _get(call, resource_arn)
    keeping.put(call, found, tags=keeping.with_tags(found.tags, tags))
    return {}


@operation(resource=naming.tagged, writes=True)
def untag_resource(call: Call, *, resource_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags away."""
    found = _get(call, resource_arn)
    keeping.put(call, found, tags=tagging.without(found.tags, tag_keys))
    return {}


@operation(resource=naming.tagged)
def list_tags_for_resource(call: Call, *, resource_arn: str) -> dict[str, Any]:
    """List all tags."""
    tags = _get(call, resource_arn).tags
    return {"tags": [{"key": key, "value": value} for key, value in sorted(tags.items())]}


def _get(call: Call, resource_arn: str) -> RegionalResource:
    found = naming.by_arn(call, resource_arn)
    if found is None:
        raise ResourceNotFoundException(f"The resource could not be found: {resource_arn}")
    return found

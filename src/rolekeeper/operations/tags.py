"""Tags of roles, users, policies and instance profiles: one rule (`iam.tagging`), twelve operations."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from rolekeeper.iam import tagging
from rolekeeper.iam.entities import InstanceProfile, ManagedPolicy, Role, User
from rolekeeper.operations import paging, policies, resources
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

Tagged = TypeVar("Tagged", Role, User, ManagedPolicy, InstanceProfile)
Given = list[dict[str, str]]


def _tag(call: Call, entity: Tagged, given: Given) -> dict[str, Any]:
    tags = tagging.merged(entity.tags, given, limit=call.limits.tags)
    call.tx.collection(type(entity)).put(msgspec.structs.replace(entity, tags=tags))
    return {}


def _untag(call: Call, entity: Tagged, keys: list[str]) -> dict[str, Any]:
    tags = tagging.without(entity.tags, keys)
    call.tx.collection(type(entity)).put(msgspec.structs.replace(entity, tags=tags))
    return {}


def _page(entity: Tagged, marker: str | None, max_items: int | None) -> dict[str, Any]:
    return paging.of_list(
        list(entity.tags.items()),
        "Tags",
        key=lambda tag: tag[0],
        view=lambda tag: {"Key": tag[0], "Value": tag[1]},
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.role, writes=True)
def tag_role(call: Call, *, role_name: str, tags: Given) -> dict[str, Any]:
    """Add or replace tags of a role."""
    return _tag(call, call.tx.roles.get(role_name), tags)


@operation(resource=resources.role, writes=True)
def untag_role(call: Call, *, role_name: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags from a role."""
    return _untag(call, call.tx.roles.get(role_name), tag_keys)


@operation(resource=resources.role)
def list_role_tags(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of a role."""
    return _page(call.tx.roles.get(role_name), marker, max_items)


@operation(resource=resources.user, writes=True)
def tag_user(call: Call, *, user_name: str, tags: Given) -> dict[str, Any]:
    """Add or replace tags of a user."""
    return _tag(call, call.tx.users.get(user_name), tags)


@operation(resource=resources.user, writes=True)
def untag_user(call: Call, *, user_name: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags from a user."""
    return _untag(call, call.tx.users.get(user_name), tag_keys)


@operation(resource=resources.user)
def list_user_tags(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of a user."""
    return _page(call.tx.users.get(user_name), marker, max_items)


@operation(resource=resources.policy, writes=True)
def tag_policy(call: Call, *, policy_arn: str, tags: Given) -> dict[str, Any]:
    """Add or replace tags of a managed policy."""
    return _tag(call, policies.own(call, policy_arn), tags)


@operation(resource=resources.policy, writes=True)
def untag_policy(call: Call, *, policy_arn: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags from a managed policy."""
    return _untag(call, policies.own(call, policy_arn), tag_keys)


@operation(resource=resources.policy)
def list_policy_tags(
    call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of a managed policy."""
    return _page(policies.find(call, policy_arn), marker, max_items)


@operation(resource=resources.instance_profile, writes=True)
def tag_instance_profile(call: Call, *, instance_profile_name: str, tags: Given) -> dict[str, Any]:
    """Add or replace tags of an instance profile."""
    return _tag(call, call.tx.instance_profiles.get(instance_profile_name), tags)


@operation(resource=resources.instance_profile, writes=True)
def untag_instance_profile(call: Call, *, instance_profile_name: str, tag_keys: list[str]) -> dict[str, Any]:
    """Take tags from an instance profile."""
    return _untag(call, call.tx.instance_profiles.get(instance_profile_name), tag_keys)


@operation(resource=resources.instance_profile)
def list_instance_profile_tags(
    call: Call, *, instance_profile_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of an instance profile."""
    return _page(call.tx.instance_profiles.get(instance_profile_name), marker, max_items)

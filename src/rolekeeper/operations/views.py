"""Entities as AWS's answers show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from rolekeeper.iam.entities import (
    AccessKey,
    Group,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
)
from rolekeeper.iam.passwords import LoginProfile
from rolekeeper.operations import principals
from rolekeeper.service.authorizer import managed_policy
from rolekeeper.service.call import Call
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.query_output import Lasting

TRACKED = timedelta(days=400)
"""How long the use of roles and services is told of."""

Use = tuple[datetime, str]
"""When something was last used, to the second, and in which region."""


@lru_cache(maxsize=10_000)
def encoded(document: str) -> str:
    """A policy document as IAM's answers carry it: percent-encoded (RFC 3986)."""
    return quote(document, safe="-_.~")


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as a list of keys and values."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def role(call: Call, entity: Role, *, listed: bool = False) -> dict[str, Any]:
    """A role. In a list it has neither tags, boundary nor last use, as AWS's lists have not."""
    return _role(call.store, call.partition, entity, listed=listed)


def used_role(call: Call, entity: Role) -> Mapping[str, Any]:
    """A role with its last use."""
    return call.store.derived(_used_role, entity.account, entity.key, call.partition, last_used(call, entity))


def _used_role(store: Transaction, account: str, key: str, partition: str, last: Use | None) -> Lasting:
    view = _role(store, partition, store.account(account).roles.get(key))
    return Lasting(view | {"RoleLastUsed": _use(last)})


def _role(store: Transaction, partition: str, entity: Role, *, listed: bool = False) -> dict[str, Any]:
    view: dict[str, Any] = {
        "Path": entity.path,
        "RoleName": entity.name,
        "RoleId": entity.id,
        "Arn": entity.arn(partition),
        "CreateDate": entity.created,
        "AssumeRolePolicyDocument": encoded(principals.show(store, partition, entity.trust)),
        "MaxSessionDuration": entity.max_session_duration,
    }
    if entity.description is not None:
        view["Description"] = entity.description
    if listed:
        return view
    if entity.tags:
        view["Tags"] = tag_list(entity.tags)
    if entity.source is not None:
        view["SourceRoleTemplate"] = {
            "TemplateArn": f"arn:{partition}:iam::aws:{entity.source.template}",
            "TemplateMinorVersion": entity.source.minor,
        }
    return view | _boundary(store, partition, entity.boundary)


def last_used(call: Call, entity: Role) -> Use | None:
    """When a session of a role last called anything in the last 400 days.

    Source: "RoleLastUsed" in the IAM API Reference.
    """
    last = call.tx.usage.last(entity)
    if last is None or last.time < call.now - TRACKED:
        return None
    return last.time.replace(microsecond=0), last.region


def _use(last: Use | None) -> dict[str, Any]:
    return {} if last is None else {"LastUsedDate": last[0], "Region": last[1]}


def user(call: Call, entity: User, *, listed: bool = False) -> dict[str, Any]:
    """A user. In a list it has neither tags nor boundary."""
    view: dict[str, Any] = {
        "Path": entity.path,
        "UserName": entity.name,
        "UserId": entity.id,
        "Arn": entity.arn(call.partition),
        "CreateDate": entity.created,
    }
    last = password_last_used(call, entity)
    if last is not None:
        view["PasswordLastUsed"] = last
    if listed:
        return view
    if entity.tags:
        view["Tags"] = tag_list(entity.tags)
    return view | boundary(call, entity.boundary)


def password_last_used(call: Call, entity: User) -> datetime | None:
    """When a user last signed in to the console; None for one that never did, or has no password any more.

    Source: "User" in the IAM API Reference.
    """
    if call.tx.collection(LoginProfile).find(entity.id) is None:
        return None
    last = call.tx.usage.actions(entity, "signin").get("ConsoleLogin")
    return None if last is None else last.time.replace(microsecond=0)


def group(call: Call, entity: Group) -> dict[str, Any]:
    """A group."""
    return {
        "Path": entity.path,
        "GroupName": entity.name,
        "GroupId": entity.id,
        "Arn": entity.arn(call.partition),
        "CreateDate": entity.created,
    }


def policy(call: Call, entity: ManagedPolicy, *, listed: bool = False) -> dict[str, Any]:
    """A managed policy. In a list it has neither description nor tags."""
    links = call.tx.links  # of AWS's own policies, too, an account sees its own uses
    reference = policy_reference(entity)
    view: dict[str, Any] = {
        "PolicyName": entity.name,
        "PolicyId": entity.id,
        "Arn": entity.arn(call.partition),
        "Path": entity.path,
        "DefaultVersionId": entity.default_version,
        "AttachmentCount": len(links.sources("attachment", reference)),
        "PermissionsBoundaryUsageCount": len(links.sources("boundary", reference)),
        "IsAttachable": True,
        "CreateDate": entity.created,
        "UpdateDate": entity.updated,
    }
    if listed:
        return view
    if entity.description:
        view["Description"] = entity.description
    if entity.tags:
        view["Tags"] = tag_list(entity.tags)
    return view


def policy_version(entity: ManagedPolicy, version: PolicyVersion, *, with_document: bool) -> dict[str, Any]:
    """One version of a managed policy; lists and creation leave the document out."""
    view: dict[str, Any] = {
        "VersionId": version.id,
        "IsDefaultVersion": version.id == entity.default_version,
        "CreateDate": version.created,
    }
    return {"Document": encoded(version.document), **view} if with_document else view


def instance_profile(call: Call, entity: InstanceProfile, *, listed: bool = False) -> dict[str, Any]:
    """An instance profile with its role."""
    found = (call.tx.roles.find(key) for key in call.tx.links.targets("profile-role", entity.key))
    view: dict[str, Any] = {
        "Path": entity.path,
        "InstanceProfileName": entity.name,
        "InstanceProfileId": entity.id,
        "Arn": entity.arn(call.partition),
        "CreateDate": entity.created,
        "Roles": [role(call, member, listed=True) for member in found if member is not None],
    }
    if entity.tags and not listed:
        view["Tags"] = tag_list(entity.tags)
    return view


def access_key(entity: AccessKey, user_name: str) -> dict[str, Any]:
    """An access key without its secret."""
    return {
        "UserName": user_name,
        "AccessKeyId": entity.id,
        "Status": "Active" if entity.active else "Inactive",
        "CreateDate": entity.created,
    }


def policy_reference(entity: ManagedPolicy) -> str:
    """How links name a managed policy: `ACCOUNT/KEY`."""
    return f"{entity.account}/{entity.key}"


def boundary(call: Call, reference: str | None) -> dict[str, Any]:
    """The `PermissionsBoundary` member of an entity that has one."""
    return _boundary(call.store, call.partition, reference)


def _boundary(store: Transaction, partition: str, reference: str | None) -> dict[str, Any]:
    entity = None if reference is None else managed_policy(reference, store)
    if entity is None:
        return {}
    arn = entity.arn(partition)
    return {"PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}}

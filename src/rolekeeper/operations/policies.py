"""Customer managed policies and their versions."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import (
    AccessDenied,
    DeleteConflict,
    LimitExceeded,
    NoSuchEntity,
    PolicyNotAttachable,
    ValidationError,
)
from rolekeeper.iam import aws_policies, service_linked, tagging
from rolekeeper.iam.entities import ManagedPolicy, PolicyVersion
from rolekeeper.operations import creation, documents, paging, resources, views
from rolekeeper.service.authorizer import managed_policy_by_arn
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_ARN = re.compile(r"arn:[\w-]+:iam::(\d{12}|aws):policy/.+")


def find(call: Call, policy_arn: str) -> ManagedPolicy:
    """The policy of an ARN that the caller's account may use; NoSuchEntity, ValidationError."""
    if _ARN.fullmatch(policy_arn) is None:
        raise ValidationError(f"ARN {policy_arn} is not valid.")
    policy = managed_policy_by_arn(policy_arn, call.store)
    if policy is None or policy.account not in (call.account, "aws"):
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")
    return policy


def own(call: Call, policy_arn: str) -> ManagedPolicy:
    """A policy that the account may change: one of its own."""
    policy = find(call, policy_arn)
    if policy.account == aws_policies.OWNER:
        raise AccessDenied("Policy is outside your own account.")
    return policy


def attachable(call: Call, policy_arn: str) -> ManagedPolicy:
    """A policy that can be attached or made a boundary; the error is the one of attaching."""
    try:
        policy = find(call, policy_arn)
    except NoSuchEntity:
        raise NoSuchEntity(f"Policy {policy_arn} does not exist or is not attachable.") from None
    if policy.path.startswith(service_linked.PATH):
        raise PolicyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
    return policy


@operation(
    resource=resources.new_policy, also=creation.tagged("iam:TagPolicy", resources.new_policy), writes=True
)
def create_policy(
    call: Call,
    *,
    policy_name: str,
    policy_document: str,
    path: str = "/",
    description: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make a managed policy with its first version."""
    if call.tx.policies.count() >= call.limits.policies:
        raise LimitExceeded(f"Cannot exceed quota for PoliciesPerAccount: {call.limits.policies}")
    now = call.now.replace(microsecond=0)
    text = documents.managed_policy(call, policy_document)
    policy = ManagedPolicy(
        account=call.account,
        name=policy_name,
        name_path=path,
        id=ids.unique_id(ids.POLICY, call.account),
        created=now,
        updated=now,
        description=description,
        versions=(PolicyVersion(id="v1", document=text, created=now),),
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    call.tx.policies.add(policy)
    return {"Policy": views.policy(call, policy)}


@operation(resource=resources.policy)
def get_policy(call: Call, *, policy_arn: str) -> dict[str, Any]:
    """Read a managed policy, without its document."""
    return {"Policy": views.policy(call, find(call, policy_arn))}


@operation(resource=resources.policies)
def list_policies(
    call: Call,
    *,
    scope: str = "All",
    only_attached: bool = False,
    path_prefix: str = "/",
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List managed policies."""
    found = [] if scope == "AWS" else _all(call, path_prefix)
    if scope != "Local":
        found += [policy for policy in aws_policies.every().values() if policy.path.startswith(path_prefix)]
    if only_attached or policy_usage_filter is not None:
        found = [policy for policy in found if _usage(call, policy, policy_usage_filter)]
    return paging.of_list(
        found,
        "Policies",
        key=views.policy_reference,
        view=lambda policy: views.policy(call, policy, listed=True),
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.policy, writes=True)
def delete_policy(call: Call, *, policy_arn: str) -> dict[str, Any]:
    """Delete a policy that nothing uses and that has no version but the default."""
    policy = own(call, policy_arn)
    reference = views.policy_reference(policy)
    links = call.tx.links
    if links.sources("attachment", reference) or links.sources("boundary", reference):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy."
        )
    call.tx.policies.delete(policy)
    return {}


@operation(resource=resources.policy, writes=True)
def create_policy_version(
    call: Call, *, policy_arn: str, policy_document: str, set_as_default: bool = False
) -> dict[str, Any]:
    """Add a version to a policy, and make it the default on request."""
    policy = own(call, policy_arn)
    text = documents.managed_policy(call, policy_document)
    if len(policy.versions) >= call.limits.versions_per_policy:
        raise LimitExceeded(
            f"A managed policy can have up to {call.limits.versions_per_policy} versions. Before you create "
            "a new version, you must delete an existing version."
        )
    now = call.now.replace(microsecond=0)
    version = PolicyVersion(id=f"v{policy.next_version}", document=text, created=now)
    policy = msgspec.structs.replace(
        policy,
        versions=(*policy.versions, version),
        next_version=policy.next_version + 1,
        default_version=version.id if set_as_default else policy.default_version,
        updated=now,
    )
    call.tx.policies.put(policy)
    return {"PolicyVersion": views.policy_version(policy, version, with_document=False)}


@operation(resource=resources.policy)
def get_policy_version(call: Call, *, policy_arn: str, version_id: str) -> dict[str, Any]:
    """Read one version of a policy, with its document."""
    policy = find(call, policy_arn)
    version = _version(policy, policy_arn, version_id)
    return {"PolicyVersion": views.policy_version(policy, version, with_document=True)}


@operation(resource=resources.policy)
def list_policy_versions(
    call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the versions of a policy, the newest first."""
    policy = find(call, policy_arn)
    return paging.of_list(
        _versions(policy),
        "Versions",
        key=lambda version: f"{1_000_000_000 - int(version.id[1:]):010d}",
        view=lambda version: views.policy_version(policy, version, with_document=False),
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.policy, writes=True)
def set_default_policy_version(call: Call, *, policy_arn: str, version_id: str) -> dict[str, Any]:
    """Make a version the one that is in force, for every entity that has the policy."""
    policy = own(call, policy_arn)
    _version(policy, policy_arn, version_id)
    now = call.now.replace(microsecond=0)
    call.tx.policies.put(msgspec.structs.replace(policy, default_version=version_id, updated=now))
    return {}


@operation(resource=resources.policy, writes=True)
def delete_policy_version(call: Call, *, policy_arn: str, version_id: str) -> dict[str, Any]:
    """Delete a version that is not the default."""
    policy = own(call, policy_arn)
    _version(policy, policy_arn, version_id)
    if version_id == policy.default_version:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    rest = tuple(version for version in policy.versions if version.id != version_id)
    now = call.now.replace(microsecond=0)
    call.tx.policies.put(msgspec.structs.replace(policy, versions=rest, updated=now))
    return {}


def _version(policy: ManagedPolicy, policy_arn: str, version_id: str) -> PolicyVersion:
    try:
        if policy.account == aws_policies.OWNER:
            return aws_policies.version(policy, version_id)
        return policy.version(version_id)
    except KeyError:
        raise NoSuchEntity(
            f"Policy {policy_arn} version {version_id} does not exist or is not attachable."
        ) from None


def _versions(policy: ManagedPolicy) -> list[PolicyVersion]:
    """All versions. Those of AWS's own policies are without their documents, which no list shows."""
    if policy.account != aws_policies.OWNER:
        return list(policy.versions)
    times = aws_policies.versions(policy)
    return [PolicyVersion(id=version, document="", created=time) for version, time in times.items()]


def _all(call: Call, path_prefix: str) -> list[ManagedPolicy]:
    found, more = call.tx.policies.page(path_prefix=path_prefix, limit=1000)
    while more:
        next_page, more = call.tx.policies.page(path_prefix=path_prefix, after=found[-1].key, limit=1000)
        found += next_page
    return found


def _usage(call: Call, policy: ManagedPolicy, usage: str | None) -> bool:
    reference = views.policy_reference(policy)
    attached = usage != "PermissionsBoundary" and bool(call.tx.links.sources("attachment", reference))
    bounding = usage != "PermissionsPolicy" and bool(call.tx.links.sources("boundary", reference))
    return attached or bounding

"""Instance profiles: what EC2 is given in place of a role. A profile holds one role, and that limit stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rolekeeper import ids
from rolekeeper.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from rolekeeper.iam import tagging
from rolekeeper.iam.entities import InstanceProfile
from rolekeeper.operations import creation, paging, pass_role, protection, resources, views
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import operation


@operation(
    resource=resources.instance_profile,
    also=creation.tagged("iam:TagInstanceProfile", resources.instance_profile),
    writes=True,
)
def create_instance_profile(
    call: Call, *, instance_profile_name: str, path: str = "/", tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Make an instance profile, empty."""
    quota = call.limits.instance_profiles
    if call.tx.instance_profiles.count() >= quota:
        raise LimitExceeded(f"Cannot exceed quota for InstanceProfilesPerAccount: {quota}")
    profile = InstanceProfile(
        account=call.account,
        name=instance_profile_name,
        name_path=path,
        id=ids.unique_id(ids.INSTANCE_PROFILE, call.account),
        created=call.now.replace(microsecond=0),
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    call.tx.instance_profiles.add(profile)
    return {"InstanceProfile": views.instance_profile(call, profile)}


@operation(resource=resources.instance_profile)
def get_instance_profile(call: Call, *, instance_profile_name: str) -> dict[str, Any]:
    """Read an instance profile with its role."""
    profile = call.tx.instance_profiles.get(instance_profile_name)
    return {"InstanceProfile": views.instance_profile(call, profile)}


@operation(resource=resources.instance_profiles)
def list_instance_profiles(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the instance profiles under a path."""
    return paging.of_collection(
        call.tx.instance_profiles,
        "InstanceProfiles",
        lambda profile: views.instance_profile(call, profile, listed=True),
        path_prefix=path_prefix,
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.role)
def list_instance_profiles_for_role(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the instance profiles that hold a role."""
    role = call.tx.roles.get(role_name)
    keys = call.tx.links.sources("profile-role", role.key)
    found = (call.tx.instance_profiles.find(key) for key in keys)
    return paging.of_list(
        [profile for profile in found if profile is not None],
        "InstanceProfiles",
        key=lambda profile: profile.key,
        view=lambda profile: views.instance_profile(call, profile, listed=True),
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.instance_profile, writes=True)
def delete_instance_profile(call: Call, *, instance_profile_name: str) -> dict[str, Any]:
    """Delete an instance profile that holds no role."""
    profile = call.tx.instance_profiles.get(instance_profile_name)
    if call.tx.links.targets("profile-role", profile.key):
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    call.tx.instance_profiles.delete(profile)
    return {}


def _to_ec2(call: Call, *, role_name: str, **_: Any) -> Iterable[Access]:
    """A profile hands its role to EC2, for any instance of any region. Whether the role trusts EC2 shows when
    an instance uses it. Source: "AddRoleToInstanceProfile" in the IAM API Reference (AssociatedResourceArn).
    """
    role_arn = resources.role(call, role_name=role_name).arn
    instances = f"arn:{call.partition}:ec2:*:{call.account}:instance/*"
    yield pass_role.authorize_pass_role(call, role_arn, "ec2.amazonaws.com", instances)


@operation(resource=resources.instance_profile, also=_to_ec2, writes=True)
def add_role_to_instance_profile(call: Call, *, instance_profile_name: str, role_name: str) -> dict[str, Any]:
    """Put a role into an instance profile; LimitExceeded when it holds one."""
    profile = call.tx.instance_profiles.get(instance_profile_name)
    role = protection.modifiable(call, role_name)
    quota = call.limits.roles_per_instance_profile
    if len(call.tx.links.targets("profile-role", profile.key)) >= quota:
        raise LimitExceeded(f"Cannot exceed quota for InstanceSessionsPerInstanceProfile: {quota}")
    call.tx.links.add("profile-role", profile.key, role.key)
    return {}


@operation(resource=resources.instance_profile, writes=True)
def remove_role_from_instance_profile(
    call: Call, *, instance_profile_name: str, role_name: str
) -> dict[str, Any]:
    """Take a role out of an instance profile."""
    profile = call.tx.instance_profiles.get(instance_profile_name)
    role = protection.modifiable(call, role_name)
    if not call.tx.links.remove("profile-role", profile.key, role.key):
        raise NoSuchEntity(f"The role with name {role_name} cannot be found.")
    return {}

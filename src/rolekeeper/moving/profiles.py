"""Brings instance profiles, which stand in a dump with the roles that they hold."""

from __future__ import annotations

from collections.abc import Iterable

from rolekeeper.iam.entities import InstanceProfile
from rolekeeper.moving.form import Profile
from rolekeeper.moving.hand import Hand
from rolekeeper.moving.identity import make, refuse_another_path
from rolekeeper.moving.parts import retag, tag_members
from rolekeeper.moving.report import Loss


def bring_profile(hand: Hand, losses: list[Loss], *, given: Profile, role_name: str) -> bool:
    """Make an instance profile what the dump says, with its role; whether it is new."""
    name = {"InstanceProfileName": given.instance_profile_name}
    here = hand.tx.instance_profiles.find(given.instance_profile_name)
    if here is None:
        profile = make(
            hand,
            "CreateInstanceProfile",
            InstanceProfile,
            given.instance_profile_id,
            given.create_date,
            **name,
            Path=given.path,
            Tags=tag_members(given.tags),
        )
    else:
        refuse_another_path(here, given.path)
        retag(hand, "InstanceProfile", name, here.tags, given.tags)
        profile = here
    role = hand.tx.roles.get(role_name)
    held = hand.tx.links.targets("profile-role", profile.key)
    for key in held:
        if key != role.key:
            hand.do("RemoveRoleFromInstanceProfile", **name, RoleName=key)
    if role.key not in held:
        hand.do("AddRoleToInstanceProfile", **name, RoleName=role.name)
    return here is None


def leave_profiles(hand: Hand, role_name: str, wanted: Iterable[Profile]) -> None:
    """Take a role out of the instance profiles that the dump does not show it in."""
    names = {profile.instance_profile_name.lower() for profile in wanted}
    for key in hand.tx.links.sources("profile-role", role_name.lower()):
        if key not in names:
            hand.do("RemoveRoleFromInstanceProfile", InstanceProfileName=key, RoleName=role_name)

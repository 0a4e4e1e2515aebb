"""Brings groups, users and roles, with their policies and memberships."""

from __future__ import annotations

from collections.abc import Collection

from rolekeeper.errors import InvalidInput
from rolekeeper.iam import entities, service_linked
from rolekeeper.moving.form import Group, Role, User, text_of
from rolekeeper.moving.hand import Hand
from rolekeeper.moving.identity import make, refuse_another_path
from rolekeeper.moving.parts import Parts, tag_members
from rolekeeper.moving.profiles import leave_profiles
from rolekeeper.moving.report import Loss
from rolekeeper.operations import documents


def bring_group(hand: Hand, losses: list[Loss], *, given: Group, denying: Collection[str]) -> bool:
    """Make a group what the dump says; whether it is new."""
    here = hand.tx.groups.find(given.group_name)
    if here is None:
        place = {"GroupName": given.group_name, "Path": given.path}
        group = make(hand, "CreateGroup", entities.Group, given.group_id, given.create_date, **place)
    else:
        if here.path != given.path:
            hand.do("UpdateGroup", GroupName=here.name, NewPath=given.path)
        group = hand.tx.groups.get(given.group_name)
    parts = Parts(hand, group, losses, denying)
    parts.inline(given.group_policy_list)
    parts.attached(given.attached_managed_policies)
    return here is None


def bring_user(hand: Hand, losses: list[Loss], *, given: User, denying: Collection[str]) -> bool:
    """Make a user what the dump says; whether it is new."""
    here = hand.tx.users.find(given.user_name)
    boundary = given.permissions_boundary
    if here is None:
        user = make(
            hand,
            "CreateUser",
            entities.User,
            given.user_id,
            given.create_date,
            UserName=given.user_name,
            Path=given.path,
            PermissionsBoundary=boundary.permissions_boundary_arn if boundary else None,
            Tags=tag_members(given.tags),
        )
    else:
        if here.path != given.path:
            hand.do("UpdateUser", UserName=here.name, NewPath=given.path)
        user = hand.tx.users.get(given.user_name)
    parts = Parts(hand, user, losses, denying)
    parts.tags(given.tags)
    parts.boundary(given.permissions_boundary)
    parts.inline(given.user_policy_list)
    parts.attached(given.attached_managed_policies)
    _memberships(hand, user, given.group_list)
    return here is None


def _memberships(hand: Hand, user: entities.User, wanted: Collection[str]) -> None:
    """A user who is not in a group may be free of what it denies: an error leaves the user out."""
    found = (hand.tx.groups.find(key) for key in hand.tx.links.targets("member", user.key))
    here = {group.key: group.name for group in found if group is not None}
    folded = {name.lower() for name in wanted}
    for key, name in here.items():
        if key not in folded:
            hand.do("RemoveUserFromGroup", GroupName=name, UserName=user.name)
    for name in wanted:
        if name.lower() not in here:
            hand.do("AddUserToGroup", GroupName=name, UserName=user.name)


def bring_role(hand: Hand, losses: list[Loss], *, given: Role, denying: Collection[str]) -> bool:
    """Make a role what the dump says; whether it is new."""
    here = hand.tx.roles.find(given.role_name)
    if here is not None:
        refuse_another_path(here, given.path)
    if given.path.startswith(service_linked.PATH):
        return _service_linked(hand, here, given)
    if here is None:
        _make(hand, given)
    else:
        _change(hand, here, given)
        leave_profiles(hand, here.name, given.instance_profile_list)
    role = hand.tx.roles.get(given.role_name)
    parts = Parts(hand, role, losses, denying)
    parts.tags(given.tags)
    parts.boundary(given.permissions_boundary)
    parts.inline(given.role_policy_list)
    parts.attached(given.attached_managed_policies)
    return here is None


def _make(hand: Hand, given: Role) -> None:
    boundary = given.permissions_boundary
    make(
        hand,
        "CreateRole",
        entities.Role,
        given.role_id,
        given.create_date,
        RoleName=given.role_name,
        Path=given.path,
        AssumeRolePolicyDocument=text_of(given.assume_role_policy_document),
        Description=given.description,
        MaxSessionDuration=given.max_session_duration,
        PermissionsBoundary=boundary.permissions_boundary_arn if boundary else None,
        Tags=tag_members(given.tags),
    )


def _change(hand: Hand, here: entities.Role, given: Role) -> None:
    text = text_of(given.assume_role_policy_document)
    if documents.trust_policy(hand.call("UpdateAssumeRolePolicy"), text) != here.trust:
        hand.strangers.clear()
        hand.do("UpdateAssumeRolePolicy", RoleName=here.name, PolicyDocument=text)
    if given.description is not None and given.description != here.description:
        hand.do("UpdateRoleDescription", RoleName=here.name, Description=given.description)
    longest = given.max_session_duration
    if longest is not None and longest != here.max_session_duration:
        hand.do("UpdateRole", RoleName=here.name, MaxSessionDuration=longest)


def _service_linked(hand: Hand, here: entities.Role | None, given: Role) -> bool:
    """A service's own role is made as the service makes it: trust and policy are AWS's, not the dump's."""
    if here is not None:
        return False
    service = given.path.removeprefix(service_linked.PATH).rstrip("/")
    linked = service_linked.SERVICES.get(service)
    if linked is None:
        raise InvalidInput(f"no service-linked role of {service[:128]} is known here")
    name, _, suffix = given.role_name.partition(f"{linked.role_name}_")
    made = make(
        hand,
        "CreateServiceLinkedRole",
        entities.Role,
        given.role_id,
        given.create_date,
        AWSServiceName=service,
        Description=given.description,
        CustomSuffix=suffix if suffix and not name else None,
    )
    if made.name != given.role_name:
        raise InvalidInput(f"the role of {service[:128]} is called {made.name} here")
    return True

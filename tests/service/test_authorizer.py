"""The authorizer: whose policies count, and that a change counts at once."""

from __future__ import annotations

import pytest

from tests.client import Person
from tests.people import allow, assume, deny, managed, policy, refused, role, user


def test_root_is_allowed_by_default_and_in_its_own_account_only(root: Person, other: Person) -> None:
    root.iam.list_roles()
    role(root, "dev", root.account)
    with refused("NoSuchEntity", 404):
        other.iam.get_role(RoleName="dev")


def test_a_new_user_may_do_nothing(root: Person) -> None:
    bob = user(root, "bob")
    for call in (bob.iam.list_roles, bob.iam.list_users, bob.iam.get_user):
        with refused("AccessDenied", 403, f"User: {bob.arn} is not authorized to perform: iam:"):
            call()


def test_nothing_is_told_to_who_may_not_ask(root: Person) -> None:
    role(root, "there", root.account)
    bob = user(root, "bob")
    texts = []
    for name in ("there", "none"):
        with refused("AccessDenied", 403) as caught:
            bob.iam.get_role(RoleName=name)
        texts.append(str(caught.value).replace(name, "NAME"))
    assert texts[0] == texts[1]


def test_who_asks_for_a_role_that_is_not_there_keeps_what_they_may(root: Person) -> None:
    bob = user(root, "bob", allow("*"))
    for _ in range(2):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(bob, f"arn:aws:iam::{root.account}:role/none")
        bob.iam.list_roles()


def test_every_source_of_a_users_permissions_counts_and_stops_counting(root: Person) -> None:
    bob, iam = user(root, "bob"), root.iam
    iam.create_group(GroupName="staff")
    text = policy(allow("iam:ListRoles"))
    arn = managed(root, "lists", allow("iam:ListRoles"))
    in_group = {"GroupName": "staff"}
    changes = [
        ("put_user_policy", {"UserName": "bob", "PolicyName": "p", "PolicyDocument": text}),
        ("delete_user_policy", {"UserName": "bob", "PolicyName": "p"}),
        ("attach_user_policy", {"UserName": "bob", "PolicyArn": arn}),
        ("detach_user_policy", {"UserName": "bob", "PolicyArn": arn}),
        ("add_user_to_group", {"UserName": "bob", **in_group}),
        ("put_group_policy", {**in_group, "PolicyName": "p", "PolicyDocument": text}),
        ("delete_group_policy", {**in_group, "PolicyName": "p"}),
        ("attach_group_policy", {**in_group, "PolicyArn": arn}),
        ("remove_user_from_group", {"UserName": "bob", **in_group}),
    ]
    for operation, arguments in changes:
        getattr(iam, operation)(**arguments)
        if operation.startswith(("put", "attach")):
            bob.iam.list_roles()
        else:
            with refused("AccessDenied", 403, "because no identity-based policy allows"):
                bob.iam.list_roles()


@pytest.mark.parametrize("where", ["user", "group"])
def test_a_deny_from_anywhere_wins(root: Person, where: str) -> None:
    bob = user(root, "bob", allow("iam:*"))
    root.iam.create_group(GroupName="staff")
    root.iam.add_user_to_group(GroupName="staff", UserName="bob")
    bob.iam.list_roles()
    arn = managed(root, "denies", deny("iam:ListRoles"))
    name = {"UserName": "bob"} if where == "user" else {"GroupName": "staff"}
    getattr(root.iam, f"attach_{where}_policy")(**name, PolicyArn=arn)
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        bob.iam.list_roles()


def test_a_users_boundary_limits_its_groups_too(root: Person) -> None:
    bob = user(root, "bob", PermissionsBoundary=managed(root, "b", allow("iam:ListRoles")))
    root.iam.create_group(GroupName="staff")
    root.iam.put_group_policy(GroupName="staff", PolicyName="p", PolicyDocument=policy(allow("iam:*")))
    root.iam.add_user_to_group(GroupName="staff", UserName="bob")
    bob.iam.list_roles()
    with refused("AccessDenied", 403, "because no permissions boundary allows the iam:ListUsers action"):
        bob.iam.list_users()


def test_a_change_of_the_boundarys_policy_counts_at_once(root: Person) -> None:
    boundary = managed(root, "b", allow("iam:ListRoles"))
    bob = user(root, "bob", allow("iam:*"), PermissionsBoundary=boundary)
    bob.iam.list_roles()
    new = policy(allow("iam:ListUsers"))
    root.iam.create_policy_version(PolicyArn=boundary, PolicyDocument=new, SetAsDefault=True)
    bob.iam.list_users()
    with refused("AccessDenied", 403, "because no permissions boundary allows"):
        bob.iam.list_roles()


def test_what_a_user_of_another_account_changes_does_not_confuse(root: Person, other: Person) -> None:
    ours, theirs = user(root, "bob", allow("iam:ListRoles")), user(other, "bob")
    ours.iam.list_roles()
    other.iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy(deny("*")))
    ours.iam.list_roles()
    with refused("AccessDenied", 403, "with an explicit deny"):
        theirs.iam.list_roles()


def test_two_sessions_of_a_role_keep_their_own_limits(root: Person) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", bob.arn, allow("iam:*"))
    free, tied = assume(bob, arn), assume(bob, arn, Policy=policy(allow("iam:ListRoles")))
    for _ in range(2):
        free.iam.list_users()
        tied.iam.list_roles()
        with refused("AccessDenied", 403, "because no session policy allows"):
            tied.iam.list_users()


def test_a_policy_may_open_one_service_and_not_the_other(root: Person) -> None:
    bob = user(root, "bob", allow("sts:*"))
    bob.sts.get_access_key_info(AccessKeyId=bob.key_id)
    with refused("AccessDenied", 403):
        bob.iam.list_roles()

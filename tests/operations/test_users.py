"""Users, groups and access keys: their own rules."""

from __future__ import annotations

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, managed, refused, role, user


def test_a_user_without_a_name_is_the_caller(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetUser", "iam:ListAccessKeys", on="arn:aws:iam::*:user/bob"))
    user(root, "eve")
    assert bob.iam.get_user()["User"]["UserName"] == "bob"
    assert [one["UserName"] for one in bob.iam.list_access_keys()["AccessKeyMetadata"]] == ["bob"]
    with refused("AccessDenied", 403, "iam:GetUser on resource: "):
        bob.iam.get_user(UserName="eve")


def test_a_user_without_a_name_and_without_permission(root: Person) -> None:
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:GetUser action"):
        user(root, "bob").iam.get_user()


def test_the_root_user_is_shown_as_the_account(root: Person) -> None:
    found = root.iam.get_user()["User"]
    assert (found["Arn"], found["UserId"]) == (f"arn:aws:iam::{root.account}:root", root.account)


def test_a_session_has_no_user_of_its_own(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    answer = bob.sts.assume_role(
        RoleArn=role(root, "dev", root.account, allow("iam:*")), RoleSessionName="session"
    )
    dev = root.world.person(answer["Credentials"])
    for call in (dev.iam.get_user, dev.iam.create_access_key, dev.iam.list_access_keys):
        with refused("ValidationError", 400, "Must specify userName when calling with non-User credentials"):
            call()
    assert dev.iam.get_user(UserName="bob")["User"]["UserName"] == "bob"


def test_renaming_needs_the_permission_on_both_names(root: Person) -> None:
    arn = "arn:aws:iam::*:user/"
    bob = user(root, "bob", allow("iam:UpdateUser", on=[f"{arn}temp*", f"{arn}new/*"]))
    root.iam.create_user(UserName="temp")
    for more in ({"NewUserName": "admin"}, {"NewPath": "/admins/"}, {"NewUserName": "new"}):
        with refused("AccessDenied", 403, f"iam:UpdateUser on resource: arn:aws:iam::{root.account}:user/"):
            bob.iam.update_user(UserName="temp", **more)
    bob.iam.update_user(UserName="temp", NewUserName="temporary")
    bob.iam.update_user(UserName="temporary", NewPath="/new/")
    with refused("AccessDenied", 403):
        bob.iam.update_user(UserName="temporary", NewPath="/admins/")


def test_renaming_a_group_needs_the_permission_on_both_names(root: Person) -> None:
    bob = user(root, "bob", allow("iam:UpdateGroup", on="arn:aws:iam::*:group/temp*"))
    root.iam.create_group(GroupName="temp")
    with refused("AccessDenied", 403, "iam:UpdateGroup"):
        bob.iam.update_group(GroupName="temp", NewGroupName="admins")
    bob.iam.update_group(GroupName="temp", NewGroupName="temporary")


def test_a_renamed_user_keeps_what_it_has(root: Person) -> None:
    boundary, attached = managed(root, "b", allow("*")), managed(root, "p", allow("iam:ListRoles"))
    bob = user(root, "bob", allow("iam:ListUsers"), PermissionsBoundary=boundary)
    root.iam.attach_user_policy(UserName="bob", PolicyArn=attached)
    root.iam.create_group(GroupName="staff")
    root.iam.add_user_to_group(GroupName="staff", UserName="bob")
    root.iam.update_user(UserName="bob", NewUserName="Robert")
    for call in (bob.iam.list_users, bob.iam.list_roles):
        call()
    assert root.iam.get_policy(PolicyArn=boundary)["Policy"]["PermissionsBoundaryUsageCount"] == 1
    (member,) = root.iam.get_group(GroupName="staff")["Users"]
    assert member["UserName"] == "Robert"
    (found,) = root.iam.list_entities_for_policy(PolicyArn=attached)["PolicyUsers"]
    assert found["UserName"] == "Robert"
    # The old name is free, and has nothing of it.
    eve = user(root, "bob")
    with refused("AccessDenied", 403):
        eve.iam.list_roles()
    assert root.iam.list_groups_for_user(UserName="bob")["Groups"] == []


def test_a_name_that_is_taken_is_not_given(root: Person) -> None:
    for name in ("bob", "eve"):
        root.iam.create_user(UserName=name)
        root.iam.create_group(GroupName=name)
    with refused("EntityAlreadyExists", 409, "User with name EVE already exists."):
        root.iam.update_user(UserName="bob", NewUserName="EVE")
    with refused("EntityAlreadyExists", 409, "Group with name EVE already exists."):
        root.iam.update_group(GroupName="bob", NewGroupName="EVE")
    root.iam.update_user(UserName="bob", NewUserName="BOB")
    assert root.iam.get_user(UserName="bob")["User"]["UserName"] == "BOB"


def test_what_a_user_has_stands_in_the_way_of_its_deletion(root: Person) -> None:
    iam, attached = root.iam, managed(root, "p", allow("*"))
    bob = user(root, "bob", allow("*"), PermissionsBoundary=attached)
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="bob")
    iam.attach_user_policy(UserName="bob", PolicyArn=attached)
    steps = [
        ("must delete access keys first.", "delete_access_key", {"AccessKeyId": bob.key_id}),
        ("must remove users from group first.", "remove_user_from_group", {"GroupName": "staff"}),
        ("must detach all policies first.", "detach_user_policy", {"PolicyArn": attached}),
        ("must delete policies first.", "delete_user_policy", {"PolicyName": "own"}),
    ]
    for told, operation, arguments in steps:
        with refused("DeleteConflict", 409, f"Cannot delete entity, {told}"):
            iam.delete_user(UserName="bob")
        getattr(iam, operation)(UserName="bob", **arguments)
    iam.delete_user(UserName="bob")
    iam.delete_policy(PolicyArn=attached)


def test_two_keys_and_no_more(root: Person) -> None:
    user(root, "bob")
    second = root.iam.create_access_key(UserName="bob")["AccessKey"]
    with refused("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        root.iam.create_access_key(UserName="bob")
    root.iam.update_access_key(UserName="bob", AccessKeyId=second["AccessKeyId"], Status="Inactive")
    with refused("LimitExceeded", 409):
        root.iam.create_access_key(UserName="bob")
    root.iam.delete_access_key(UserName="bob", AccessKeyId=second["AccessKeyId"])
    root.iam.create_access_key(UserName="bob")


def test_a_key_is_its_users_alone(root: Person) -> None:
    bob = user(root, "bob")
    user(root, "eve")
    told = f"The Access Key with id {bob.key_id} cannot be found."
    with refused("NoSuchEntity", 404, told):
        root.iam.delete_access_key(UserName="eve", AccessKeyId=bob.key_id)
    with refused("NoSuchEntity", 404, told):
        root.iam.update_access_key(UserName="eve", AccessKeyId=bob.key_id, Status="Inactive")
    with refused("NoSuchEntity", 404, told):
        root.iam.delete_access_key(AccessKeyId=bob.key_id)
    bob.sts.get_caller_identity()


def test_another_accounts_key_is_not_there(root: Person, other: Person) -> None:
    theirs = user(other, "bob")
    root.iam.create_user(UserName="bob")
    for owner in ({}, {"UserName": "bob"}):
        with refused("NoSuchEntity", 404, f"The Access Key with id {theirs.key_id} cannot be found."):
            root.iam.delete_access_key(AccessKeyId=theirs.key_id, **owner)
    theirs.sts.get_caller_identity()


def test_the_root_user_has_keys_of_its_own(root: Person) -> None:
    user(root, "bob")
    made = root.iam.create_access_key()["AccessKey"]
    assert root.world.person(made).arn == f"arn:aws:iam::{root.account}:root"
    listed = {one["AccessKeyId"] for one in root.iam.list_access_keys()["AccessKeyMetadata"]}
    assert listed == {root.key_id, made["AccessKeyId"]}
    root.iam.delete_access_key(AccessKeyId=made["AccessKeyId"])
    with refused("InvalidClientTokenId", 403):
        root.world.person(made).sts.get_caller_identity()


@pytest.mark.parametrize("status", ["active", "Expired_", "On", ""])
def test_a_status_that_is_none_is_refused(root: Person, status: str) -> None:
    bob = user(root, "bob")
    with refused("ValidationError", 400, "at 'status' failed to satisfy constraint"):
        root.iam.update_access_key(UserName="bob", AccessKeyId=bob.key_id, Status=status)


def test_ten_groups_and_no_more(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    for number in range(11):
        root.iam.create_group(GroupName=f"g{number}")
    for number in range(10):
        root.iam.add_user_to_group(GroupName=f"g{number}", UserName="bob")
    with refused("LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10"):
        root.iam.add_user_to_group(GroupName="g10", UserName="bob")
    root.iam.add_user_to_group(GroupName="g9", UserName="bob")


@pytest.mark.parametrize(
    ("limit", "operation", "name", "told"),
    [
        ("users", "create_user", "UserName", "UsersPerAccount"),
        ("groups", "create_group", "GroupName", "GroupsPerAccount"),
        (
            "instance_profiles",
            "create_instance_profile",
            "InstanceProfileName",
            "InstanceProfilesPerAccount",
        ),
    ],
)
def test_one_too_many(world_with: type[LocalWorld], limit: str, operation: str, name: str, told: str) -> None:
    create = getattr(world_with(limits={limit: 1}).root.iam, operation)
    create(**{name: "one"})
    with refused("LimitExceeded", 409, f"Cannot exceed quota for {told}: 1"):
        create(**{name: "two"})


def test_tags_at_creation_need_the_permission_to_tag(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreateUser", "iam:CreateInstanceProfile"))
    tags = [{"Key": "a", "Value": "b"}]
    with refused("AccessDenied", 403, "iam:TagUser"):
        bob.iam.create_user(UserName="eve", Tags=tags)
    with refused("AccessDenied", 403, "iam:TagInstanceProfile"):
        bob.iam.create_instance_profile(InstanceProfileName="web", Tags=tags)
    bob.iam.create_user(UserName="eve")
    bob.iam.create_instance_profile(InstanceProfileName="web")


@pytest.mark.parametrize("operation", ["add_user_to_group", "remove_user_from_group"])
def test_both_a_group_and_a_user_must_be_there(root: Person, operation: str) -> None:
    root.iam.create_user(UserName="bob")
    root.iam.create_group(GroupName="staff")
    change = getattr(root.iam, operation)
    with refused("NoSuchEntity", 404, "The group with name none cannot be found."):
        change(GroupName="none", UserName="bob")
    with refused("NoSuchEntity", 404, "The user with name none cannot be found."):
        change(GroupName="staff", UserName="none")


def test_a_group_is_no_principal(root: Person) -> None:
    root.iam.create_group(GroupName="staff")
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(root, "dev", f"arn:aws:iam::{root.account}:group/staff")

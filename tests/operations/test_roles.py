"""Roles: what a change changes, what a view shows, and what stands in the way of a deletion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import LocalWorld, Person, World
from tests.people import allow, assume, managed, policy, refused, role, trusting, user


def test_a_role_is_shown_whole_to_get_and_short_in_a_list(root: Person) -> None:
    boundary = managed(root, "b", allow("*"))
    tags = [{"Key": "Team", "Value": "web"}]
    made = root.iam.create_role(
        RoleName="dev",
        Path="/team/",
        AssumeRolePolicyDocument=policy(trusting(root.account)),
        Description="For the team",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        Tags=tags,
    )["Role"]
    found = root.iam.get_role(RoleName="dev")["Role"]
    assert made == {key: found[key] for key in made}
    assert found["Tags"] == tags
    assert found["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    assert (found["Description"], found["MaxSessionDuration"]) == ("For the team", 7200)
    assert abs((datetime.now(UTC) - found["CreateDate"]).total_seconds()) < 60
    (listed,) = root.iam.list_roles()["Roles"]
    assert set(found) - set(listed) >= {"Tags", "PermissionsBoundary"}
    assert listed["Description"] == "For the team"


def test_an_update_changes_only_what_it_names(root: Person) -> None:
    role(root, "dev", root.account, Description="one", MaxSessionDuration=7200)
    root.iam.update_role(RoleName="dev", Description="two")
    found = root.iam.get_role(RoleName="dev")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("two", 7200)
    root.iam.update_role(RoleName="dev", MaxSessionDuration=3600)
    found = root.iam.get_role(RoleName="dev")["Role"]
    assert (found["Description"], found["MaxSessionDuration"]) == ("two", 3600)
    assert root.iam.update_role_description(RoleName="dev", Description="")["Role"]["Description"] == ""


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_role", {}),
        ("update_role", {}),
        ("update_role_description", {"Description": "x"}),
        ("update_assume_role_policy", {"PolicyDocument": policy(trusting("*"))}),
        ("delete_role", {}),
        ("put_role_permissions_boundary", {"PermissionsBoundary": "arn:aws:iam::111111111111:policy/p"}),
        ("delete_role_permissions_boundary", {}),
        ("put_role_policy", {"PolicyName": "p", "PolicyDocument": policy(allow("*"))}),
        ("get_role_policy", {"PolicyName": "p"}),
        ("list_role_policies", {}),
        ("delete_role_policy", {"PolicyName": "p"}),
        ("attach_role_policy", {"PolicyArn": "arn:aws:iam::111111111111:policy/p"}),
        ("detach_role_policy", {"PolicyArn": "arn:aws:iam::111111111111:policy/p"}),
        ("list_attached_role_policies", {}),
        ("list_instance_profiles_for_role", {}),
        ("tag_role", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_role", {"TagKeys": ["a"]}),
        ("list_role_tags", {}),
    ],
)
def test_a_role_that_is_not_there(root: Person, operation: str, arguments: dict[str, object]) -> None:
    with refused("NoSuchEntity", 404, "The role with name nobody cannot be found."):
        getattr(root.iam, operation)(RoleName="nobody", **arguments)


def test_what_a_role_has_stands_in_the_way_of_its_deletion(root: Person) -> None:
    iam = root.iam
    role(root, "dev", root.account, allow("iam:GetRole"))
    attached = managed(root, "p", allow("iam:GetRole"))
    iam.attach_role_policy(RoleName="dev", PolicyArn=attached)
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="dev")
    with refused("DeleteConflict", 409, "must remove roles from instance profile first."):
        iam.delete_role(RoleName="dev")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="dev")
    with refused("DeleteConflict", 409, "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName="dev")
    iam.detach_role_policy(RoleName="dev", PolicyArn=attached)
    with refused("DeleteConflict", 409, "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName="dev")
    iam.delete_role_policy(RoleName="dev", PolicyName="own")
    iam.delete_role(RoleName="dev")


def test_a_deleted_roles_boundary_is_free(root: Person) -> None:
    boundary = managed(root, "b", allow("*"))
    role(root, "dev", root.account, PermissionsBoundary=boundary)
    root.iam.delete_role(RoleName="dev")
    root.iam.delete_policy(PolicyArn=boundary)


def test_a_new_role_of_the_same_name_inherits_nothing(root: Person) -> None:
    root.iam.create_role(
        RoleName="dev",
        AssumeRolePolicyDocument=policy(trusting(root.account)),
        PermissionsBoundary=managed(root, "b", allow("*")),
        Tags=[{"Key": "a", "Value": "b"}],
    )
    root.iam.delete_role(RoleName="dev")
    role(root, "dev", root.account)
    found = root.iam.get_role(RoleName="dev")["Role"]
    assert "Tags" not in found
    assert "PermissionsBoundary" not in found


def test_one_role_too_many(world_with: type[LocalWorld]) -> None:
    root = world_with(limits={"roles": 2}).root
    role(root, "one", root.account)
    role(root, "two", root.account)
    with refused("LimitExceeded", 409, "Cannot exceed quota for RolesPerAccount: 2"):
        role(root, "three", root.account)
    root.iam.delete_role(RoleName="one")
    role(root, "three", root.account)


def test_a_quota_is_each_accounts_own(world_with: type[LocalWorld]) -> None:
    world = world_with(limits={"roles": 1})
    role(world.root, "one", world.root.account)
    role(world.other, "one", world.other.account)
    with refused("LimitExceeded", 409):
        role(world.other, "two", world.other.account)


def test_a_trust_policy_has_a_size_without_white_space(root: Person) -> None:
    text = policy(trusting(root.account, Sid="x" * 10))
    padding = 2048 - len(text.replace(" ", ""))
    fits = policy(trusting(root.account, Sid="x" * (10 + padding)))
    root.iam.create_role(RoleName="fits", AssumeRolePolicyDocument=fits + "\n" * 5000)
    with refused("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048"):
        root.iam.create_role(RoleName="not", AssumeRolePolicyDocument=fits.replace("x", "xx", 1))


def test_tags_at_creation_need_the_permission_to_tag(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreateRole"))
    tags = [{"Key": "Team", "Value": "web"}]
    role(bob, "plain", root.account)
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:TagRole action"):
        role(bob, "tagged", root.account, Tags=tags)
    role(user(root, "eve", allow("iam:CreateRole", "iam:TagRole")), "tagged", root.account, Tags=tags)


def test_making_roles_can_be_tied_to_a_boundary(root: Person) -> None:
    boundary, other = managed(root, "b", allow("*")), managed(root, "other", allow("*"))
    tied = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    bob = user(root, "bob", allow("iam:CreateRole", Condition=tied))
    for more in ({}, {"PermissionsBoundary": other}):
        with refused("AccessDenied", 403):
            role(bob, "dev", root.account, **more)
    role(bob, "dev", root.account, PermissionsBoundary=boundary)


def test_the_permission_counts_for_the_role_as_it_is(root: Person) -> None:
    role(root, "dev", root.account, Path="/team/")
    bob = user(root, "bob", allow("iam:GetRole", on=f"arn:aws:iam::{root.account}:role/team/*"))
    assert bob.iam.get_role(RoleName="DEV")["Role"]["RoleName"] == "dev"
    with refused("AccessDenied", 403, f"on resource: arn:aws:iam::{root.account}:role/nobody"):
        bob.iam.get_role(RoleName="nobody")


def test_tags_of_the_role_open_it(root: Person) -> None:
    mine = {"StringEquals": {"aws:ResourceTag/Owner": "${aws:username}"}}
    bob = user(root, "bob", allow("iam:DeleteRole", Condition=mine))
    role(root, "his", root.account, Tags=[{"Key": "owner", "Value": "bob"}])
    role(root, "hers", root.account, Tags=[{"Key": "Owner", "Value": "eve"}])
    role(root, "nobodys", root.account)
    for name in ("hers", "nobodys"):
        with refused("AccessDenied", 403):
            bob.iam.delete_role(RoleName=name)
    bob.iam.delete_role(RoleName="his")


def test_the_path_of_service_linked_roles_is_not_for_customers(root: Person) -> None:
    with refused("InvalidInput", 400, "can only be used for AWS Service linked Roles"):
        role(root, "dev", root.account, Path="/aws-service-role/ecs.amazonaws.com/")
    role(root, "dev", root.account, Path="/aws-service-roles/")


# -- last used ------------------------------------------------------------------------------------


def _last_used(root: Person) -> dict[str, Any]:
    told: dict[str, Any] = root.iam.get_role(RoleName="dev")["Role"]["RoleLastUsed"]
    (detail,) = root.iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert detail["RoleLastUsed"] == told
    return told


def test_a_role_that_was_only_assumed_was_not_used(root: Person) -> None:
    alice = user(root, "alice", allow("sts:*"))
    assume(alice, role(root, "dev", root.account))
    assert _last_used(root) == {}


@pytest.mark.requirement("SR-132")
def test_a_role_is_used_by_its_sessions(root: Person, world: World) -> None:
    alice = user(root, "alice", allow("sts:*"))
    session = assume(alice, role(root, "dev", root.account))
    before = datetime.now(UTC).replace(microsecond=0)
    session.in_region("eu-west-1").sts.get_caller_identity()
    used = _last_used(root)
    assert used["Region"] == "eu-west-1"
    assert before <= used["LastUsedDate"] <= datetime.now(UTC)
    world.advance(600)
    with refused("AccessDenied", 403):
        session.iam.list_users()
    later = _last_used(root)
    assert later["Region"] == "us-east-1"
    assert later["LastUsedDate"] - used["LastUsedDate"] >= timedelta(seconds=600)


def test_the_use_of_a_role_is_told_for_400_days(root: Person, world: World) -> None:
    alice = user(root, "alice", allow("sts:*"))
    assume(alice, role(root, "dev", root.account)).sts.get_caller_identity()
    world.advance(timedelta(days=400).total_seconds() - 60)
    assert _last_used(root)["Region"] == "us-east-1"
    world.advance(120)
    assert _last_used(root) == {}


def test_only_get_tells_when_a_role_was_used(root: Person) -> None:
    made = root.iam.create_role(RoleName="dev", AssumeRolePolicyDocument=policy(trusting(root.account)))[
        "Role"
    ]
    alice = user(root, "alice", allow("sts:*"))
    assume(alice, made["Arn"]).sts.get_caller_identity()
    (listed,) = root.iam.list_roles()["Roles"]
    assert "RoleLastUsed" not in made.keys() | listed.keys()


def test_a_new_role_of_the_same_name_was_not_used(root: Person) -> None:
    alice = user(root, "alice", allow("sts:*"))
    assume(alice, role(root, "dev", root.account)).sts.get_caller_identity()
    root.iam.delete_role(RoleName="dev")
    role(root, "dev", root.account)
    assert _last_used(root) == {}

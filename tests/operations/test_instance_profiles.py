"""Instance profiles: putting a role into one hands it to EC2, which needs the permission to pass it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, refused, role, user


@pytest.fixture
def profile(root: Person) -> dict[str, str]:
    role(root, "web", {"Service": "ec2.amazonaws.com"})
    root.iam.create_instance_profile(InstanceProfileName="web")
    return {"InstanceProfileName": "web", "RoleName": "web"}


def test_adding_a_role_needs_pass_role(root: Person, profile: dict[str, str]) -> None:
    bob = user(root, "bob", allow("iam:AddRoleToInstanceProfile"))
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:PassRole action"):
        bob.iam.add_role_to_instance_profile(**profile)
    assert root.iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"] == []
    eve = user(root, "eve", allow("iam:AddRoleToInstanceProfile", "iam:PassRole"))
    eve.iam.add_role_to_instance_profile(**profile)


@pytest.mark.parametrize(("service", "fine"), [("ec2.amazonaws.com", True), ("lambda.amazonaws.com", False)])
def test_it_is_passed_to_ec2(root: Person, profile: dict[str, str], service: str, fine: bool) -> None:
    tied: dict[str, Any] = {"StringEquals": {"iam:PassedToService": service}}
    may = allow("iam:AddRoleToInstanceProfile"), allow("iam:PassRole", Condition=tied)
    bob = user(root, "bob", *may)
    if fine:
        bob.iam.add_role_to_instance_profile(**profile)
    else:
        with refused("AccessDenied", 403, "iam:PassRole"):
            bob.iam.add_role_to_instance_profile(**profile)


def test_adding_the_same_role_twice_is_over_the_limit(root: Person, profile: dict[str, str]) -> None:
    root.iam.add_role_to_instance_profile(**profile)
    with refused("LimitExceeded", 409, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"):
        root.iam.add_role_to_instance_profile(**profile)


def test_its_role_is_shown_with_it(root: Person, profile: dict[str, str]) -> None:
    root.iam.add_role_to_instance_profile(**profile)
    (found,) = root.iam.list_instance_profiles()["InstanceProfiles"]
    assert [one["RoleName"] for one in found["Roles"]] == ["web"]
    assert found["Roles"][0]["AssumeRolePolicyDocument"]["Statement"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_instance_profile", {}),
        ("delete_instance_profile", {}),
        ("add_role_to_instance_profile", {"RoleName": "web"}),
        ("remove_role_from_instance_profile", {"RoleName": "web"}),
        ("tag_instance_profile", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_instance_profile", {"TagKeys": ["a"]}),
        ("list_instance_profile_tags", {}),
    ],
)
def test_a_profile_that_is_not_there(
    root: Person, profile: dict[str, str], operation: str, arguments: dict[str, Any]
) -> None:
    with refused("NoSuchEntity", 404, "Instance Profile none cannot be found."):
        getattr(root.iam, operation)(InstanceProfileName="none", **arguments)


@pytest.mark.parametrize(
    ("pattern", "fine"),
    [
        ("arn:aws:ec2:*:111111111111:instance/*", True),
        ("arn:aws:ec2:us-east-1:111111111111:instance/*", False),
        ("arn:aws:ec2:*:222222222222:instance/*", False),
    ],
)
def test_the_role_is_passed_for_any_instance_of_the_account(
    root: Person, profile: dict[str, str], pattern: str, fine: bool
) -> None:
    tied = {"Condition": {"ArnLike": {"iam:AssociatedResourceArn": pattern}}}
    passing = allow("iam:PassRole", **tied)
    bob = user(root, "bob", allow("iam:AddRoleToInstanceProfile"), passing)
    if fine:
        bob.iam.add_role_to_instance_profile(**profile)
    else:
        with refused("AccessDenied", 403, "iam:PassRole"):
            bob.iam.add_role_to_instance_profile(**profile)

"""Roles for EC2 and their instance profiles, and what is in use: rows SR-060 to SR-063 and SR-076."""

from __future__ import annotations

import pytest

from tests.client import Person
from tests.people import allow, assume, managed, policy, refused, role, user

requirement = pytest.mark.requirement

EC2 = {"Service": "ec2.amazonaws.com"}


def in_profile(root: Person, profile: str) -> list[str]:
    held = root.iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    return [each["RoleName"] for each in held]


@requirement("SR-060")
def test_sr_060_a_role_for_ec2_is_in_a_profile_and_hands_itself_to_nobody(root: Person) -> None:
    arn = role(root, "web", EC2, allow("s3:*"))
    root.iam.create_instance_profile(InstanceProfileName="web")
    assert in_profile(root, "web") == []
    root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    assert in_profile(root, "web") == ["web"]
    someone = user(root, "someone", allow("sts:AssumeRole"))
    with refused("AccessDenied", 403, "sts:AssumeRole"):  # only the service is trusted
        assume(someone, arn)


@requirement("SR-060")
def test_sr_060_who_may_not_pass_the_role_cannot_put_it_into_a_profile(root: Person) -> None:
    arn = role(root, "web", EC2)
    root.iam.create_instance_profile(InstanceProfileName="web")
    operator = user(root, "operator", allow("iam:AddRoleToInstanceProfile"))
    with refused("AccessDenied", 403, f"iam:PassRole on resource: {arn}"):
        operator.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    assert in_profile(root, "web") == []
    root.iam.put_user_policy(
        UserName="operator",
        PolicyName="own",
        PolicyDocument=policy(allow("iam:AddRoleToInstanceProfile"), allow("iam:PassRole", on=arn)),
    )
    operator.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    assert in_profile(root, "web") == ["web"]


@requirement("SR-061")
def test_sr_061_a_profile_holds_one_role_and_that_cannot_be_raised(root: Person) -> None:
    role(root, "web", EC2)
    role(root, "batch", EC2)
    root.iam.create_instance_profile(InstanceProfileName="web")
    root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    for name in ("batch", "web"):
        with refused("LimitExceeded", 409, "InstanceSessionsPerInstanceProfile: 1"):
            root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName=name)
    root.iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="batch")
    assert in_profile(root, "web") == ["batch"]


@requirement("SR-062")
def test_sr_062_a_role_can_be_in_several_profiles(root: Person) -> None:
    role(root, "web", EC2)
    for name in ("blue", "green"):
        root.iam.create_instance_profile(InstanceProfileName=name)
        root.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="web")
    found = root.iam.list_instance_profiles_for_role(RoleName="web")["InstanceProfiles"]
    assert [each["InstanceProfileName"] for each in found] == ["blue", "green"]


@requirement("SR-063")
def test_sr_063_by_the_api_nobody_makes_the_profile_but_who_asks_for_it(root: Person) -> None:
    role(root, "web", EC2)
    assert root.iam.list_instance_profiles()["InstanceProfiles"] == []
    with refused("NoSuchEntity", 404, "Instance Profile web cannot be found"):
        root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")


@requirement("SR-076")
def test_sr_076_what_is_in_use_is_not_deleted(root: Person) -> None:
    role(root, "web", EC2, allow("s3:*"))
    attached = managed(root, "reading", allow("s3:Get*"))
    root.iam.attach_role_policy(RoleName="web", PolicyArn=attached)
    root.iam.create_instance_profile(InstanceProfileName="web")
    root.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")

    with refused("DeleteConflict", 409, "Cannot delete a policy attached to entities."):
        root.iam.delete_policy(PolicyArn=attached)
    with refused("DeleteConflict", 409, "must remove roles from instance profile first."):
        root.iam.delete_instance_profile(InstanceProfileName="web")
    with refused("DeleteConflict", 409, "must remove roles from instance profile first."):
        root.iam.delete_role(RoleName="web")
    root.iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    with refused("DeleteConflict", 409, "must detach all policies first."):
        root.iam.delete_role(RoleName="web")
    root.iam.detach_role_policy(RoleName="web", PolicyArn=attached)
    with refused("DeleteConflict", 409, "must delete policies first."):
        root.iam.delete_role(RoleName="web")
    root.iam.delete_role_policy(RoleName="web", PolicyName="own")

    root.iam.delete_role(RoleName="web")
    root.iam.delete_policy(PolicyArn=attached)
    root.iam.delete_instance_profile(InstanceProfileName="web")

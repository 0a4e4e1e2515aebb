"""Instances and their instance profiles: who may put which role on which instance, and one at most."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, deny, refused, role, user
from tests.workers import EC2, association, become, delivered, instance, profile

RUN = allow("ec2:RunInstances")
NOWHERE = "i-0123456789abcdef0"
NO_ASSOCIATION = "iip-assoc-0123456789abcdef0"


@pytest.fixture
def web(root: Person) -> str:
    """A role for EC2 in a profile of its name; the role's ARN."""
    arn = role(root, "web", EC2, allow("iam:ListRoles"))
    profile(root, "web", "web")
    return arn


# -- launching ---------------------------------------------------------------------------------------


def test_it_needs_the_permission_to_run_instances(root: Person) -> None:
    with refused("AccessDeniedException", 400, "is not authorized to perform: ec2:RunInstances"):
        instance(user(root, "bob", allow("rolekeeper:*")))
    instance(user(root, "eve", RUN))


def test_a_profile_needs_the_permission_to_pass_its_role(root: Person, web: str) -> None:
    with refused("AccessDeniedException", 400, f"iam:PassRole on resource: {web}"):
        instance(user(root, "bob", RUN), "web")
    instance(user(root, "eve", RUN, allow("iam:PassRole", on=web)), "web")


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("iam:PassedToService", "ec2.amazonaws.com", True),
        ("iam:PassedToService", "lambda.amazonaws.com", False),
        ("iam:AssociatedResourceArn", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*", True),
        ("iam:AssociatedResourceArn", f"arn:aws:ec2:us-west-2:{ACCOUNT}:instance/*", False),
    ],
)
def test_passing_may_be_tied(root: Person, web: str, key: str, value: str, fine: bool) -> None:
    bob = user(root, "bob", RUN, allow("iam:PassRole", Condition={"StringLike": {key: value}}))
    if fine:
        instance(bob, "web")
    else:
        with refused("AccessDeniedException", 400, "iam:PassRole"):
            instance(bob, "web")


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("ec2:InstanceType", "t3.micro", True),
        ("ec2:InstanceType", "m5.large", False),
        ("ec2:MetadataHttpTokens", "required", True),
        ("ec2:MetadataHttpTokens", "optional", False),
        ("ec2:Region", "us-east-1", True),
        ("ec2:InstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/web", True),
        ("ec2:InstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/other", False),
        ("aws:RequestTag/team", "blue", True),
        ("aws:RequestTag/team", "red", False),
    ],
)
def test_conditions_of_launching(root: Person, web: str, key: str, value: str, fine: bool) -> None:
    tied = allow("ec2:RunInstances", Condition={"StringEquals": {key: value}})
    bob = user(root, "bob", tied, allow("iam:PassRole", "ec2:CreateTags"))
    tags = [{"Key": "team", "Value": "blue"}]
    if fine:
        instance(bob, "web", Tags=tags)
    else:
        with refused("AccessDeniedException", 400, "ec2:RunInstances"):
            instance(bob, "web", Tags=tags)


def test_tags_are_a_permission_of_their_own(root: Person) -> None:
    bob = user(root, "bob", RUN)
    with refused("AccessDeniedException", 400, "ec2:CreateTags"):
        instance(bob, Tags=[{"Key": "team", "Value": "blue"}])


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"Name": "none"}, "Value (none) for parameter iamInstanceProfile.name is invalid. Invalid IAM"),
        ({"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/x/web"}, "parameter iamInstanceProfile.arn"),
        ({"Arn": "arn:aws:iam::222222222222:instance-profile/web"}, "Invalid IAM Instance Profile ARN"),
        ({"Arn": "something-without-any-arn"}, "Invalid IAM Instance Profile ARN"),
        ({"Name": "empty"}, "has no associated IAM Roles"),
    ],
)
def test_a_profile_that_cannot_be_used(root: Person, web: str, given: dict[str, str], text: str) -> None:
    profile(root, "empty")
    with refused("InvalidParameterValue", 400, text):
        root.workloads.register_instance(IamInstanceProfile=given)
    assert root.workloads.list_instances()["Instances"] == []


def test_who_may_not_launch_is_not_told_of_profiles(root: Person) -> None:
    with refused("AccessDeniedException", 400, "ec2:RunInstances"):
        instance(user(root, "bob"), "none")


@pytest.mark.parametrize(
    "wrong",
    [
        {"MetadataOptions": {"HttpTokens": "sometimes"}},
        {"MetadataOptions": {"HttpPutResponseHopLimit": 65}},
        {"PrivateIpAddress": "home"},
        {"IamInstanceProfile": {"Name": "a/b"}},
    ],
)
def test_what_is_no_instance(root: Person, wrong: dict[str, Any]) -> None:
    with refused("ValidationException", 400):
        root.workloads.register_instance(**wrong)


def test_an_instance_is_as_it_was_asked_for(root: Person, web: str) -> None:
    asked = {
        "InstanceType": "m5.large",
        "ImageId": "ami-1",
        "Architecture": "arm64",
        "PrivateIpAddress": "10.0.0.7",
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "Tags": [{"Key": "team", "Value": "blue"}],
    }
    made = root.workloads.register_instance(
        **asked, IamInstanceProfile={"Name": "web"}, MetadataOptions={"HttpTokens": "optional"}
    )["Instance"]
    assert asked.items() <= made.items()
    assert made["AvailabilityZone"] == "us-east-1a"
    assert made["InstanceArn"] == f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{made['InstanceId']}"
    assert made["IamInstanceProfile"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:instance-profile/web"
    assert made["MetadataOptions"] == {
        "HttpTokens": "optional",
        "HttpPutResponseHopLimit": 1,
        "HttpEndpoint": "enabled",
        "InstanceMetadataTags": "disabled",
    }
    (listed,) = root.workloads.list_instances()["Instances"]
    assert listed == made


def test_the_secret_is_shown_once_and_not_in_the_trail(local: LocalWorld) -> None:
    _, secret = instance(local.root)
    assert secret not in json.dumps(local.root.workloads.list_instances(), default=str)
    assert secret not in json.dumps(local.events())
    assert "Secret" not in local.root.workloads.list_instances()["Instances"][0]


# -- one profile, later ------------------------------------------------------------------------------


def test_associating_needs_both_permissions_and_takes_the_instance_into_account(
    root: Person, web: str
) -> None:
    mine, _ = instance(root, Tags=[{"Key": "team", "Value": "blue"}])
    asked = {"InstanceId": mine, "IamInstanceProfile": {"Name": "web"}}
    act = "ec2:AssociateIamInstanceProfile"
    blue = {"Condition": {"StringEquals": {"ec2:ResourceTag/team": "blue"}}}
    red = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}
    for name, statements in (
        ("nobody", [allow("iam:PassRole")]),
        ("red", [allow(act, **red), allow("iam:PassRole")]),
        ("elsewhere", [allow(act, on="arn:aws:ec2:eu-west-1:*:instance/*"), allow("iam:PassRole")]),
    ):
        with refused("AccessDeniedException", 400, act):
            user(root, name, *statements).workloads.associate_instance_profile(**asked)
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(root, "passless", allow(act)).workloads.associate_instance_profile(**asked)
    new = {"Condition": {"ArnLike": {"iam:AssociatedResourceArn": f"arn:aws:ec2:*:*:instance/{mine}"}}}
    bob = user(root, "bob", allow(act, **blue), allow("iam:PassRole", **new))
    made = bob.workloads.associate_instance_profile(**asked)["IamInstanceProfileAssociation"]
    assert (made["State"], made["InstanceId"]) == ("associating", mine)
    assert association(root, mine)["State"] == "associated"


@pytest.mark.parametrize("second", ["web", "other"])
def test_a_second_profile_is_refused(root: Person, web: str, second: str) -> None:
    role(root, "other", EC2)
    profile(root, "other", "other")
    mine, _ = instance(root, "web")
    before = association(root, mine)
    with refused("IncorrectState", 400, f"There is an existing association for instance {mine}"):
        root.workloads.associate_instance_profile(InstanceId=mine, IamInstanceProfile={"Name": second})
    assert association(root, mine) == before


def test_replacing_makes_another_association(local: LocalWorld, root: Person) -> None:
    local_root = local.root
    for name in ("web", "other"):
        role(local_root, name, EC2)
        profile(local_root, name, name)
    mine, secret = instance(local_root, "web")
    assert "/web/" in become(local, secret).arn
    before = association(local_root, mine)["AssociationId"]
    asked = {"AssociationId": before, "IamInstanceProfile": {"Name": "other"}}
    act = "ec2:ReplaceIamInstanceProfileAssociation"
    with refused("AccessDeniedException", 400, "iam:PassRole"):
        user(local_root, "bob", allow(act)).workloads.replace_instance_profile_association(**asked)
    tied = {"Condition": {"ArnLike": {"ec2:NewInstanceProfile": "arn:aws:iam::*:instance-profile/w*"}}}
    with refused("AccessDeniedException", 400, act):
        user(
            local_root, "eve", allow(act, **tied), allow("iam:PassRole")
        ).workloads.replace_instance_profile_association(**asked)
    after = local_root.workloads.replace_instance_profile_association(**asked)
    assert after["IamInstanceProfileAssociation"]["AssociationId"] != before
    assert "/other/" in become(local, secret).arn
    with refused("InvalidAssociationID.NotFound", 400, before):
        local_root.workloads.replace_instance_profile_association(**asked)


def test_disassociating_leaves_nothing(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local.root, "web", "web")
    mine, secret = instance(local.root, "web")
    asked = {"AssociationId": association(local.root, mine)["AssociationId"]}
    act = "ec2:DisassociateIamInstanceProfile"
    with refused("AccessDeniedException", 400, act):
        user(local.root, "bob", deny(act), allow("*")).workloads.disassociate_instance_profile(**asked)
    gone = user(local.root, "eve", allow(act)).workloads.disassociate_instance_profile(**asked)
    assert gone["IamInstanceProfileAssociation"]["State"] == "disassociating"
    assert delivered(local, secret) is None
    with refused("InvalidAssociationID.NotFound", 400):
        local.root.workloads.disassociate_instance_profile(**asked)
    local.root.workloads.associate_instance_profile(InstanceId=mine, IamInstanceProfile={"Name": "web"})


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("deregister_instance", {"InstanceId": NOWHERE}, "InvalidInstanceID.NotFound"),
        ("modify_instance_metadata_options", {"InstanceId": NOWHERE}, "InvalidInstanceID.NotFound"),
        ("list_instances", {"InstanceIds": [NOWHERE]}, "InvalidInstanceID.NotFound"),
        (
            "associate_instance_profile",
            {"InstanceId": NOWHERE, "IamInstanceProfile": {"Name": "web"}},
            "InvalidInstanceID.NotFound",
        ),
        (
            "replace_instance_profile_association",
            {"AssociationId": NO_ASSOCIATION, "IamInstanceProfile": {"Name": "web"}},
            "InvalidAssociationID.NotFound",
        ),
        (
            "disassociate_instance_profile",
            {"AssociationId": NO_ASSOCIATION},
            "InvalidAssociationID.NotFound",
        ),
    ],
)
def test_what_is_not_there(
    root: Person, web: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    with refused("AccessDeniedException", 400):
        getattr(user(root, "bob").workloads, operation)(**arguments)
    with refused(code, 400):
        getattr(root.workloads, operation)(**arguments)


def test_an_instance_of_another_region_or_account_is_not_there(root: Person, other: Person) -> None:
    mine, _ = instance(root)
    for person in (root.in_region("eu-west-1"), other):
        with refused("InvalidInstanceID.NotFound", 400):
            person.workloads.deregister_instance(InstanceId=mine)
        assert person.workloads.list_instances()["Instances"] == []


def test_an_instance_that_is_terminated_is_gone_with_all_of_it(local: LocalWorld) -> None:
    role(local.root, "web", EC2)
    profile(local.root, "web", "web")
    mine, secret = instance(local.root, "web")
    local.root.workloads.deregister_instance(InstanceId=mine)
    assert local.server.attest(secret) is None
    assert local.root.workloads.list_instance_profile_associations()["IamInstanceProfileAssociations"] == []
    assert local.root.workloads.list_workloads()["Workloads"] == []


def test_metadata_options_change_one_by_one(root: Person) -> None:
    mine, _ = instance(root)
    root.workloads.modify_instance_metadata_options(InstanceId=mine, HttpTokens="optional")
    changed = root.workloads.modify_instance_metadata_options(
        InstanceId=mine, HttpPutResponseHopLimit=64, InstanceMetadataTags="enabled"
    )
    assert changed["InstanceMetadataOptions"] == {
        "HttpTokens": "optional",
        "HttpPutResponseHopLimit": 64,
        "HttpEndpoint": "enabled",
        "InstanceMetadataTags": "enabled",
    }


def test_lists_come_in_pages(root: Person) -> None:
    made = sorted(instance(root)[0] for _ in range(5))
    seen: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = root.workloads.list_instances(MaxResults=2, **more)
        seen += [each["InstanceId"] for each in page["Instances"]]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert seen == made
    with refused("ValidationException", 400):
        root.workloads.list_instances(NextToken="é")

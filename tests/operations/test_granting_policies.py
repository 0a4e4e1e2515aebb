"""Which policies let somebody reach a service: whom one may ask about, and what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy import catalog
from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.people import allow, deny, managed, policy, refused, role, user

ASK = "iam:ListPoliciesGrantingServiceAccess"


def arn_of(name: str, kind: str = "user", account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def ask(person: Person, arn: str, *services: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = person.iam.list_policies_granting_service_access(
        Arn=arn, ServiceNamespaces=list(services), **more
    )
    return answer


def names(person: Person, arn: str, service: str) -> list[str]:
    (entry,) = ask(person, arn, service)["PoliciesGrantingServiceAccess"]
    return [one["PolicyName"] for one in entry["Policies"]]


def test_asking_needs_the_permission_on_the_identity(root: Person) -> None:
    bob = user(root, "bob", allow(ASK, on=arn_of("bob")))
    user(root, "eve")
    with refused("AccessDenied", 403, f"{ASK} on resource: {arn_of('eve')}"):
        ask(bob, arn_of("eve"), "s3")
    with refused("AccessDenied", 403, f"{ASK} on resource: {arn_of('nobody')}"):
        ask(bob, arn_of("nobody"), "s3")
    assert names(bob, arn_of("bob"), "iam") == ["own"]


def test_a_wrong_path_finds_the_identity_and_asks_on_its_own_arn(root: Person) -> None:
    user(root, "eve", allow("s3:GetObject"), Path="/secret/")
    bob = user(root, "bob", allow(ASK, on=arn_of("public/*")))
    with refused("AccessDenied", 403, f"{ASK} on resource: {arn_of('secret/eve')}"):
        ask(bob, arn_of("public/eve"), "s3")
    assert names(root, arn_of("eve"), "s3") == names(root, arn_of("public/eve"), "s3") == ["own"]


def test_the_permission_can_be_asked_by_a_tag(root: Person) -> None:
    tagged: dict[str, Any] = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    bob = user(root, "bob", allow(ASK, Condition=tagged))
    user(root, "ana", Tags=[{"Key": "team", "Value": "red"}])
    user(root, "eve", Tags=[{"Key": "team", "Value": "blue"}])
    assert names(bob, arn_of("ana"), "s3") == []
    with refused("AccessDenied", 403, ASK):
        ask(bob, arn_of("eve"), "s3")


@pytest.mark.parametrize(
    ("arn", "code", "status", "text"),
    [
        ("no arn, but long enough", "ValidationError", 400, "ARN no arn, but long enough is not valid."),
        ("arn:aws-cn:iam::111111111111:user/bob", "ValidationError", 400, "Invalid ARN partition"),
        ("arn:aws:s3::111111111111:user/bob", "ValidationError", 400, "Invalid service in ARN"),
        (
            arn_of("bob", account=OTHER_ACCOUNT),
            "AccessDenied",
            403,
            "perform the operation on arn:aws:iam::222",
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:root",
            "InvalidInput",
            400,
            "Could not extract entity from ARN : arn:aws:iam",
        ),
        (arn_of("mine", "policy"), "InvalidInput", 400, "policy/mine is not supported."),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "InvalidInput", 400, "ReadOnlyAccess is not supported."),
        (arn_of("web", "instance-profile"), "InvalidInput", 400, "Invalid Entity Arn: arn:aws:iam::1"),
        (arn_of("nobody"), "NoSuchEntity", 404, f"ARN {arn_of('nobody')} does not exist."),
        (arn_of("bob", "role"), "NoSuchEntity", 404, "role/bob does not exist."),
    ],
)
def test_what_is_no_identity_of_the_account(
    root: Person, arn: str, code: str, status: int, text: str
) -> None:
    user(root, "bob")
    managed(root, "mine", allow("s3:*"))
    with refused(code, status, text):
        ask(root, arn, "s3")


@pytest.mark.parametrize(
    ("services", "text"),
    [
        (["nosuch"], "Invalid service namespace: [nosuch]"),
        (["S3", "s3", "IAM"], "Invalid service namespace: [S3, IAM]"),
        (["no_such"], "Invalid service namespace: [no_such]"),
    ],
)
def test_services_are_those_of_the_reference(root: Person, services: list[str], text: str) -> None:
    user(root, "bob")
    with refused("InvalidInput", 400, text):
        ask(root, arn_of("bob"), *services)


@pytest.mark.parametrize("services", [[], [""], ["s3:GetObject"], ["x" * 65], ["s3"] * 201])
def test_the_model_says_what_services_look_like(root: Person, services: list[str]) -> None:
    user(root, "bob")
    with refused("ValidationError", 400):
        ask(root, arn_of("bob"), *services)


def test_a_user_has_its_own_policies_and_those_of_its_groups_each_once(root: Person) -> None:
    user(root, "bob", allow("s3:GetObject", "iam:GetUser"))
    shared = managed(root, "shared", allow("sqs:SendMessage", "s3:GetObject"))
    root.iam.create_group(GroupName="dev")
    root.iam.add_user_to_group(GroupName="dev", UserName="bob")
    root.iam.attach_user_policy(UserName="bob", PolicyArn=shared)
    root.iam.attach_group_policy(GroupName="dev", PolicyArn=shared)
    root.iam.put_group_policy(
        GroupName="dev", PolicyName="run", PolicyDocument=policy(allow("lambda:ListFunctions"))
    )
    own = {"PolicyName": "own", "PolicyType": "INLINE", "EntityType": "USER", "EntityName": "bob"}
    run = {"PolicyName": "run", "PolicyType": "INLINE", "EntityType": "GROUP", "EntityName": "dev"}
    both = {"PolicyName": "shared", "PolicyType": "MANAGED", "PolicyArn": shared}
    answer = ask(root, arn_of("bob"), "sqs", "s3", "s3", "iam", "lambda", "ec2")
    assert answer["IsTruncated"] is False
    assert answer["PoliciesGrantingServiceAccess"] == [
        {"ServiceNamespace": "sqs", "Policies": [both]},
        {"ServiceNamespace": "s3", "Policies": [own, both]},
        {"ServiceNamespace": "iam", "Policies": [own]},
        {"ServiceNamespace": "lambda", "Policies": [run]},
        {"ServiceNamespace": "ec2", "Policies": []},
    ]
    assert names(root, arn_of("dev", "group"), "s3") == ["shared"]
    assert names(root, arn_of("dev", "group"), "iam") == []


def test_a_role_has_its_own_and_no_boundary_and_no_trust(root: Person) -> None:
    boundary = managed(root, "boundary", allow("dynamodb:*"))
    arn = role(root, "app", root.account, allow("kms:ListKeys"), PermissionsBoundary=boundary)
    root.iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    found = ask(root, arn, "kms", "s3", "dynamodb", "sts")["PoliciesGrantingServiceAccess"]
    assert [[one["PolicyName"] for one in entry["Policies"]] for entry in found] == [
        ["own"],
        ["AmazonS3ReadOnlyAccess"],
        [],
        [],
    ]


def test_a_deny_of_another_policy_takes_nothing_away(root: Person) -> None:
    user(root, "bob", allow("s3:GetObject"))
    root.iam.put_user_policy(UserName="bob", PolicyName="no", PolicyDocument=policy(deny("s3:*")))
    assert names(root, arn_of("bob"), "s3") == ["own"]
    root.iam.put_user_policy(
        UserName="bob", PolicyName="own", PolicyDocument=policy(allow("s3:GetObject"), deny("s3:*"))
    )
    assert names(root, arn_of("bob"), "s3") == []


def test_many_policies_come_in_pages(root: Person) -> None:
    user(root, "bob")
    for number in range(8):
        root.iam.put_user_policy(UserName="bob", PolicyName=f"all{number}", PolicyDocument=policy(allow("*")))
    services = sorted(catalog.services())[:200]
    first = ask(root, arn_of("bob"), *services)
    assert first["IsTruncated"] is True
    assert len(first["PoliciesGrantingServiceAccess"]) == 125
    rest = ask(root, arn_of("bob"), *services, Marker=first["Marker"])
    assert (rest["IsTruncated"], "Marker" in rest) == (False, False)
    pages = [*first["PoliciesGrantingServiceAccess"], *rest["PoliciesGrantingServiceAccess"]]
    assert [entry["ServiceNamespace"] for entry in pages] == services
    assert all(len(entry["Policies"]) == 8 for entry in pages)


@pytest.mark.parametrize("marker", ["invalid", "ZWMy"])
def test_a_marker_is_one_that_was_given(root: Person, marker: str) -> None:
    user(root, "bob")
    with refused("ValidationError", 400, "Invalid Marker."):
        ask(root, arn_of("bob"), "s3", Marker=marker)

"""Passing a role to a service: what the policies must allow, whose role it may be, and whom it must trust.

Beside AddRoleToInstanceProfile, nothing here hands a role over yet: an operation of these tests' own does,
in the place of one that takes no arguments.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from rolekeeper.operations import resources
from rolekeeper.operations.pass_role import authorize_pass_role, require_trust
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import OperationTable, operation
from tests.client import LocalWorld, Person
from tests.people import allow, assume, deny, policy, refused, role, trusting, user

LAMBDA, EC2 = "lambda.amazonaws.com", "ec2.amazonaws.com"
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:mine"
MAY = allow("iam:GetAccountSummary")

Hand = Callable[..., None]


@pytest.fixture
def hand(local: LocalWorld) -> Hand:
    """Somebody hands a role to a service that looks at its trust: `hand(person, role_arn, service)`."""

    def hand_over(person: Person, *passed: str) -> None:
        def also(call: Call) -> Iterator[Access]:
            yield authorize_pass_role(call, *passed)

        @operation(resource=resources.everything, also=also)
        def get_account_summary(call: Call) -> dict[str, Any]:
            require_trust(call, *passed)
            return {}

        module = ModuleType("handing")
        vars(module)["get_account_summary"] = get_account_summary
        service = local.server._service
        local.server._service = dataclasses.replace(service, operations=OperationTable({"iam": [module]}))
        try:
            person.iam.get_account_summary()
        finally:
            local.server._service = service

    return hand_over


@pytest.fixture
def arn(local: LocalWorld) -> str:
    return role(local.root, "worker", {"Service": LAMBDA}, Path="/team/")


def test_it_needs_the_permission_and_says_so(local: LocalWorld, hand: Hand, arn: str) -> None:
    bob = user(local.root, "bob", MAY)
    with refused("AccessDenied", 403) as caught:
        hand(bob, arn, LAMBDA)
    assert caught.value.response["Error"]["Message"] == (
        f"User: {bob.arn} is not authorized to perform: iam:PassRole on resource: {arn} "
        "because no identity-based policy allows the iam:PassRole action"
    )
    hand(user(local.root, "eve", MAY, allow("iam:PassRole", on=arn)), arn, LAMBDA)


def test_another_role_may_not_be_passed(local: LocalWorld, hand: Hand, arn: str) -> None:
    second = role(local.root, "second", {"Service": LAMBDA})
    bob = user(local.root, "bob", MAY, allow("iam:PassRole", on=arn))
    with refused("AccessDenied", 403, f"iam:PassRole on resource: {second}"):
        hand(bob, second, LAMBDA)


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [("iam:PassedToService", LAMBDA, EC2), ("iam:AssociatedResourceArn", FUNCTION, f"{FUNCTION}2")],
)
def test_each_condition_key_counts(
    local: LocalWorld, hand: Hand, arn: str, key: str, right: str, wrong: str
) -> None:
    for name, value in (("right", right), ("wrong", wrong)):
        tied = {"Condition": {"StringEquals": {key: value}}}
        person = user(local.root, name, MAY, allow("iam:PassRole", **tied))
        if value == right:
            hand(person, arn, LAMBDA, FUNCTION)
        else:
            with refused("AccessDenied", 403, "iam:PassRole"):
                hand(person, arn, LAMBDA, FUNCTION)


def test_a_resource_that_nobody_knows_yet_has_no_key(local: LocalWorld, hand: Hand, arn: str) -> None:
    tied: dict[str, Any] = {"Condition": {"Null": {"iam:AssociatedResourceArn": "true"}}}
    bob = user(local.root, "bob", MAY, allow("iam:PassRole", **tied))
    hand(bob, arn, LAMBDA)
    with refused("AccessDenied", 403, "iam:PassRole"):
        hand(bob, arn, LAMBDA, FUNCTION)


def test_the_roles_tags_are_the_resources(local: LocalWorld, hand: Hand, arn: str) -> None:
    tied: dict[str, Any] = {"Condition": {"StringEquals": {"iam:ResourceTag/team": "a"}}}
    bob = user(local.root, "bob", MAY, allow("iam:PassRole", **tied))
    with refused("AccessDenied", 403, "iam:PassRole"):
        hand(bob, arn, LAMBDA)
    local.root.iam.tag_role(RoleName="worker", Tags=[{"Key": "team", "Value": "a"}])
    hand(bob, arn, LAMBDA)


def test_a_session_may_pass_what_its_policy_leaves(local: LocalWorld, hand: Hand, arn: str) -> None:
    own = role(local.root, "dev", local.root.account, MAY, allow("iam:PassRole", "sts:AssumeRole"))
    bob = user(local.root, "bob", allow("sts:AssumeRole"))
    hand(assume(bob, own), arn, LAMBDA)
    with refused("AccessDenied", 403, "iam:PassRole"):
        hand(assume(bob, own, Policy=policy(MAY)), arn, LAMBDA)
    with refused("AccessDenied", 403, "with an explicit deny in a session policy"):
        hand(assume(bob, own, Policy=policy(allow("*"), deny("iam:PassRole"))), arn, LAMBDA)


def test_a_role_of_another_account_is_not_passed(local: LocalWorld, hand: Hand) -> None:
    foreign = role(local.other, "worker", {"Service": LAMBDA})
    for person in (local.root, user(local.root, "bob", allow("*"))):
        with refused("AccessDenied", 403, "Cross-account pass role is not allowed."):
            hand(person, foreign, LAMBDA)


def test_the_role_must_trust_the_service(local: LocalWorld, hand: Hand, arn: str) -> None:
    with refused("InvalidInput", 400, f"The role {arn} cannot be assumed by {EC2}."):
        hand(local.root, arn, EC2)
    bob = user(local.root, "bob", MAY)
    with refused("AccessDenied", 403, "iam:PassRole"):
        hand(bob, arn, EC2)


@pytest.mark.parametrize(
    ("operator", "key", "value", "fine"),
    [
        ("StringEquals", "aws:SourceAccount", "111111111111", True),
        ("StringEquals", "aws:SourceAccount", "222222222222", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:lambda:*:*:function:*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:lambda:*:*:function:other", False),
    ],
)
def test_the_trust_may_be_tied_to_whom_the_service_acts_for(
    local: LocalWorld, hand: Hand, operator: str, key: str, value: str, fine: bool
) -> None:
    trust = trusting({"Service": LAMBDA}, Condition={operator: {key: value}})
    tied = role(local.root, "tied", trust)
    if fine:
        hand(local.root, tied, LAMBDA, FUNCTION)
    else:
        with refused("InvalidInput", 400, "cannot be assumed"):
            hand(local.root, tied, LAMBDA, FUNCTION)


def test_a_role_that_is_not_there_trusts_nobody(local: LocalWorld, hand: Hand, arn: str) -> None:
    for missing in (arn.replace("worker", "nobody"), arn.replace("/team/", "/")):
        bob_may_not = user(local.root, f"bob{len(missing)}", MAY, allow("iam:PassRole", on=arn))
        with refused("AccessDenied", 403, missing):
            hand(bob_may_not, missing, LAMBDA)
        with refused("InvalidInput", 400, "cannot be assumed"):
            hand(local.root, missing, LAMBDA)


@pytest.mark.parametrize("wrong", ["worker", "arn:aws:iam::111111111111:user/worker", "arn:aws:s3:::role/a"])
def test_what_is_no_role_is_not_passed(local: LocalWorld, hand: Hand, wrong: str) -> None:
    with refused("ValidationError", 400, f"{wrong} is invalid"):
        hand(local.root, wrong, LAMBDA)


def test_a_service_linked_role_goes_to_its_own_service_only(local: LocalWorld, hand: Hand) -> None:
    made = local.root.iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    bob = user(local.root, "bob", MAY)
    with refused("AccessDenied", 403, "iam:PassRole"):
        hand(bob, made["Arn"], "autoscaling.amazonaws.com")
    hand(local.root, made["Arn"], "autoscaling.amazonaws.com")
    with refused("InvalidInput", 400, "cannot be assumed by ec2.amazonaws.com"):
        hand(local.root, made["Arn"], EC2)
    local.root.iam.create_instance_profile(InstanceProfileName="box")
    with refused("UnmodifiableEntity", 400, made["RoleName"]):
        local.root.iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName=made["RoleName"])


def test_ec2_does_not_look_at_the_trust_when_a_profile_gets_the_role(local: LocalWorld, arn: str) -> None:
    local.root.iam.create_instance_profile(InstanceProfileName="box")
    local.root.iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="worker")
    found = local.root.iam.get_instance_profile(InstanceProfileName="box")["InstanceProfile"]
    assert [one["Arn"] for one in found["Roles"]] == [arn]

"""Condition keys as policies see them: each is what it should be, and absent where it has no value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, assume, managed, policy, refused, role, trusting, user

Condition = dict[str, dict[str, Any]]

LONG_LIVED: list[Condition] = [
    {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
    {"Bool": {"aws:SecureTransport": "true"}},
    {"StringLike": {"aws:UserAgent": "Boto3/*"}},
    {"Null": {"aws:Referer": "true"}},
    {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"Bool": {"aws:ViaAWSService": "false"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    {"DateLessThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}},
    {"NumericGreaterThan": {"aws:EpochTime": "1600000000"}},
    {"Null": {"aws:TokenIssueTime": "true"}},
    {"Null": {"aws:MultiFactorAuthPresent": "true"}},
    {"Null": {"aws:MultiFactorAuthAge": "true"}},
    {"Null": {"aws:SourceIdentity": "true"}},
    {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:user/bob"}},
    {"StringEquals": {"aws:PrincipalAccount": "111111111111"}},
    {"StringEquals": {"aws:PrincipalType": "User"}},
    {"StringEquals": {"aws:username": "bob"}},
    {"StringLike": {"aws:userid": "AIDA*"}},
    {"StringEquals": {"aws:ResourceAccount": "111111111111"}},
    {"StringEquals": {"aws:PrincipalTag/team": "web"}},
    {"Null": {"aws:PrincipalTag/Cost": "true"}},
    {"Null": {"aws:PrincipalOrgID": "true"}},
    {"Null": {"aws:TagKeys": "true"}},
    {"Null": {"aws:RequestTag/Team": "true"}},
    {"StringEquals": {"aws:ResourceTag/Owner": "ann"}},
    {"StringEquals": {"iam:ResourceTag/owner": "ann"}},
    {"Bool": {"aws:PrincipalIsAWSService": "false"}},
]

SESSION: list[Condition] = [
    {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/team/dev"}},
    {"StringEquals": {"aws:PrincipalType": "AssumedRole"}},
    {"StringLike": {"aws:userid": "AROA*:session"}},
    {"Null": {"aws:username": "true"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:MultiFactorAuthAge": "true"}},
    {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}},
    {"StringEquals": {"aws:SourceIdentity": "bob"}},
    {"StringEquals": {"aws:PrincipalTag/Team": "db"}},
]

OPPOSITE = {
    "IpAddress": "NotIpAddress",
    "StringLike": "StringNotLike",
    "StringEquals": "StringNotEquals",
    "ArnEquals": "ArnNotEquals",
    "DateGreaterThan": "DateLessThan",
    "DateLessThan": "DateGreaterThan",
    "NumericGreaterThan": "NumericLessThan",
}


def opposite(condition: Condition) -> Condition:
    """What is true where the condition is false."""
    ((operator, keys),) = condition.items()
    if operator in OPPOSITE:
        return {OPPOSITE[operator]: keys}
    ((key, value),) = keys.items()
    return {operator: {key: "false" if value == "true" else "true"}}


def name(condition: Condition) -> str:
    return next(iter(next(iter(condition.values()))))


@pytest.fixture
def target(root: Person) -> str:
    return role(root, "target", root.account, Tags=[{"Key": "Owner", "Value": "ann"}])


@pytest.mark.parametrize("condition", LONG_LIVED, ids=name)
def test_a_key_of_a_user(root: Person, target: str, condition: Condition) -> None:
    may = allow("iam:GetRole", on=target, Condition=condition)
    bob = user(root, "bob", may, Tags=[{"Key": "Team", "Value": "web"}])
    bob.iam.get_role(RoleName="target")
    may_not = allow("iam:GetRole", on=target, Condition=opposite(condition))
    root.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy(may_not))
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:GetRole action"):
        bob.iam.get_role(RoleName="target")


@pytest.mark.parametrize("condition", SESSION, ids=name)
def test_a_key_of_a_session(root: Person, target: str, condition: Condition) -> None:
    bob = user(root, "bob")
    trust = trusting(bob.arn, ["sts:AssumeRole", "sts:SetSourceIdentity"])
    may = allow("iam:GetRole", on=target, Condition=condition)
    tags = [{"Key": "team", "Value": "db"}]
    arn = role(root, "dev", trust, may, Path="/team/", Tags=tags)
    dev = assume(bob, arn, SourceIdentity="bob")
    dev.iam.get_role(RoleName="target")
    may_not = allow("iam:GetRole", on=target, Condition=opposite(condition))
    root.iam.put_role_policy(RoleName="dev", PolicyName="own", PolicyDocument=policy(may_not))
    with refused("AccessDenied", 403):
        dev.iam.get_role(RoleName="target")


def test_how_long_a_session_shall_last_is_no_key_of_becoming_a_role(root: Person) -> None:
    bob = user(root, "bob")
    short = {"NumericLessThanEquals": {"sts:DurationSeconds": "900"}}
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(bob, role(root, "short", trusting(bob.arn, Condition=short)), DurationSeconds=900)
    absent = {"Null": {"sts:DurationSeconds": "true"}}
    assume(bob, role(root, "dev", trusting(bob.arn, Condition=absent)), DurationSeconds=900)


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ({"StringEquals": {"sts:RoleSessionName": "right"}}, {"RoleSessionName": "wrong"}),
        ({"StringEquals": {"sts:ExternalId": "agreed"}}, {"ExternalId": "other"}),
    ],
)
def test_a_key_of_the_request(root: Person, condition: Condition, wrong: dict[str, Any]) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", trusting(bob.arn, Condition=condition))
    right = {
        "RoleArn": arn,
        "DurationSeconds": 900,
        "RoleSessionName": "right",
        "ExternalId": "agreed",
    }
    bob.sts.assume_role(**right)
    with refused("AccessDenied", 403):
        bob.sts.assume_role(**{**right, **wrong})


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:RequestTag/TEAM": "web"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}},
    ],
)
def test_tags_of_the_request(root: Person, condition: Condition) -> None:
    bob = user(root, "bob", allow("iam:CreateUser", "iam:TagUser", Condition=condition))
    bob.iam.create_user(UserName="ann", Tags=[{"Key": "Team", "Value": "web"}])
    with refused("AccessDenied", 403):
        bob.iam.create_user(UserName="ben", Tags=[{"Key": "Cost", "Value": "web"}])


def test_keys_to_be_taken_are_tag_keys_too(root: Person) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}}
    bob = user(root, "bob", allow("iam:UntagRole", Condition=condition))
    role(root, "dev", root.account)
    bob.iam.untag_role(RoleName="dev", TagKeys=["Team"])
    with refused("AccessDenied", 403):
        bob.iam.untag_role(RoleName="dev", TagKeys=["Team", "Cost"])


def test_a_variable_is_filled_from_the_caller(root: Person) -> None:
    own = allow("iam:GetUser", on="arn:aws:iam::*:user/${aws:username}")
    bob = user(root, "bob", own)
    user(root, "eve", own)
    bob.iam.get_user(UserName="bob")
    with refused("AccessDenied", 403):
        bob.iam.get_user(UserName="eve")


def test_the_servers_time_is_the_policies_time(local: LocalWorld) -> None:
    root = local.root
    until = local.server.clock.now().timestamp() + 60
    soon = {"NumericLessThan": {"aws:EpochTime": str(int(until))}}
    bob = user(root, "bob", allow("iam:ListRoles", Condition=soon))
    bob.iam.list_roles()
    local.advance(61)
    with refused("AccessDenied", 403):
        bob.iam.list_roles()


def test_a_policy_of_a_policys_tags(root: Person) -> None:
    tied = {"StringEquals": {"aws:ResourceTag/Team": "web"}}
    bob = user(root, "bob", allow("iam:GetPolicy", Condition=tied))
    web = managed(root, "web", allow("*"), Tags=[{"Key": "Team", "Value": "web"}])
    bob.iam.get_policy(PolicyArn=web)
    with refused("AccessDenied", 403):
        bob.iam.get_policy(PolicyArn=managed(root, "db", allow("*")))

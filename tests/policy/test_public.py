from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import Anonymous, IamUser, Principal, RequestContext, ServicePrincipal
from rolekeeper.policy.decision import Decision, Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.public import is_public, restrict_public_buckets

OURS, THEIRS = "123456789012", "210987654321"
ANA, BOB = (IamUser(arn=f"arn:aws:iam::{account}:user/x") for account in (OURS, THEIRS))
CLOUDTRAIL = ServicePrincipal(name="cloudtrail.amazonaws.com")
EVERYONE: dict[str, Any] = {"Principal": "*"}


def bucket_policy(*statements: dict[str, Any]) -> PolicyDocument:
    usual = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return parse_document(
        {"Version": "2012-10-17", "Statement": [{**usual, **statement} for statement in statements]}
    )


def only(operator: str, key: str, *values: str) -> dict[str, Any]:
    """A statement for everyone under one condition."""
    return {**EVERYONE, "Condition": {operator: {key: list(values)}}}


@pytest.mark.fact(109)
@pytest.mark.parametrize(
    "statement",
    [
        EVERYONE,
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": [THEIRS, "*"]}},
        {"Principal": {"Federated": "graph.facebook.com"}},
        only("StringLike", "aws:SourceVpc", "vpc-*"),
        only("StringEquals", "aws:SourceVpc", "vpc-${aws:username}"),
        only("StringEquals", "aws:SourceVpc", "vpc-1", "vpc-*"),
        only("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        only("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"),
        only("ForAllValues:StringEquals", "aws:SourceVpc", "vpc-1"),
        only("StringEquals", "aws:UserAgent", "mine"),
        only("StringLike", "aws:userid", "AROAEXAMPLE:*"),
        only("IpAddress", "aws:SourceIp", "0.0.0.0/1"),
        only("IpAddress", "aws:SourceIp", "203.0.113.0/24", "0.0.0.0/0"),
        only("IpAddress", "aws:SourceIp", "2001::/31"),
        only("IpAddress", "aws:SourceIp", "nowhere"),
        only("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        only("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:us-west-2:*:accesspoint/mine"),
        only("Null", "aws:SourceVpc", "false"),
    ],
)
def test_fact_109_a_public_policy(statement: dict[str, Any]) -> None:
    assert is_public(bucket_policy(statement))
    assert is_public(bucket_policy({"Principal": {"AWS": OURS}}, statement))


@pytest.mark.fact(109)
@pytest.mark.parametrize(
    "statement",
    [
        {**EVERYONE, "Effect": "Deny"},
        {"Principal": {"AWS": THEIRS}},
        {"Principal": {"AWS": [ANA.arn, BOB.arn]}},
        {"Principal": {"Service": "cloudtrail.amazonaws.com"}},
        {"Principal": {"CanonicalUser": "79a5"}},
        only("StringEquals", "aws:SourceVpc", "vpc-91237329"),
        only("StringLike", "AWS:SOURCEVPCE", "vpce-1"),
        only("ForAnyValue:StringEquals", "aws:SourceVpc", "vpc-1"),
        only("StringEquals", "aws:PrincipalOrgID", "o-1"),
        only("ArnEquals", "aws:SourceArn", f"arn:aws:sns:us-east-1:{OURS}:topic"),
        only("StringEquals", "aws:userid", "AIDAEXAMPLE"),
        only("IpAddress", "aws:SourceIp", "10.0.0.0/8", "192.168.0.0/16", "203.0.113.9", "2001:db8::/32"),
        only("ArnLike", "s3:DataAccessPointArn", f"arn:aws:s3:us-west-2:{OURS}:accesspoint/*"),
        only("StringEquals", "s3:DataAccessPointAccount", OURS),
    ],
)
def test_fact_109_a_policy_that_is_not_public(statement: dict[str, Any]) -> None:
    assert not is_public(bucket_policy(statement))


def decided(
    principal: Principal, policy: PolicyDocument | None, *, own: PolicyDocument | None = None
) -> tuple[Decision, Decision]:
    """The decision on a GetObject without the setting, and the one with it."""
    context = RequestContext(
        principal=principal,
        action="s3:GetObject",
        resource="arn:aws:s3:::bucket/key",
        resource_account=OURS,
    )
    layers = PolicyLayers(identity=(own,) if own is not None else (), resource=policy)
    without = authorize(context, layers)
    return without, restrict_public_buckets(without, context, policy)


OWN = parse_document(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)
NAMING_THEM = {"Principal": {"AWS": THEIRS}, "Sid": "Them"}
PUBLIC = bucket_policy(
    {"Principal": {"Service": CLOUDTRAIL.name}}, NAMING_THEM, {**EVERYONE, "Sid": "Everyone"}
)
PRIVATE = bucket_policy({"Principal": {"Service": CLOUDTRAIL.name}}, NAMING_THEM)


@pytest.mark.fact(109)
@pytest.mark.parametrize("principal", [BOB, Anonymous()], ids=["of-another-account", "anonymous"])
def test_fact_109_a_public_policys_allow_becomes_a_deny(principal: Principal) -> None:
    without, restricted = decided(principal, PUBLIC, own=OWN)
    assert without.allowed
    assert (restricted.outcome, restricted.layer) == (Outcome.EXPLICIT_DENY, "resource")
    assert [str(statement) for statement in restricted.determining] == ["resource[0].Statement[2] (Everyone)"]


@pytest.mark.fact(109)
@pytest.mark.parametrize("principal", [ANA, CLOUDTRAIL], ids=["of-the-account", "service"])
def test_fact_109_the_own_account_and_services_are_spared(principal: Principal) -> None:
    without, restricted = decided(principal, PUBLIC)
    assert without.allowed
    assert restricted == without


@pytest.mark.fact(109)
def test_fact_109_without_a_public_statement_another_account_stays_in() -> None:
    without, restricted = decided(BOB, PRIVATE, own=OWN)
    assert without.allowed
    assert restricted == without


def test_a_refusal_stays_what_it_is() -> None:
    without, restricted = decided(BOB, PRIVATE)
    assert not without.allowed
    assert restricted == without
    assert decided(BOB, None, own=OWN)[1].outcome is Outcome.IMPLICIT_DENY

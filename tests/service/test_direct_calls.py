"""A service under its own principal: the resource's policy lets it in, for whom it acts for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rolekeeper.policy.decision import Outcome
from rolekeeper.service.call import Resource
from rolekeeper.service.direct_calls import DirectCall
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.people import policy

TRAIL = "cloudtrail.amazonaws.com"
BUCKET = "arn:aws:s3:::logs"
SOURCE = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/all"


def decided(local: LocalWorld, statement: dict[str, Any] | None, **more: Any) -> Outcome:
    shown: dict[str, Any] = {"account": ACCOUNT, "source_arn": SOURCE, "region": "us-east-1"}
    call = DirectCall(principal=TRAIL, now=datetime(2026, 11, 22, tzinfo=UTC), **(shown | more))
    text = None if statement is None else policy(statement)
    bucket = Resource(arn=f"{BUCKET}/a", account=ACCOUNT, policy=text, tags={"team": "blue"})
    calls = local.server.deliveries._calls
    with local.server.store.read() as tx:
        return calls.decide(tx, call, "s3:PutObject", bucket, {"s3:x-amz-acl": "private"}).outcome


def letting(service: str = TRAIL, **condition: Any) -> dict[str, Any]:
    more = {"Condition": condition} if condition else {}
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/*",
        **more,
    }


def test_nobody_lets_in_a_service_by_itself(local: LocalWorld) -> None:
    assert decided(local, None) is Outcome.IMPLICIT_DENY
    assert decided(local, letting("config.amazonaws.com")) is Outcome.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("condition", "fine"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}, False),
        ({"ArnEquals": {"aws:SourceArn": SOURCE}}, True),
        ({"ArnEquals": {"aws:SourceArn": f"{SOURCE}2"}}, False),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, True),
        ({"StringEquals": {"aws:PrincipalServiceName": TRAIL}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "blue"}}, True),
        ({"StringEquals": {"s3:x-amz-acl": "public-read"}}, False),
        ({"Null": {"aws:SourceOrgID": "true"}}, True),
        ({"Null": {"aws:PrincipalArn": "true"}}, True),
    ],
)
def test_the_resources_policy_says_for_whom(local: LocalWorld, condition: dict[str, Any], fine: bool) -> None:
    expected = Outcome.ALLOW if fine else Outcome.IMPLICIT_DENY
    assert decided(local, letting(**condition)) is expected


def test_an_organization_is_known_of_both_sides(local: LocalWorld) -> None:
    made = local.root.organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    same = {"StringEquals": {"aws:SourceOrgID": made, "aws:ResourceOrgID": made}}
    assert decided(local, letting(**same)) is Outcome.ALLOW
    assert decided(local, letting(**same), account=OTHER_ACCOUNT) is Outcome.IMPLICIT_DENY

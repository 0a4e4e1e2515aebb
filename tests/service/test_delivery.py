"""Delivering credentials: who is refused, what is kept and for how long, and what the trail says."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from rolekeeper.service.delivery import MARGIN, Delivered, Deliveries, Grant, NoRole, NotTrusted
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.people import allow, policy, role, trusting

EC2, LAMBDA = "ec2.amazonaws.com", "lambda.amazonaws.com"
INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1"


def grant(role_arn: str, **more: Any) -> Grant:
    given: dict[str, Any] = {
        "account": ACCOUNT,
        "role_arn": role_arn,
        "service": EC2,
        "session_name": "i-1",
        "source_arn": INSTANCE,
        "region": "us-east-1",
    }
    return Grant(**(given | more))


@pytest.fixture
def deliveries(local: LocalWorld) -> Deliveries:
    return local.server.deliveries


@pytest.fixture
def web(local: LocalWorld) -> str:
    return role(local.root, "web", {"Service": EC2}, allow("iam:ListRoles"))


def person(local: LocalWorld, delivered: Delivered) -> Person:
    return local.person(delivered.credentials.view())


def told(local: LocalWorld, role_arn: str) -> list[dict[str, Any]]:
    """The events of services that have become the role."""
    return [
        event
        for event in local.events()
        if event["userIdentity"]["type"] == "AWSService" and event["requestParameters"]["roleArn"] == role_arn
    ]


# -- who gets nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "missing",
    [
        f"arn:aws:iam::{ACCOUNT}:role/none",
        "arn:aws:iam::999999999999:role/web",
        f"arn:aws:iam::{ACCOUNT}:role/team/web",
        f"arn:aws-cn:iam::{ACCOUNT}:user/web",
        "web",
    ],
)
def test_a_role_that_is_not_there(deliveries: Deliveries, web: str, missing: str) -> None:
    with pytest.raises(NoRole):
        deliveries.credentials(grant(missing))


def test_a_role_that_trusts_another_service(local: LocalWorld, deliveries: Deliveries, web: str) -> None:
    with pytest.raises(NotTrusted, match=f"User: {LAMBDA} is not authorized to perform: sts:AssumeRole"):
        deliveries.credentials(grant(web, service=LAMBDA))
    (event,) = told(local, web)
    assert event["errorCode"] == "AccessDenied"
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": LAMBDA}
    assert "credentials" not in json.dumps(event["responseElements"])


def test_a_role_that_trusts_an_account_does_not_trust_its_services(
    local: LocalWorld, deliveries: Deliveries
) -> None:
    own = role(local.root, "own", ACCOUNT)
    with pytest.raises(NotTrusted):
        deliveries.credentials(grant(own))


@pytest.mark.parametrize(
    ("condition", "fine"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:ec2:*:{ACCOUNT}:instance/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:ec2:*:{ACCOUNT}:instance/i-2"}}, False),
        ({"StringEquals": {"sts:RoleSessionName": "i-1"}}, True),
        ({"StringEquals": {"sts:RoleSessionName": "i-2"}}, False),
        ({"StringEquals": {"aws:PrincipalServiceName": EC2}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "blue"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"Bool": {"aws:ViaAWSService": "true"}}, False),
    ],
)
def test_conditions_of_the_trust_policy(
    local: LocalWorld, deliveries: Deliveries, condition: dict[str, Any], fine: bool
) -> None:
    tags = [{"Key": "team", "Value": "blue"}]
    tied = role(local.root, "tied", trusting({"Service": EC2}, Condition=condition), Tags=tags)
    if fine:
        assert person(local, deliveries.credentials(grant(tied))).account == ACCOUNT
    else:
        with pytest.raises(NotTrusted):
            deliveries.credentials(grant(tied))


def test_session_tags_need_the_trust_policy_to_let_them(local: LocalWorld, deliveries: Deliveries) -> None:
    tagged = {"tags": (("cluster", "blue"),), "transitive": ("cluster",)}
    plain = role(local.root, "plain", {"Service": EC2})
    with pytest.raises(NotTrusted, match="sts:TagSession"):
        deliveries.credentials(grant(plain, **tagged))
    may = trusting({"Service": EC2}, ["sts:AssumeRole", "sts:TagSession"])
    needs = {"Condition": {"StringEquals": {"aws:PrincipalTag/cluster": "blue"}}}
    tagging = role(local.root, "tagging", may, allow("iam:ListRoles", **needs))
    person(local, deliveries.credentials(grant(tagging, **tagged))).iam.list_roles()


def test_a_resource_control_policy_may_stand_against_it(local: LocalWorld, deliveries: Deliveries) -> None:
    organizations = local.root.organizations
    organizations.create_organization(FeatureSet="ALL")
    handshake = organizations.invite_account_to_organization(Target={"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"})
    local.other.organizations.accept_handshake(HandshakeId=handshake["Handshake"]["Id"])
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root_id, PolicyType="RESOURCE_CONTROL_POLICY")
    foreign = role(local.other, "web", {"Service": EC2})
    mine = grant(foreign, account=OTHER_ACCOUNT, source_arn=INSTANCE.replace(ACCOUNT, OTHER_ACCOUNT))
    theirs = grant(foreign, account="333333333333", source_arn=INSTANCE.replace(ACCOUNT, "333333333333"))
    organization = organizations.describe_organization()["Organization"]["Id"]
    deputy = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        "Resource": "*",
        "Condition": {
            "StringNotEqualsIfExists": {"aws:SourceOrgID": organization},
            "Null": {"aws:SourceAccount": "false"},
            "Bool": {"aws:PrincipalIsAWSService": "true"},
        },
    }
    made = organizations.create_policy(
        Name="deputies", Description="", Type="RESOURCE_CONTROL_POLICY", Content=policy(deputy)
    )
    deliveries.credentials(theirs)
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root_id)
    deliveries.credentials(mine)
    local.advance(6 * 3600)
    deliveries.credentials(mine)
    with pytest.raises(NotTrusted):
        deliveries.credentials(theirs)


# -- what is made, and what is kept ------------------------------------------------------------------


def test_the_session_is_the_roles_and_the_services(
    local: LocalWorld, deliveries: Deliveries, web: str
) -> None:
    delivered = deliveries.credentials(grant(web, duration=12 * 3600))
    worker = person(local, delivered)
    assert worker.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-1"
    assert (delivered.expiration - delivered.last_updated).total_seconds() == 12 * 3600
    worker.iam.list_roles()
    local.advance(12 * 3600 - 60)
    worker.iam.list_roles()


def test_the_event_is_the_services(local: LocalWorld, deliveries: Deliveries, web: str) -> None:
    delivered = deliveries.credentials(grant(web))
    (event,) = told(local, web)
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": EC2}
    assert (event["eventName"], event["eventSource"]) == ("AssumeRole", "sts.amazonaws.com")
    assert (event["sourceIPAddress"], event["userAgent"]) == (EC2, EC2)
    assert event["requestParameters"]["roleSessionName"] == "i-1"
    assert event["responseElements"]["credentials"]["accessKeyId"] == delivered.credentials.access_key_id
    assert event["resources"] == [{"ARN": web, "accountId": ACCOUNT, "type": "AWS::IAM::Role"}]
    assert event["recipientAccountId"] == ACCOUNT
    assert event["sharedEventID"]
    text = json.dumps(event)
    assert delivered.credentials.secret.reveal() not in text
    assert delivered.credentials.token.reveal() not in text


def test_the_same_grant_has_the_same_credentials_until_they_are_due(
    local: LocalWorld, deliveries: Deliveries, web: str
) -> None:
    first = deliveries.credentials(grant(web))
    local.root.iam.create_group(GroupName="another-change")
    local.advance(6 * 3600 - MARGIN - 60)
    assert deliveries.credentials(grant(web)) is first
    local.advance(120)
    second = deliveries.credentials(grant(web))
    assert second is not first
    assert (second.expiration - local.server.clock.now()).total_seconds() > 6 * 3600 - 60
    person(local, first).iam.list_roles()  # what the workload still holds is good to its end
    assert len(told(local, web)) == 2


def test_a_short_session_serves_half_its_time(local: LocalWorld, deliveries: Deliveries, web: str) -> None:
    short = grant(web, duration=900)
    first = deliveries.credentials(short)
    local.advance(440)
    assert deliveries.credentials(short) is first
    local.advance(20)
    assert deliveries.credentials(short) is not first


@pytest.mark.parametrize("changed", [{"basis": "iip-assoc-2"}, {"session_name": "i-2"}, {"duration": 3600}])
def test_another_grant_is_never_answered_from_an_old_one(
    deliveries: Deliveries, web: str, changed: dict[str, Any]
) -> None:
    first = deliveries.credentials(grant(web))
    assert deliveries.credentials(grant(web, **changed)) is not first


def test_a_role_that_is_made_again_is_another(local: LocalWorld, deliveries: Deliveries, web: str) -> None:
    first = deliveries.credentials(grant(web))
    local.root.iam.delete_role_policy(RoleName="web", PolicyName="own")
    local.root.iam.delete_role(RoleName="web")
    with pytest.raises(NoRole):
        deliveries.credentials(grant(web))
    role(local.root, "web", {"Service": EC2})
    second = deliveries.credentials(grant(web))
    assert second.role_id != first.role_id
    assert person(local, second).account == ACCOUNT


def test_a_changed_trust_is_seen_at_the_next_rotation(
    local: LocalWorld, deliveries: Deliveries, web: str
) -> None:
    first = deliveries.credentials(grant(web))
    nobody = policy(trusting({"Service": LAMBDA}))
    local.root.iam.update_assume_role_policy(RoleName="web", PolicyDocument=nobody)
    assert deliveries.credentials(grant(web)) is first
    local.advance(6 * 3600 - MARGIN)
    with pytest.raises(NotTrusted):
        deliveries.credentials(grant(web))


def test_a_refusal_stands_for_a_minute_if_nothing_changes(
    local: LocalWorld, deliveries: Deliveries, web: str
) -> None:
    for _ in range(3):
        with pytest.raises(NotTrusted):
            deliveries.credentials(grant(web, service=LAMBDA))
    assert len(told(local, web)) == 1
    local.advance(61)
    with pytest.raises(NotTrusted):
        deliveries.credentials(grant(web, service=LAMBDA))
    assert len(told(local, web)) == 2
    local.root.iam.update_assume_role_policy(
        RoleName="web", PolicyDocument=policy(trusting({"Service": LAMBDA}))
    )
    deliveries.credentials(grant(web, service=LAMBDA))


def test_what_the_grant_says_of_the_delivery_is_in_the_calls(
    local: LocalWorld, deliveries: Deliveries
) -> None:
    needs = {"Condition": {"NumericLessThan": {"ec2:RoleDelivery": "2.0"}}}
    own = role(
        local.root,
        "own",
        {"Service": EC2},
        allow("iam:ListRoles", "iam:ListUsers"),
        {"Effect": "Deny", "Action": "iam:ListRoles", "Resource": "*", **needs},
    )
    old = person(local, deliveries.credentials(grant(own, keys=(("ec2:roledelivery", "1.0"),))))
    new = person(local, deliveries.credentials(grant(own, keys=(("ec2:roledelivery", "2.0"),))))
    old.iam.list_users()
    new.iam.list_roles()
    with pytest.raises(Exception, match="AccessDenied"):
        old.iam.list_roles()
    seen = [
        event["userIdentity"]["sessionContext"].get("ec2RoleDelivery")
        for event in local.events()
        if event["eventName"] in ("ListUsers", "ListRoles")
    ]
    assert seen == ["1.0", "2.0", "1.0"]


def test_two_hundred_at_once_never_mix(local: LocalWorld, deliveries: Deliveries, web: str) -> None:
    other = role(local.root, "other", {"Service": EC2})
    grants = [grant(web, session_name="i-1"), grant(other, session_name="i-2")]
    with ThreadPoolExecutor(max_workers=16) as pool:
        answers = list(pool.map(lambda number: deliveries.credentials(grants[number % 2]), range(200)))
    assert {id(answer) for answer in answers[::2]} == {id(answers[0])}
    assert {id(answer) for answer in answers[1::2]} == {id(answers[1])}
    assert answers[0].role_arn == web
    assert answers[1].role_arn == other


def test_no_secret_is_in_its_text(deliveries: Deliveries, web: str) -> None:
    delivered = deliveries.credentials(grant(web))
    assert delivered.credentials.secret.reveal() not in repr(delivered)
    assert delivered.credentials.token.reveal() not in repr(delivered)
    with pytest.raises(TypeError):
        msgspec.json.encode(delivered)

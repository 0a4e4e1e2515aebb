"""The audit trail: every call is an event, says who did what, and holds no secret."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rolekeeper.service.registry import OperationTable
from rolekeeper.wire.http import HttpRequest
from tests.client import LocalWorld
from tests.people import allow, assume, policy, refused, role, trusting, user

Event = dict[str, Any]


def last(world: LocalWorld, name: str) -> Event:
    event: Event = [one for one in world.events() if one["eventName"] == name][-1]
    return event


def test_every_call_is_one_event_in_order(local: LocalWorld) -> None:
    root = local.root
    before = len(local.events())
    root.iam.create_user(UserName="bob")
    root.iam.get_user(UserName="bob")
    with refused("NoSuchEntity", 404):
        root.iam.get_user(UserName="eve")
    root.sts.get_caller_identity()
    events = local.events()[before:]
    assert [one["eventName"] for one in events] == ["CreateUser", "GetUser", "GetUser", "GetCallerIdentity"]
    assert [one.get("errorCode") for one in events] == [None, None, "NoSuchEntity", None]
    assert len({one["eventID"] for one in events}) == 4


def test_an_event_has_cloudtrails_members(local: LocalWorld) -> None:
    answer = local.root.iam.create_user(UserName="bob", Path="/team/")
    event = last(local, "CreateUser")
    assert event["eventSource"] == "iam.amazonaws.com"
    assert event["awsRegion"] == "us-east-1"
    assert event["sourceIPAddress"] == "127.0.0.1"
    assert event["userAgent"].startswith("Boto3/")
    assert event["requestParameters"] == {"userName": "bob", "path": "/team/"}
    assert event["responseElements"]["user"]["arn"] == answer["User"]["Arn"]
    assert event["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert (event["readOnly"], event["managementEvent"]) == (False, True)
    assert (event["eventType"], event["eventCategory"]) == ("AwsApiCall", "Management")
    assert event["recipientAccountId"] == local.root.account


def test_what_changes_nothing_shows_no_answer(local: LocalWorld) -> None:
    local.root.iam.list_users()
    event = last(local, "ListUsers")
    assert (event["readOnly"], event["responseElements"], event["requestParameters"]) == (True, None, None)


def test_who_root_is(local: LocalWorld) -> None:
    local.root.iam.list_users()
    assert last(local, "ListUsers")["userIdentity"] == {
        "type": "Root",
        "principalId": "111111111111",
        "arn": "arn:aws:iam::111111111111:root",
        "accountId": "111111111111",
        "accessKeyId": local.root.key_id,
    }


def test_who_a_user_is(local: LocalWorld) -> None:
    bob = user(local.root, "bob", allow("iam:ListUsers"))
    bob.iam.list_users()
    assert last(local, "ListUsers")["userIdentity"] == {
        "type": "IAMUser",
        "principalId": local.root.iam.get_user(UserName="bob")["User"]["UserId"],
        "arn": "arn:aws:iam::111111111111:user/bob",
        "accountId": "111111111111",
        "accessKeyId": bob.key_id,
        "userName": "bob",
    }


def test_who_a_session_is_and_who_made_it(local: LocalWorld) -> None:
    root = local.root
    dev = assume(user(root, "bob", allow("sts:AssumeRole")), role(root, "dev", root.account, Path="/team/"))
    dev.sts.get_caller_identity()
    identity = last(local, "GetCallerIdentity")["userIdentity"]
    role_id = root.iam.get_role(RoleName="dev")["Role"]["RoleId"]
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"] == f"{role_id}:session"
    assert identity["arn"] == "arn:aws:sts::111111111111:assumed-role/dev/session"
    assert identity["accessKeyId"] == dev.key_id
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role_id,
        "arn": "arn:aws:iam::111111111111:role/team/dev",
        "accountId": "111111111111",
        "userName": "dev",
    }
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"


def test_who_a_users_session_is(local: LocalWorld) -> None:
    bob = user(local.root, "bob")
    session = local.person(bob.sts.get_session_token()["Credentials"])
    session.sts.get_caller_identity()
    identity = last(local, "GetCallerIdentity")["userIdentity"]
    assert (identity["type"], identity["userName"]) == ("IAMUser", "bob")
    assert "creationDate" in identity["sessionContext"]["attributes"]
    assert "sessionIssuer" not in identity["sessionContext"]


def test_a_refusal_is_an_event_of_who_was_refused(local: LocalWorld) -> None:
    bob = user(local.root, "bob")
    with refused("AccessDenied", 403):
        bob.iam.create_user(UserName="eve")
    event = last(local, "CreateUser")
    assert event["errorCode"] == "AccessDenied"
    assert "because no identity-based policy allows the iam:CreateUser action" in event["errorMessage"]
    assert event["userIdentity"]["userName"] == "bob"
    assert event["requestParameters"] == {"userName": "eve"}
    assert event["responseElements"] is None


def test_an_assumed_role_is_told_with_its_session(local: LocalWorld) -> None:
    root = local.root
    bob = user(root, "bob", allow("sts:AssumeRole"))
    answer = bob.sts.assume_role(RoleArn=role(root, "dev", root.account), RoleSessionName="work")
    event = last(local, "AssumeRole")
    assert event["eventSource"] == "sts.amazonaws.com"
    assert event["requestParameters"]["roleSessionName"] == "work"
    assert event["responseElements"]["assumedRoleUser"]["arn"] == answer["AssumedRoleUser"]["Arn"]
    assert event["responseElements"]["credentials"]["accessKeyId"] == answer["Credentials"]["AccessKeyId"]


def test_a_key_that_nobody_has_is_told_as_such(local: LocalWorld) -> None:
    nobody = local.person({"AccessKeyId": "AKIANOBODYNOBODYNOBO", "SecretAccessKey": "x"})
    with refused("InvalidClientTokenId", 403):
        nobody.iam.create_user(UserName="eve")
    event = last(local, "CreateUser")
    assert event["errorCode"] == "InvalidClientTokenId"
    assert event["userIdentity"]["accessKeyId"] == "AKIANOBODYNOBODYNOBO"
    assert event["requestParameters"] is None


@pytest.mark.parametrize("action", ["NoSuchThing", "x" * 10_000, "", "<script>", "AssumeRoot"])
def test_an_action_that_is_none_or_not_here_is_an_event_too(local: LocalWorld, action: str) -> None:
    local.server._service = replace(local.server._service, operations=OperationTable({}))
    before = len(local.events())
    body = f"Action={action}&Version=2011-06-15".encode()
    headers = [("content-type", "application/x-www-form-urlencoded")]
    local.server.dispatch(HttpRequest(method="POST", path="/", headers=headers, body=body))
    (event,) = local.events()[before:]
    assert event["errorCode"] in ("InvalidAction", "MissingAction", "NotImplemented")
    assert len(event["eventName"]) <= 128


def test_no_secret_is_in_any_event(local: LocalWorld) -> None:
    root = local.root
    secrets = [local.server.root_secret.reveal()]
    bob = user(root, "bob", allow("sts:AssumeRole"))
    key = root.iam.create_access_key(UserName="bob")["AccessKey"]
    secrets.append(key["SecretAccessKey"])
    arn = role(root, "dev", root.account)
    session = bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    token = bob.sts.get_session_token()["Credentials"]
    for made in (session, token):
        secrets += [made["SecretAccessKey"], made["SessionToken"]]
        local.person(made).sts.get_caller_identity()
    device = {"SerialNumber": "arn:aws:iam::111111111111:mfa/bob", "TokenCode": "987654"}
    with refused("AccessDenied", 403):
        bob.sts.get_session_token(**device)
    broken = local.person({**session, "SessionToken": session["SessionToken"][:-4] + "AAAA"})
    secrets.append(session["SessionToken"][:-4] + "AAAA")
    with refused("InvalidClientTokenId", 403):
        broken.sts.get_caller_identity()
    trail = json.dumps(local.events())
    assert len(local.events()) > 10
    assert [secret for secret in [*secrets, "987654"] if secret in trail] == []


def test_a_long_value_is_cut(local: LocalWorld) -> None:
    text = policy(allow(*(f"iam:Get{'x' * 40}{number}" for number in range(100))))
    with refused("NoSuchEntity", 404):
        local.root.iam.put_role_policy(RoleName="none", PolicyName="p", PolicyDocument=text)
    assert len(json.dumps(last(local, "PutRolePolicy"))) < 5000


def of(world: LocalWorld, name: str) -> list[Event]:
    return [one for one in world.events() if one["eventName"] == name]


def test_who_becomes_a_role_of_another_account_is_in_both_trails(local: LocalWorld) -> None:
    root, other = local.root, local.other
    bob = user(root, "bob", allow("sts:AssumeRole"))
    theirs = role(other, "dev", root.account)
    dev = assume(bob, theirs)
    mine, known = of(local, "AssumeRole")
    assert (mine["recipientAccountId"], known["recipientAccountId"]) == (root.account, other.account)
    assert mine["sharedEventID"] == known["sharedEventID"] != ""
    assert mine["eventID"] != known["eventID"]
    assert mine["requestID"] == known["requestID"]
    resources = [{"ARN": theirs, "accountId": other.account, "type": "AWS::IAM::Role"}]
    assert mine["resources"] == known["resources"] == resources
    assert mine["userIdentity"]["userName"] == "bob"
    assert known["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": root.iam.get_user(UserName="bob")["User"]["UserId"],
        "accountId": root.account,
    }
    shown = [one["responseElements"]["credentials"]["accessKeyId"] for one in (mine, known)]
    assert shown == [dev.key_id, dev.key_id]
    accounts = [record.account for _, record in local.server.store.events()]
    assert accounts.count(other.account) == len(of(local, "CreateRole")) + 1


def test_in_one_account_there_is_one_event_with_the_role(local: LocalWorld) -> None:
    root = local.root
    arn = role(root, "dev", root.account)
    assume(user(root, "bob", allow("sts:AssumeRole")), arn)
    (event,) = of(local, "AssumeRole")
    assert "sharedEventID" not in event
    assert event["resources"] == [{"ARN": arn, "accountId": root.account, "type": "AWS::IAM::Role"}]


def test_a_refusal_is_in_the_callers_trail_only(local: LocalWorld) -> None:
    root, other = local.root, local.other
    theirs = role(other, "dev", other.account)
    with refused("AccessDenied", 403):
        assume(user(root, "bob", allow("sts:AssumeRole")), theirs)
    (event,) = of(local, "AssumeRole")
    assert event["recipientAccountId"] == root.account
    assert "sharedEventID" not in event
    assert "resources" not in event


def test_tags_that_a_chain_hands_down_are_shown(local: LocalWorld) -> None:
    root = local.root
    both = ["sts:AssumeRole", "sts:TagSession"]
    bob = user(root, "bob")
    first = role(root, "first", trusting(bob.arn, both))
    second = role(root, "second", trusting(first, both))
    tags = [{"Key": "Cost", "Value": "1"}, {"Key": "Team", "Value": "web"}]
    assume(assume(bob, first, Tags=tags, TransitiveTagKeys=["Cost"]), second)
    one, two = of(local, "AssumeRole")
    assert "incomingTransitiveTags" not in one["requestParameters"]
    assert one["requestParameters"]["transitiveTagKeys"] == ["Cost"]
    assert two["requestParameters"]["incomingTransitiveTags"] == {"Cost": "1"}

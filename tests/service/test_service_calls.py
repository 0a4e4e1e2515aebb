"""What services call: as their role, with its permissions and no others, and on behalf of a caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rolekeeper.errors import AccessDenied, InvalidAction, ValidationError
from rolekeeper.service.call import Caller
from rolekeeper.service.delivery import Grant, NoRole, NotTrusted
from rolekeeper.service.denials import Denied
from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, deny, role, user

FORMATION = "cloudformation.amazonaws.com"
ATHENA = "athena.amazonaws.com"
STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/web/1"


def grant(role_arn: str) -> Grant:
    return Grant(
        account=ACCOUNT,
        role_arn=role_arn,
        service=FORMATION,
        session_name="AWSCloudFormation",
        source_arn=STACK,
        region="eu-west-1",
        duration=3600,
    )


def as_role(local: LocalWorld, role_arn: str, operation: str, **members: Any) -> Mapping[str, Any]:
    return local.server.service_calls.as_role(grant(role_arn), "iam", operation, **members)


def caller_of(local: LocalWorld, person: Person) -> Caller:
    """Somebody who has just called, as the authenticator knows him."""
    person.sts.get_caller_identity()
    holders = local.server._service.sessions._holders
    return next(held.caller for held in holders.values() if held.caller.access_key_id == person.key_id)


def for_caller(local: LocalWorld, caller: Caller, services: tuple[str, ...]) -> Mapping[str, Any]:
    return local.server.service_calls.for_caller(
        caller, services, "iam", "ListRoles", region="us-east-1", MaxItems=1
    )


@pytest.fixture
def deployer(local: LocalWorld) -> str:
    return role(local.root, "deployer", {"Service": FORMATION}, allow("iam:CreateUser", "iam:TagUser"))


# -- as its role -------------------------------------------------------------------------------------


def test_without_a_role_it_does_nothing(local: LocalWorld) -> None:
    with pytest.raises(NoRole):
        as_role(local, f"arn:aws:iam::{ACCOUNT}:role/none", "ListUsers")
    with pytest.raises(NotTrusted):
        as_role(local, role(local.root, "own", {"Service": ATHENA}, allow("*")), "ListUsers")


def test_it_may_what_the_role_may(local: LocalWorld, deployer: str) -> None:
    with pytest.raises(Denied, match=r"assumed-role/deployer/AWSCloudFormation is not authorized"):
        as_role(local, deployer, "ListUsers")
    tags = [{"Key": "stack", "Value": "web"}]
    made = as_role(local, deployer, "CreateUser", UserName="made", Tags=tags)
    assert made["User"]["UserName"] == "made"
    assert local.root.iam.list_user_tags(UserName="made")["Tags"] == tags


def test_its_arguments_are_held_to_the_model(local: LocalWorld, deployer: str) -> None:
    with pytest.raises(ValidationError):
        as_role(local, deployer, "CreateUser", UserName="a/b")
    with pytest.raises(InvalidAction):
        as_role(local, deployer, "DropEverything")


def test_the_event_is_the_roles_and_says_who_called(local: LocalWorld, deployer: str) -> None:
    as_role(local, deployer, "CreateUser", UserName="made")
    with pytest.raises(AccessDenied):
        as_role(local, deployer, "DeleteUser", UserName="made")
    events = [event for event in local.events() if event["sourceIPAddress"] == FORMATION]
    assumed, refused = (
        next(event for event in events if event["eventName"] == name) for name in ("AssumeRole", "DeleteUser")
    )
    made = next(event for event in events if event["eventName"] == "CreateUser")
    assert assumed["userIdentity"] == {"type": "AWSService", "invokedBy": FORMATION}
    for event in (made, refused):
        identity = event["userIdentity"]
        assert (identity["type"], identity["invokedBy"]) == ("AssumedRole", FORMATION)
        assert identity["arn"].endswith("assumed-role/deployer/AWSCloudFormation")
        assert (event["sourceIPAddress"], event["userAgent"]) == (FORMATION, FORMATION)
    assert refused["errorCode"] == "AccessDenied"


@pytest.mark.parametrize(
    "wrong",
    [
        {"Bool": {"aws:ViaAWSService": "true"}},
        {"Null": {"aws:CalledVia": "false"}},
        {"Null": {"aws:SourceIp": "false"}},
        {"Null": {"aws:SourceArn": "false"}},
        {"StringNotEquals": {"aws:UserAgent": FORMATION}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"Bool": {"aws:PrincipalIsAWSService": "true"}},
        {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    ],
)
def test_what_the_role_calls_does_not_come_via_a_service(local: LocalWorld, wrong: dict[str, Any]) -> None:
    statements = [allow("iam:ListUsers"), deny("iam:ListUsers", Condition=wrong)]
    as_role(local, role(local.root, "own", {"Service": FORMATION}, *statements), "ListUsers")


def test_an_api_in_json_is_called_alike(local: LocalWorld) -> None:
    own = role(local.root, "own", {"Service": FORMATION}, allow("organizations:*", "ec2:*", "iam:*"))
    calls = local.server.service_calls
    made = calls.as_role(grant(own), "organizations", "CreateOrganization", FeatureSet="ALL")
    assert made["Organization"]["MasterAccountId"] == ACCOUNT
    launched = calls.as_role(grant(own), "rolekeeper", "RegisterInstance", InstanceType="m5.large")
    assert launched["Instance"]["AvailabilityZone"] == "eu-west-1a"
    with pytest.raises(ValidationError):
        calls.as_role(grant(own), "rolekeeper", "RegisterInstance", InstanceType="m5 large")


# -- on behalf of a caller ---------------------------------------------------------------------------


def test_the_caller_must_be_allowed_himself(local: LocalWorld) -> None:
    bob = caller_of(local, user(local.root, "bob"))
    with pytest.raises(Denied, match="user/bob is not authorized to perform: iam:ListRoles"):
        for_caller(local, bob, (FORMATION,))
    with pytest.raises(ValueError, match="through some service"):
        for_caller(local, bob, ())


@pytest.mark.parametrize(
    ("condition", "services", "fine"),
    [
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": [FORMATION]}}, (FORMATION,), True),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": [FORMATION]}}, (FORMATION, ATHENA), True),
        ({"ForAnyValue:StringEquals": {"aws:CalledVia": [FORMATION]}}, (ATHENA,), False),
        ({"StringEquals": {"aws:CalledViaFirst": FORMATION}}, (FORMATION, ATHENA), True),
        ({"StringEquals": {"aws:CalledViaFirst": ATHENA}}, (FORMATION, ATHENA), False),
        ({"StringEquals": {"aws:CalledViaLast": ATHENA}}, (FORMATION, ATHENA), True),
        ({"Bool": {"aws:ViaAWSService": "true"}}, (FORMATION,), True),
        ({"Bool": {"aws:ViaAWSService": "false"}}, (FORMATION,), False),
        ({"Null": {"aws:SourceIp": "true"}}, (FORMATION,), True),
        ({"StringEquals": {"aws:username": "bob"}}, (FORMATION,), True),
    ],
)
def test_the_request_says_through_which_services_it_came(
    local: LocalWorld, condition: dict[str, Any], services: tuple[str, ...], fine: bool
) -> None:
    bob = caller_of(local, user(local.root, "bob", allow("iam:ListRoles", Condition=condition)))
    if fine:
        for_caller(local, bob, services)
    else:
        with pytest.raises(Denied):
            for_caller(local, bob, services)


def test_what_is_allowed_via_a_service_only_is_not_allowed_directly(local: LocalWorld) -> None:
    via = {"Condition": {"StringEquals": {"aws:CalledViaLast": FORMATION}}}
    bob = user(local.root, "bob", allow("iam:ListRoles", **via))
    for_caller(local, caller_of(local, bob), (FORMATION,))
    with pytest.raises(Exception, match="AccessDenied"):
        bob.iam.list_roles()


def test_the_event_is_the_callers_and_says_who_called(local: LocalWorld) -> None:
    bob = user(local.root, "bob", allow("iam:ListRoles"))
    for_caller(local, caller_of(local, bob), (ATHENA, FORMATION))
    event = next(each for each in local.events() if each["sourceIPAddress"] == FORMATION)
    identity = event["userIdentity"]
    assert (identity["userName"], identity["invokedBy"]) == ("bob", FORMATION)
    assert event["eventName"] == "ListRoles"

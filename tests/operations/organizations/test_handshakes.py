"""Invitations: sent, found, accepted, declined, taken back, expired."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT
from tests.operations.organizations.conftest import Org
from tests.people import allow, deny, policy, refused, user

DAYS = 24 * 3600


def invite(org: Org, **more: Any) -> str:
    target = {"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"}
    asked = org.root.organizations.invite_account_to_organization(Target=target, **more)["Handshake"]
    id: str = asked["Id"]
    return id


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"Id": "o-0000000000", "Type": "ORGANIZATION"}, "INVALID_PARTY_TYPE_TARGET"),
        ({"Id": "999999999999", "Type": "ACCOUNT"}, "TARGET_NOT_SUPPORTED"),
        ({"Id": "nobody@org.example", "Type": "EMAIL"}, "INVALID_EMAIL_ADDRESS_TARGET"),
    ],
)
def test_who_cannot_be_invited(org: Org, target: dict[str, str], reason: str) -> None:
    with refused("InvalidInputException", 400) as caught:
        org.root.organizations.invite_account_to_organization(Target=target)
    assert caught.value.response["Reason"] == reason


def test_whoever_is_in_an_organization_is_not_invited(org: Org) -> None:
    with refused("HandshakeConstraintViolationException", 400) as caught:
        org.root.organizations.invite_account_to_organization(
            Target={"Id": "member@org.example", "Type": "EMAIL"}
        )
    assert caught.value.response["Reason"] == "ALREADY_IN_AN_ORGANIZATION"
    org.world.other.organizations.create_organization()
    with refused("HandshakeConstraintViolationException", 400):
        invite(org)


def test_an_account_comes_in_by_its_own_word_alone(org: Org) -> None:
    id = invite(org, Notes="come in", Tags=[{"Key": "team", "Value": "old"}])
    theirs = org.world.other.organizations
    (asked,) = theirs.list_handshakes_for_account()["Handshakes"]
    assert re.fullmatch(r"h-[a-z0-9]{32}", id)
    assert (asked["Id"], asked["State"], asked["Action"]) == (id, "OPEN", "INVITE")
    assert asked["Arn"].startswith(f"arn:aws:organizations::{ACCOUNT}:handshake/o-")
    assert {"Type": "ACCOUNT", "Id": OTHER_ACCOUNT} in asked["Parties"]
    assert {"Type": "NOTES", "Value": "come in"} in asked["Resources"]
    told = {one["Type"]: one["Value"] for one in asked["Resources"][0]["Resources"]}
    assert told == {
        "MASTER_EMAIL": f"root@{ACCOUNT}.invalid",
        "MASTER_NAME": "rolekeeper",
        "ORGANIZATION_FEATURE_SET": "ALL",
    }
    with refused("DuplicateHandshakeException", 400):
        invite(org)
    for person in (org.root, org.admin):
        with refused("AccessDeniedException", 400):
            person.organizations.accept_handshake(HandshakeId=id)
    with refused("HandshakeNotFoundException", 400):
        org.member.organizations.accept_handshake(HandshakeId=id)
    weak = user(org.world.other, "weak", allow("organizations:*"))
    with refused("AccessDeniedException", 400, "iam:CreateServiceLinkedRole"):
        weak.organizations.accept_handshake(HandshakeId=id)
    assert theirs.accept_handshake(HandshakeId=id)["Handshake"]["State"] == "ACCEPTED"
    found = org.root.organizations.describe_account(AccountId=OTHER_ACCOUNT)["Account"]
    assert (found["JoinedMethod"], found["Name"]) == ("INVITED", "other")
    tags = org.root.organizations.list_tags_for_resource(ResourceId=OTHER_ACCOUNT)["Tags"]
    assert tags == [{"Key": "team", "Value": "old"}]
    org.world.other.iam.get_role(RoleName="AWSServiceRoleForOrganizations")
    with refused("HandshakeAlreadyInStateException", 400):
        theirs.accept_handshake(HandshakeId=id)


def test_who_has_joined_is_held(org: Org) -> None:
    org.attach(org.root_id, policy(deny("iam:CreateUser")))
    org.world.other.iam.create_user(UserName="before")
    org.world.other.organizations.accept_handshake(HandshakeId=invite(org))
    with refused("AccessDenied", 403, "service control policy"):
        org.world.other.iam.create_user(UserName="after")


def test_by_the_address(org: Org) -> None:
    asked = org.root.organizations.invite_account_to_organization(
        Target={"Id": f"root@{OTHER_ACCOUNT}.invalid", "Type": "EMAIL"}
    )["Handshake"]
    assert {"Type": "EMAIL", "Id": f"root@{OTHER_ACCOUNT}.invalid"} in asked["Parties"]
    org.world.other.organizations.accept_handshake(HandshakeId=asked["Id"])


def test_declined_and_taken_back(org: Org) -> None:
    ours, theirs = org.root.organizations, org.world.other.organizations
    first = invite(org)
    with refused("AccessDeniedException", 400):
        theirs.cancel_handshake(HandshakeId=first)
    with refused("AccessDeniedException", 400):
        ours.decline_handshake(HandshakeId=first)
    assert theirs.decline_handshake(HandshakeId=first)["Handshake"]["State"] == "DECLINED"
    second = invite(org)
    assert ours.cancel_handshake(HandshakeId=second)["Handshake"]["State"] == "CANCELED"
    for id in (first, second):
        with refused("InvalidHandshakeTransitionException", 400):
            theirs.accept_handshake(HandshakeId=id)
    with refused("HandshakeAlreadyInStateException", 400):
        ours.cancel_handshake(HandshakeId=second)
    assert len(ours.list_handshakes_for_organization()["Handshakes"]) == 2
    assert (
        ours.list_handshakes_for_organization(Filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"]
        == []
    )


def test_an_invitation_is_open_for_fifteen_days(org: Org) -> None:
    id = invite(org)
    org.world.advance(15 * DAYS)
    with refused("InvalidHandshakeTransitionException", 400):
        org.world.other.organizations.accept_handshake(HandshakeId=id)
    assert org.root.organizations.describe_handshake(HandshakeId=id)["Handshake"]["State"] == "EXPIRED"
    invite(org)


def test_an_account_is_in_one_organization(org: Org) -> None:
    id = invite(org)
    org.world.other.organizations.create_organization()
    with refused("HandshakeConstraintViolationException", 400) as caught:
        org.world.other.organizations.accept_handshake(HandshakeId=id)
    assert caught.value.response["Reason"] == "ALREADY_IN_AN_ORGANIZATION"
    found = org.root.organizations.describe_handshake(HandshakeId=id)["Handshake"]
    assert found["State"] == "OPEN"


def test_a_handshake_goes_with_its_organization(org: Org) -> None:
    id = invite(org)
    org.root.organizations.remove_account_from_organization(AccountId=org.member_id)
    org.root.organizations.delete_organization()
    with refused("HandshakeNotFoundException", 400):
        org.world.other.organizations.accept_handshake(HandshakeId=id)
    assert org.world.other.organizations.list_handshakes_for_account()["Handshakes"] == []


def test_a_handshake_is_nobody_elses(org: Org) -> None:
    id = invite(org)
    with refused("HandshakeNotFoundException", 400):
        org.member.organizations.describe_handshake(HandshakeId=id)
    with refused("InvalidInputException", 400) as caught:
        org.root.organizations.list_handshakes_for_organization(
            Filter={"ActionType": "INVITE", "ParentHandshakeId": id}
        )
    assert caught.value.response["Reason"] == "MAX_FILTER_LIMIT_EXCEEDED"

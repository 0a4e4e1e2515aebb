"""Member accounts of an organization: row SR-120."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, assume, deny, policy, refused, user

requirement = pytest.mark.requirement


@pytest.fixture
def member(root: Person) -> str:
    """A member account; its number."""
    root.organizations.create_organization()
    made: dict[str, Any] = root.organizations.create_account(AccountName="member", Email="member@org.example")
    number: str = made["CreateAccountStatus"]["AccountId"]
    return number


def door(number: str, name: str = "OrganizationAccountAccessRole") -> str:
    return f"arn:aws:iam::{number}:role/{name}"


@requirement("SR-120")
def test_sr_120_a_member_account_is_reached_by_its_role_without_another_login(
    root: Person, member: str
) -> None:
    admin = user(root, "admin", allow("sts:AssumeRole", on=door(member)))
    inside = assume(admin, door(member))
    assert inside.account == member
    inside.iam.create_user(UserName="first")
    assert [one["UserName"] for one in inside.iam.list_users()["Users"]] == ["first"]
    assert [one["UserName"] for one in root.iam.list_users()["Users"]] == ["admin"]


@requirement("SR-120")
def test_sr_120_nobody_reaches_it_without_permission_or_from_elsewhere(
    root: Person, other: Person, member: str
) -> None:
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(user(root, "weak", allow("iam:*")), door(member))
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(user(root, "denied", allow("*"), deny("sts:AssumeRole")), door(member))
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(user(other, "stranger", allow("*")), door(member))
    with refused("AccessDenied", 403, "root accounts"):
        assume(root, door(member))


@requirement("SR-120")
def test_sr_120_a_member_does_not_reach_the_management_account_or_another_member(
    root: Person, member: str
) -> None:
    admin = user(root, "admin", allow("*"))
    made = root.organizations.create_account(AccountName="second", Email="second@org.example")
    second = made["CreateAccountStatus"]["AccountId"]
    inside = assume(admin, door(member))
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(inside, door(second))
    with refused("AccessDeniedException", 400, "You don't have permissions"):
        inside.organizations.create_account(AccountName="third", Email="third@org.example")


@requirement("SR-120")
def test_sr_120_the_organization_guards_what_the_role_may(root: Person, member: str) -> None:
    api = root.organizations
    inside = assume(user(root, "admin", allow("*")), door(member))
    api.enable_policy_type(RootId=api.list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    inside.iam.create_user(UserName="first")
    made = api.create_policy(
        Content=policy(deny("iam:CreateUser")), Description="", Name="no", Type="SERVICE_CONTROL_POLICY"
    )
    api.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=member)
    with refused("AccessDenied", 403, "service control policy"):
        inside.iam.create_user(UserName="second")

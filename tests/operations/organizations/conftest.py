"""An organization with a unit and an account, made as anybody would make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, assume, user

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass(frozen=True)
class Org:
    """The management account's root user and administrator, a unit, and a member account in it."""

    world: LocalWorld
    root: Person
    admin: Person
    root_id: str
    unit: str
    member_id: str
    member: Person
    """The member account's OrganizationAccountAccessRole."""

    def account(self, name: str, **more: Any) -> str:
        """A further account; its number."""
        status = self.root.organizations.create_account(
            AccountName=name, Email=f"{name}@org.example", **more
        )["CreateAccountStatus"]
        number: str = status["AccountId"]
        return number

    def enter(self, number: str, role: str = "OrganizationAccountAccessRole") -> Person:
        """The administrator inside of a member account."""
        return assume(self.admin, f"arn:aws:iam::{number}:role/{role}")

    def policy(self, text: str, kind: str = SCP, name: str = "own") -> str:
        """A new policy; its ID."""
        made = self.root.organizations.create_policy(Content=text, Description="", Name=name, Type=kind)
        id: str = made["Policy"]["PolicySummary"]["Id"]
        return id

    def attach(self, target: str, text: str, kind: str = SCP, name: str = "own") -> str:
        """A new policy on a target; its ID."""
        id = self.policy(text, kind, name)
        self.root.organizations.attach_policy(PolicyId=id, TargetId=target)
        return id


@pytest.fixture
def org(local: LocalWorld) -> Org:
    api = local.root.organizations
    api.create_organization()
    root_id = api.list_roots()["Roots"][0]["Id"]
    for kind in (SCP, RCP):
        api.enable_policy_type(RootId=root_id, PolicyType=kind)
    unit = api.create_organizational_unit(ParentId=root_id, Name="workload")["OrganizationalUnit"]["Id"]
    number = api.create_account(AccountName="member", Email="member@org.example")["CreateAccountStatus"][
        "AccountId"
    ]
    api.move_account(AccountId=number, SourceParentId=root_id, DestinationParentId=unit)
    admin = user(local.root, "admin", allow("*"))
    member = assume(admin, f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole")
    return Org(local, local.root, admin, root_id, unit, number, member)

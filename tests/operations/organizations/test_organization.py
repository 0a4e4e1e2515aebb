"""The organization: made, read, deleted, and who may ask."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.operations.organizations.conftest import RCP, SCP, Org
from tests.people import allow, deny, refused, user

NOT_YOURS = "You don't have permissions to access this resource."


def test_an_account_without_organization(local: LocalWorld) -> None:
    api = local.root.organizations
    for ask in (api.describe_organization, api.list_accounts, api.delete_organization, api.list_roots):
        with refused("AWSOrganizationsNotInUseException", 400, "not a member of an organization"):
            ask()


def test_it_needs_the_permission_and_that_of_the_service_linked_role(local: LocalWorld) -> None:
    ann = user(local.root, "ann", allow("organizations:DescribeOrganization"))
    with refused("AccessDeniedException", 400, "organizations:CreateOrganization on resource: *"):
        ann.organizations.create_organization()
    bob = user(local.root, "bob", allow("organizations:*"))
    with refused("AccessDeniedException", 400, "iam:CreateServiceLinkedRole"):
        bob.organizations.create_organization()
    bob.organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")


def test_it_is_made_once(local: LocalWorld) -> None:
    made = local.root.organizations.create_organization()["Organization"]
    assert re.fullmatch(r"o-[a-z0-9]{10}", made["Id"])
    assert made["Arn"] == f"arn:aws:organizations::{ACCOUNT}:organization/{made['Id']}"
    assert made["MasterAccountArn"] == f"arn:aws:organizations::{ACCOUNT}:account/{made['Id']}/{ACCOUNT}"
    assert (made["FeatureSet"], made["MasterAccountId"]) == ("ALL", ACCOUNT)
    assert made["AvailablePolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]
    assert local.root.organizations.describe_organization()["Organization"] == made
    with refused("AlreadyInOrganizationException", 400):
        local.root.organizations.create_organization()
    local.root.iam.get_role(RoleName="AWSServiceRoleForOrganizations")


def test_a_new_root_has_no_types_of_policy_enabled(local: LocalWorld) -> None:
    local.root.organizations.create_organization()
    (root,) = local.root.organizations.list_roots()["Roots"]
    assert re.fullmatch(r"r-[a-z0-9]{4}", root["Id"])
    assert (root["Name"], root["PolicyTypes"]) == ("Root", [])


MANAGED: list[tuple[str, dict[str, Any]]] = [
    ("list_roots", {}),
    ("list_accounts", {}),
    ("create_account", {"AccountName": "x", "Email": "x@org.example"}),
    ("close_account", {"AccountId": ACCOUNT}),
    ("list_policies", {"Filter": SCP}),
    ("create_policy", {"Content": "{}", "Name": "x", "Description": "", "Type": SCP}),
    ("delete_organization", {}),
    ("enable_aws_service_access", {"ServicePrincipal": "iam.amazonaws.com"}),
    ("list_handshakes_for_organization", {}),
    ("put_resource_policy", {"Content": "{}"}),
    ("create_gov_cloud_account", {"AccountName": "x", "Email": "x@org.example"}),
    ("list_inbound_responsibility_transfers", {"Type": "BILLING"}),
]


@pytest.mark.parametrize(("name", "arguments"), MANAGED)
def test_a_member_may_only_ask_about_itself(org: Org, name: str, arguments: dict[str, Any]) -> None:
    with refused("AccessDeniedException", 400, NOT_YOURS):
        getattr(org.member.organizations, name)(**arguments)
    assert org.member.organizations.describe_organization()["Organization"]["MasterAccountId"] == ACCOUNT


def test_nobody_of_the_management_account_may_without_a_policy(org: Org) -> None:
    bob = user(org.root, "bob", allow("iam:*"))
    with refused("AccessDeniedException", 400, "no identity-based policy allows"):
        bob.organizations.list_accounts()
    eve = user(org.root, "eve", allow("organizations:*"), deny("organizations:ListRoots"))
    with refused("AccessDeniedException", 400, "with an explicit deny"):
        eve.organizations.list_roots()
    eve.organizations.list_accounts()


def test_what_is_in_the_trail(org: Org) -> None:
    event = next(one for one in org.world.events() if one["eventName"] == "CreateAccount")
    assert event["eventSource"] == "organizations.amazonaws.com"
    assert event["requestParameters"]["email"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert event["responseElements"]["createAccountStatus"]["accountId"] == org.member_id
    with refused("AccessDeniedException", 400):
        org.member.organizations.list_roots()
    assert org.world.events()[-1]["errorCode"] == "AccessDenied"


def test_an_organization_with_members_is_not_deleted(org: Org) -> None:
    with refused("OrganizationNotEmptyException", 400):
        org.root.organizations.delete_organization()
    org.root.organizations.remove_account_from_organization(AccountId=org.member_id)
    org.attach(org.unit, '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}')
    org.root.organizations.delete_organization()
    with refused("AWSOrganizationsNotInUseException", 400):
        org.root.organizations.describe_organization()
    org.root.organizations.create_organization()
    (root,) = org.root.organizations.list_roots()["Roots"]
    assert root["Id"] != org.root_id
    assert (
        org.root.organizations.list_children(ParentId=root["Id"], ChildType="ORGANIZATIONAL_UNIT")["Children"]
        == []
    )
    assert [one["Id"] for one in org.root.organizations.list_accounts()["Accounts"]] == [ACCOUNT]
    assert len(org.root.organizations.list_policies(Filter=SCP)["Policies"]) == 1


# -- all features -----------------------------------------------------------------------------------


@pytest.fixture
def billing(local: LocalWorld) -> LocalWorld:
    local.root.organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    return local


def invite(root: Person, other: Person) -> None:
    asked = root.organizations.invite_account_to_organization(Target={"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"})
    other.organizations.accept_handshake(HandshakeId=asked["Handshake"]["Id"])


def test_consolidated_billing_has_no_policies(billing: LocalWorld) -> None:
    api = billing.root.organizations
    root_id = api.list_roots()["Roots"][0]["Id"]
    assert api.describe_organization()["Organization"]["AvailablePolicyTypes"] == []
    for kind in (SCP, RCP):
        with refused("PolicyTypeNotAvailableForOrganizationException", 400):
            api.enable_policy_type(RootId=root_id, PolicyType=kind)
    with refused("ConstraintViolationException", 400) as caught:
        api.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert caught.value.response["Reason"] == "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"


def test_all_features_come_when_every_invited_account_and_then_the_management_account_agree(
    billing: LocalWorld,
) -> None:
    api, other = billing.root.organizations, billing.other.organizations
    invite(billing.root, billing.other)
    whole = api.enable_all_features()["Handshake"]
    assert (whole["Action"], whole["State"]) == ("ENABLE_ALL_FEATURES", "REQUESTED")
    with refused("HandshakeConstraintViolationException", 400):
        api.enable_all_features()
    with refused("AccessDeniedException", 400):
        api.accept_handshake(HandshakeId=whole["Id"])
    wanted = {"ActionType": "APPROVE_ALL_FEATURES"}
    assert api.list_handshakes_for_organization(Filter=wanted)["Handshakes"] == []
    (asked,) = other.list_handshakes_for_account(Filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"]
    other.accept_handshake(HandshakeId=asked["Id"])
    assert api.describe_organization()["Organization"]["FeatureSet"] == "CONSOLIDATED_BILLING"
    (approval,) = api.list_handshakes_for_organization(Filter=wanted)["Handshakes"]
    with refused("HandshakeNotFoundException", 400):
        other.accept_handshake(HandshakeId=approval["Id"])
    api.accept_handshake(HandshakeId=approval["Id"])
    assert api.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    assert api.describe_handshake(HandshakeId=whole["Id"])["Handshake"]["State"] == "ACCEPTED"
    billing.other.iam.get_role(RoleName="AWSServiceRoleForOrganizations")
    with refused("HandshakeConstraintViolationException", 400, "already has all features"):
        api.enable_all_features()

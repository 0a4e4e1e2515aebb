"""Delegated administrators, trusted access, the organization's own policy, tags, and root features."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.operations.organizations.conftest import SCP, Org
from tests.people import allow, deny, policy, refused, user

SERVICE, IAM = "guardduty.amazonaws.com", "iam.amazonaws.com"
DENY = policy(deny("iam:CreateUser"))


def reason(caught: Any) -> str:
    found: str = caught.value.response["Reason"]
    return found


# -- trusted access ---------------------------------------------------------------------------------


def test_trusted_access(org: Org) -> None:
    api = org.root.organizations
    for name in ("nobody", "example.com", "s3.amazonaws.com.evil"):
        with refused("InvalidInputException", 400) as caught:
            api.enable_aws_service_access(ServicePrincipal=name)
        assert reason(caught) == "UNRECOGNIZED_SERVICE_PRINCIPAL"
    for _ in range(2):
        api.enable_aws_service_access(ServicePrincipal=SERVICE)
    (found,) = api.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert found["ServicePrincipal"] == SERVICE
    api.disable_aws_service_access(ServicePrincipal=SERVICE)
    assert api.list_aws_service_access_for_organization()["EnabledServicePrincipals"] == []


def test_the_service_decides(org: Org) -> None:
    only = {"StringEquals": {"organizations:ServicePrincipal": SERVICE}}
    bob = user(org.root, "bob", allow("organizations:EnableAWSServiceAccess", Condition=only)).organizations
    bob.enable_aws_service_access(ServicePrincipal=SERVICE)
    with refused("AccessDeniedException", 400):
        bob.enable_aws_service_access(ServicePrincipal=IAM)


# -- delegated administrators -----------------------------------------------------------------------


def test_who_cannot_be_a_delegated_administrator(org: Org) -> None:
    api = org.root.organizations
    with refused("ConstraintViolationException", 400) as caught:
        api.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal=SERVICE)
    assert reason(caught) == "SERVICE_ACCESS_NOT_ENABLED"
    api.enable_aws_service_access(ServicePrincipal=SERVICE)
    with refused("ConstraintViolationException", 400) as caught:
        api.register_delegated_administrator(AccountId=ACCOUNT, ServicePrincipal=SERVICE)
    assert reason(caught) == "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR"
    with refused("AccountNotFoundException", 400):
        api.register_delegated_administrator(AccountId=OTHER_ACCOUNT, ServicePrincipal=SERVICE)
    closed = org.account("closed")
    api.close_account(AccountId=closed)
    with refused("ConstraintViolationException", 400) as caught:
        api.register_delegated_administrator(AccountId=closed, ServicePrincipal=SERVICE)
    assert reason(caught) == "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR"


def test_a_delegated_administrator_reads_and_changes_nothing(org: Org) -> None:
    api, theirs = org.root.organizations, org.member.organizations
    api.enable_aws_service_access(ServicePrincipal=SERVICE)
    with refused("AccessDeniedException", 400):
        theirs.list_accounts()
    api.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal=SERVICE)
    with refused("AccountAlreadyRegisteredException", 400):
        api.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal=SERVICE)
    assert len(theirs.list_accounts()["Accounts"]) == 2
    theirs.describe_organizational_unit(OrganizationalUnitId=org.unit)
    with refused("AccessDeniedException", 400):
        theirs.create_policy(Content=DENY, Description="", Name="x", Type=SCP)
    with refused("AccessDeniedException", 400):
        theirs.tag_resource(ResourceId=org.unit, Tags=[{"Key": "a", "Value": "b"}])
    weak = user(org.member, "weak", allow("iam:*"))
    with refused("AccessDeniedException", 400, "no identity-based policy allows"):
        weak.organizations.list_accounts()
    api.deregister_delegated_administrator(AccountId=org.member_id, ServicePrincipal=SERVICE)
    with refused("AccessDeniedException", 400):
        theirs.list_accounts()


def test_lists_of_delegated_administrators(org: Org) -> None:
    api = org.root.organizations
    with refused("AccountNotRegisteredException", 400):
        api.list_delegated_services_for_account(AccountId=org.member_id)
    with refused("AccountNotRegisteredException", 400):
        api.deregister_delegated_administrator(AccountId=org.member_id, ServicePrincipal=SERVICE)
    for service in (SERVICE, IAM):
        api.enable_aws_service_access(ServicePrincipal=service)
        api.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal=service)
    found = api.list_delegated_services_for_account(AccountId=org.member_id)["DelegatedServices"]
    assert [one["ServicePrincipal"] for one in found] == [SERVICE, IAM]
    for wanted in ({}, {"ServicePrincipal": IAM}):
        (one,) = api.list_delegated_administrators(**wanted)["DelegatedAdministrators"]
        assert one["Id"] == org.member_id
    none = api.list_delegated_administrators(ServicePrincipal="sso.amazonaws.com")
    assert none["DelegatedAdministrators"] == []


# -- the organization's own policy --------------------------------------------------------------------


def delegating(org: Org, *actions: str, who: str | None = None, **more: Any) -> str:
    principal = {"AWS": f"arn:aws:iam::{who or org.member_id}:root"}
    return policy({**allow(*actions, **more), "Principal": principal})


def test_the_own_policy_lets_an_account_see_to_policies(org: Org) -> None:
    api, theirs = org.root.organizations, org.member.organizations
    api.put_resource_policy(Content=delegating(org, "organizations:CreatePolicy", "organizations:ListRoots"))
    made = theirs.create_policy(Content=DENY, Description="", Name="theirs", Type=SCP)["Policy"]
    assert made["PolicySummary"]["Arn"].startswith(f"arn:aws:organizations::{ACCOUNT}:policy/")
    theirs.list_roots()
    with refused("AccessDeniedException", 400, "no resource-based policy allows"):
        theirs.attach_policy(PolicyId=made["PolicySummary"]["Id"], TargetId=org.unit)
    weak = user(org.member, "weak", allow("iam:*"))
    with refused("AccessDeniedException", 400, "no identity-based policy allows"):
        weak.organizations.list_roots()
    api.delete_resource_policy()
    with refused("AccessDeniedException", 400):
        theirs.list_roots()


def test_the_own_policy_does_not_give_what_is_the_management_accounts(org: Org) -> None:
    org.root.organizations.put_resource_policy(Content=delegating(org, "organizations:*"))
    theirs = org.member.organizations
    theirs.list_accounts()
    for ask in (
        lambda: theirs.create_account(AccountName="x", Email="x@org.example"),
        lambda: theirs.close_account(AccountId=org.member_id),
        lambda: theirs.move_account(
            AccountId=org.member_id, SourceParentId=org.unit, DestinationParentId=org.root_id
        ),
        lambda: theirs.put_resource_policy(Content=delegating(org, "organizations:*")),
        theirs.delete_resource_policy,
        theirs.delete_organization,
    ):
        with refused("AccessDeniedException", 400, "You don't have permissions to access this resource."):
            ask()


def test_the_own_policy_gives_nothing_to_accounts_outside(org: Org) -> None:
    who = org.world.other
    org.root.organizations.put_resource_policy(Content=delegating(org, "organizations:*", who=OTHER_ACCOUNT))
    with refused("AWSOrganizationsNotInUseException", 400):
        who.organizations.list_accounts()
    with refused("AccessDeniedException", 400):
        org.member.organizations.list_accounts()


def test_the_own_policy_takes_nothing_from_an_account_that_it_does_not_name(org: Org) -> None:
    org.root.organizations.put_resource_policy(Content=delegating(org, "organizations:*", who=OTHER_ACCOUNT))
    org.member.organizations.describe_organization()
    assert org.member.organizations.list_handshakes_for_account()["Handshakes"] == []
    with refused("EffectivePolicyNotFoundException", 400):
        org.member.organizations.describe_effective_policy(PolicyType="TAG_POLICY")
    org.member.organizations.leave_organization()


def test_the_own_policy_is_narrowed_to_targets_and_types(org: Org) -> None:
    organization = org.root.organizations.describe_organization()["Organization"]["Id"]
    unit = f"arn:aws:organizations::{ACCOUNT}:ou/{organization}/{org.unit}"
    text = delegating(
        org,
        "organizations:AttachPolicy",
        on=[unit, f"arn:aws:organizations::{ACCOUNT}:policy/*"],
        Condition={"StringEquals": {"organizations:PolicyType": SCP}},
    )
    org.root.organizations.put_resource_policy(Content=text)
    id = org.policy(DENY)
    with refused("AccessDeniedException", 400):
        org.member.organizations.attach_policy(PolicyId=id, TargetId=org.root_id)
    org.member.organizations.attach_policy(PolicyId=id, TargetId=org.unit)


def test_the_own_policy_is_kept(org: Org) -> None:
    api = org.root.organizations
    for ask in (api.describe_resource_policy, api.delete_resource_policy):
        with refused("ResourcePolicyNotFoundException", 400):
            ask()
    for wrong in ("no JSON", policy(allow("*"))):
        with refused("InvalidInputException", 400):
            api.put_resource_policy(Content=wrong)
    tags = [{"Key": "a", "Value": "b"}]
    first = api.put_resource_policy(Content=delegating(org, "organizations:ListRoots"), Tags=tags)
    again = api.put_resource_policy(Content=delegating(org, "organizations:ListAccounts"))
    summary = first["ResourcePolicy"]["ResourcePolicySummary"]
    assert again["ResourcePolicy"]["ResourcePolicySummary"] == summary
    assert "ListAccounts" in api.describe_resource_policy()["ResourcePolicy"]["Content"]
    assert api.list_tags_for_resource(ResourceId=summary["Id"])["Tags"] == tags
    with refused("InvalidInputException", 400):
        api.put_resource_policy(Content=delegating(org, "organizations:ListRoots"), Tags=tags)


# -- tags ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["root", "unit", "account", "policy"])
def test_tags(org: Org, kind: str) -> None:
    api = org.root.organizations
    id = {
        "root": org.root_id,
        "unit": org.unit,
        "account": org.member_id,
        "policy": org.policy(DENY) if kind == "policy" else "",
    }[kind]
    api.tag_resource(ResourceId=id, Tags=[{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": ""}])
    api.tag_resource(ResourceId=id, Tags=[{"Key": "Team", "Value": "b"}])
    assert api.list_tags_for_resource(ResourceId=id)["Tags"] == [
        {"Key": "Team", "Value": "b"},
        {"Key": "cost", "Value": ""},
    ]
    api.untag_resource(ResourceId=id, TagKeys=["team"])
    assert api.list_tags_for_resource(ResourceId=id)["Tags"] == [{"Key": "cost", "Value": ""}]
    with refused("ConstraintViolationException", 400) as caught:
        api.tag_resource(ResourceId=id, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    assert reason(caught) == "MAX_TAG_LIMIT_EXCEEDED"


def test_tags_of_nothing(org: Org) -> None:
    api = org.root.organizations
    for id in ("r-0000", "p-00000000", "999999999999", "rp-0000", "p-FullAWSAccess"):
        with refused("TargetNotFoundException", 400):
            api.list_tags_for_resource(ResourceId=id)


# -- what is not here ---------------------------------------------------------------------------------


def test_there_are_no_bills_to_transfer(org: Org) -> None:
    api = org.root.organizations
    for ask in (
        lambda: api.describe_responsibility_transfer(Id="rt-00000000"),
        lambda: api.update_responsibility_transfer(Id="rt-00000000", Name="x"),
        lambda: api.terminate_responsibility_transfer(Id="rt-00000000"),
    ):
        with refused("ResponsibilityTransferNotFoundException", 400):
            ask()
    assert api.list_inbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"] == []
    assert api.list_outbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"] == []
    with refused("ConstraintViolationException", 400) as caught:
        api.invite_organization_to_transfer_responsibility(
            Type="BILLING",
            Target={"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"},
            StartTimestamp=1,
            SourceName="x",
        )
    assert reason(caught) == "UNMET_BILLING_PREREQUISITE"


# -- central management of root users -----------------------------------------------------------------

SWITCHES = {
    "RootCredentialsManagement": "organizations_root_credentials_management",
    "RootSessions": "organizations_root_sessions",
}


def switch(person: Person, way: str, feature: str) -> Any:
    return getattr(person.iam, f"{way}_{SWITCHES[feature]}")()


@pytest.mark.parametrize("feature", SWITCHES)
def test_root_features(org: Org, feature: str) -> None:
    with refused("ServiceAccessNotEnabledException", 400):
        switch(org.root, "enable", feature)
    org.root.organizations.enable_aws_service_access(ServicePrincipal=IAM)
    with refused("AccountNotManagementOrDelegatedAdministratorException", 400):
        switch(org.member, "enable", feature)
    assert switch(org.root, "enable", feature)["EnabledFeatures"] == [feature]
    assert switch(org.root, "enable", feature)["EnabledFeatures"] == [feature]
    with refused("AccountNotManagementOrDelegatedAdministratorException", 400):
        org.member.iam.list_organizations_features()
    org.root.organizations.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal=IAM)
    assert org.member.iam.list_organizations_features()["EnabledFeatures"] == [feature]
    with refused("CallerIsNotManagementAccountException", 400):
        switch(org.member, "enable", feature)
    assert switch(org.member, "disable", feature)["EnabledFeatures"] == []


def test_root_features_end_with_iams_access(org: Org) -> None:
    api = org.root.organizations
    api.enable_aws_service_access(ServicePrincipal=IAM)
    for feature in SWITCHES:
        switch(org.root, "enable", feature)
    api.disable_aws_service_access(ServicePrincipal=IAM)
    with refused("ServiceAccessNotEnabledException", 400):
        org.root.iam.list_organizations_features()
    api.enable_aws_service_access(ServicePrincipal=IAM)
    assert org.root.iam.list_organizations_features()["EnabledFeatures"] == []


def test_root_features_need_all_features(org: Org) -> None:
    other = org.world.other
    other.organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    with refused("OrganizationNotInAllFeaturesModeException", 400):
        other.iam.list_organizations_features()

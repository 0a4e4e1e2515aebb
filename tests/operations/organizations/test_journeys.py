"""From nothing to a guarded account, and what SCPs and RCPs do on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from rolekeeper import app
from rolekeeper.config import Settings
from tests.client import ACCOUNT, LocalWorld, Person
from tests.operations.organizations.conftest import RCP, SCP, Org
from tests.people import allow, assume, deny, policy, refused, role, user

NO_USERS = policy(deny("iam:CreateUser"))
ONLY_IAM = policy(allow("iam:*", "sts:*"))
FULL = "p-FullAWSAccess"


def administrator(org: Org) -> Person:
    """A user of the member account who may do everything, as far as that account goes."""
    return user(org.member, "boss", allow("*"))


def test_an_account_is_reached_from_the_management_account_alone(org: Org) -> None:
    assert org.member.sts.get_caller_identity()["Account"] == org.member_id
    access = f"arn:aws:iam::{org.member_id}:role/OrganizationAccountAccessRole"
    with refused("AccessDenied", 403):
        assume(user(org.world.other, "stranger", allow("*")), access)
    with refused("AccessDenied", 403):
        assume(user(org.root, "weak", allow("iam:*")), access)
    with refused("AccessDenied", 403):
        org.root.sts.assume_role(RoleArn=access, RoleSessionName="root")


def test_a_deny_at_the_unit_stops_the_members_administrator(org: Org) -> None:
    boss = administrator(org)
    boss.iam.create_user(UserName="first")
    id = org.attach(org.unit, NO_USERS)
    for person in (boss, org.member):
        with refused("AccessDenied", 403, "with an explicit deny in a service control policy"):
            person.iam.create_user(UserName="second")
        person.iam.list_users()
    org.admin.iam.create_user(UserName="of-the-management-account")
    org.root.organizations.detach_policy(PolicyId=id, TargetId=org.unit)
    boss.iam.create_user(UserName="second")


def test_a_changed_policy_counts_at_once(org: Org) -> None:
    boss = administrator(org)
    id = org.attach(org.member_id, NO_USERS)
    org.root.organizations.update_policy(PolicyId=id, Content=policy(deny("iam:CreateGroup")))
    boss.iam.create_user(UserName="first")
    with refused("AccessDenied", 403, "service control policy"):
        boss.iam.create_group(GroupName="first")


def test_without_full_access_nothing_is_allowed_but_what_another_scp_allows(org: Org) -> None:
    boss = administrator(org)
    org.attach(org.unit, ONLY_IAM)
    org.root.organizations.detach_policy(PolicyId=FULL, TargetId=org.unit)
    boss.iam.list_users()
    with refused("AccessDeniedException", 400, "no service control policy allows"):
        boss.organizations.describe_organization()
    org.attach(org.unit, policy(allow("s3:*")), name="only-s3")
    id = next(
        one["Id"]
        for one in org.root.organizations.list_policies(Filter=SCP)["Policies"]
        if one["Name"] == "own"
    )
    org.root.organizations.detach_policy(PolicyId=id, TargetId=org.unit)
    with refused("AccessDenied", 403, "no service control policy allows"):
        boss.iam.list_users()


def test_every_level_must_allow(org: Org) -> None:
    boss = administrator(org)
    for target, text, name in (
        (org.root_id, policy(allow("iam:*", "sts:*")), "at-the-root"),
        (org.unit, policy(allow("iam:List*", "iam:Get*")), "at-the-unit"),
        (org.member_id, policy(allow("iam:*User*")), "at-the-account"),
    ):
        org.attach(target, text, name=name)
        org.root.organizations.detach_policy(PolicyId=FULL, TargetId=target)
    boss.iam.list_users()
    for ask in (boss.iam.list_roles, lambda: boss.iam.create_user(UserName="x")):
        with refused("AccessDenied", 403, "no service control policy allows"):
            ask()


def test_an_account_is_held_by_where_it_is(org: Org) -> None:
    boss = administrator(org)
    org.attach(org.unit, NO_USERS)
    with refused("AccessDenied", 403):
        boss.iam.create_user(UserName="first")
    move = org.root.organizations.move_account
    move(AccountId=org.member_id, SourceParentId=org.unit, DestinationParentId=org.root_id)
    boss.iam.create_user(UserName="first")
    move(AccountId=org.member_id, SourceParentId=org.root_id, DestinationParentId=org.unit)
    with refused("AccessDenied", 403):
        boss.iam.create_user(UserName="second")


def test_an_rcp_holds_who_comes_from_outside(org: Org) -> None:
    guest = user(org.world.other, "guest", allow("sts:AssumeRole"))
    shared = role(org.member, "shared", org.world.other.account)
    assume(guest, shared)
    inside = {"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}
    org.attach(
        org.unit,
        policy({**deny("sts:AssumeRole", Condition=inside), "Principal": "*"}),
        kind=RCP,
        name="inside",
    )
    with refused("AccessDenied", 403):
        assume(guest, shared)
    org.enter(org.member_id)


def test_the_management_account_is_never_held(org: Org) -> None:
    org.attach(org.root_id, policy(deny("*")))
    org.attach(ACCOUNT, policy(deny("*")), name="directly")
    org.admin.iam.create_user(UserName="still")
    with refused("AccessDenied", 403):
        org.member.iam.list_users()


def test_whoever_leaves_is_held_no_more(org: Org) -> None:
    boss = administrator(org)
    org.attach(org.unit, NO_USERS)
    with refused("AccessDenied", 403):
        boss.iam.create_user(UserName="first")
    boss.organizations.leave_organization()
    boss.iam.create_user(UserName="first")
    with refused("AWSOrganizationsNotInUseException", 400):
        boss.organizations.describe_organization()
    assert [one["Id"] for one in org.root.organizations.list_accounts()["Accounts"]] == [ACCOUNT]


def test_an_scp_keeps_an_account_in(org: Org) -> None:
    org.attach(org.root_id, policy(deny("organizations:LeaveOrganization")))
    with refused("AccessDeniedException", 400, "service control policy"):
        administrator(org).organizations.leave_organization()


def test_an_scp_spares_service_linked_roles_only_by_their_path(org: Org) -> None:
    boss = administrator(org)
    org.attach(org.unit, NO_USERS)
    pretender = role(org.member, "AWSServiceRoleForNobody", org.member_id, allow("*"))
    with refused("AccessDenied", 403, "service control policy"):
        assume(boss, pretender).iam.create_user(UserName="first")


@pytest.mark.parametrize("kind", [SCP, RCP])
def test_switched_off_a_type_holds_nobody_and_switched_on_it_begins_anew(org: Org, kind: str) -> None:
    api, boss = org.root.organizations, administrator(org)
    text = NO_USERS if kind == SCP else policy({**deny("sts:AssumeRole"), "Principal": "*"})
    id = org.attach(org.unit, text, kind=kind)
    api.disable_policy_type(RootId=org.root_id, PolicyType=kind)
    boss.iam.create_user(UserName="first")
    org.enter(org.member_id)
    api.enable_policy_type(RootId=org.root_id, PolicyType=kind)
    assert api.list_targets_for_policy(PolicyId=id)["Targets"] == []
    boss.iam.create_user(UserName="second")
    org.enter(org.member_id)


def test_a_new_account_and_a_new_unit_begin_with_full_access(org: Org) -> None:
    api = org.root.organizations
    inner = api.create_organizational_unit(ParentId=org.unit, Name="inner")["OrganizationalUnit"]["Id"]
    number = org.account("second")
    api.move_account(AccountId=number, SourceParentId=org.root_id, DestinationParentId=inner)
    org.enter(number).iam.list_users()
    for target in (inner, number):
        for kind, own in ((SCP, FULL), (RCP, "p-RCPFullAWSAccess")):
            (found,) = api.list_policies_for_target(TargetId=target, Filter=kind)["Policies"]
            assert (found["Id"], found["AwsManaged"]) == (own, True)


def test_all_of_it_survives_a_restart(local: LocalWorld, tmp_path: Path) -> None:
    keys = {"root_access_key_id": "root_key", "root_secret_access_key": "root_secret"}
    settings = Settings(data=tmp_path, account=ACCOUNT, **keys)
    local.close()
    local.server = app.build(settings)
    api = Person(local, *keys.values()).organizations
    api.create_organization()
    root_id = api.list_roots()["Roots"][0]["Id"]
    api.enable_policy_type(RootId=root_id, PolicyType=SCP)
    made = api.create_account(AccountName="member", Email="member@org.example")["CreateAccountStatus"]
    access = f"arn:aws:iam::{made['AccountId']}:role/OrganizationAccountAccessRole"
    member = assume(user(Person(local, *keys.values()), "admin", allow("*")), access)
    id = api.create_policy(Content=NO_USERS, Description="", Name="own", Type=SCP)["Policy"]["PolicySummary"]
    api.attach_policy(PolicyId=id["Id"], TargetId=made["AccountId"])
    before = api.list_accounts()["Accounts"]
    local.server.close()
    local.server = app.build(settings)
    assert api.list_accounts()["Accounts"] == before
    with refused("AccessDenied", 403, "service control policy"):
        member.iam.create_user(UserName="first")

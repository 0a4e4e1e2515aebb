"""Accounts: made, read, listed, moved, closed, taken out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.operations.organizations.conftest import Org
from tests.people import allow, assume, refused, role, user


def reason(caught: Any) -> str:
    found: str = caught.value.response["Reason"]
    return found


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"Email": "nobody"}, "INVALID_PATTERN"),
        ({"Email": "a@b c.example"}, "INVALID_PATTERN"),
        ({"Email": "a@b"}, "MIN_LENGTH_EXCEEDED"),
        ({"Email": f"{'a' * 60}@b.example"}, "MAX_LENGTH_EXCEEDED"),
        ({"AccountName": ""}, "MIN_LENGTH_EXCEEDED"),
        ({"AccountName": "x" * 129}, "MAX_LENGTH_EXCEEDED"),
        ({"RoleName": "a b"}, "INVALID_PATTERN"),
        ({"RoleName": "AWSServiceRoleForMe"}, "INVALID_ROLE_NAME"),
        ({"IamUserAccessToBilling": "MAYBE"}, "INVALID_ENUM"),
        ({"Email": None}, "INPUT_REQUIRED"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]}, "DUPLICATE_TAG_KEY"),
        ({"Tags": [{"Key": "aws:a", "Value": "1"}]}, "INVALID_SYSTEM_TAGS_PARAMETER"),
    ],
)
def test_what_an_account_cannot_be(org: Org, arguments: dict[str, Any], why: str) -> None:
    given = {"AccountName": "second", "Email": "second@org.example", **arguments}
    with refused("InvalidInputException", 400) as caught:
        org.root.organizations.create_account(
            **{key: value for key, value in given.items() if value is not None}
        )
    assert reason(caught) == why
    assert len(org.root.organizations.list_accounts()["Accounts"]) == 2


def test_an_address_is_had_by_one_account(org: Org) -> None:
    api = org.root.organizations
    status = api.create_account(AccountName="again", Email="MEMBER@org.example")["CreateAccountStatus"]
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in status
    assert api.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"] == [status]
    assert len(api.list_accounts()["Accounts"]) == 2


def test_the_status_of_a_request(org: Org) -> None:
    api = org.root.organizations
    status = api.create_account(AccountName="second", Email="second@org.example")["CreateAccountStatus"]
    assert re.fullmatch(r"car-[a-z0-9]{32}", status["Id"])
    assert re.fullmatch(r"[1-9]\d{11}", status["AccountId"])
    assert (status["State"], status["AccountName"]) == ("SUCCEEDED", "second")
    found = api.describe_create_account_status(CreateAccountRequestId=status["Id"])
    assert found["CreateAccountStatus"] == status
    assert len(api.list_create_account_status()["CreateAccountStatuses"]) == 2
    with refused("CreateAccountStatusNotFoundException", 400):
        api.describe_create_account_status(CreateAccountRequestId="car-00000000")


def test_the_access_role_may_have_another_name(org: Org) -> None:
    number = org.account("second", RoleName="Door")
    door = org.enter(number, "Door")
    trust = door.iam.get_role(RoleName="Door")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    attached = door.iam.list_attached_role_policies(RoleName="Door")["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == ["AdministratorAccess"]
    door.iam.get_role(RoleName="AWSServiceRoleForOrganizations")
    with refused("AccessDenied", 403):
        org.enter(number)


def test_what_is_told_of_an_account(org: Org) -> None:
    api = org.root.organizations
    found = api.describe_account(AccountId=org.member_id)["Account"]
    organization = api.describe_organization()["Organization"]["Id"]
    assert found["Arn"] == f"arn:aws:organizations::{ACCOUNT}:account/{organization}/{org.member_id}"
    assert (found["Name"], found["Email"]) == ("member", "member@org.example")
    assert (found["Status"], found["State"], found["JoinedMethod"]) == ("ACTIVE", "ACTIVE", "CREATED")
    with refused("AccountNotFoundException", 400):
        api.describe_account(AccountId=OTHER_ACCOUNT)


def test_pages_of_accounts(org: Org) -> None:
    api = org.root.organizations
    numbers = {ACCOUNT, org.member_id, *(org.account(f"a{n}") for n in range(5))}
    pages = list(api.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Accounts"]) for page in pages] == [2, 2, 2, 1]
    assert {one["Id"] for page in pages for one in page["Accounts"]} == numbers
    with refused("InvalidInputException", 400) as caught:
        api.list_accounts(NextToken="%")
    assert reason(caught) == "INVALID_PAGINATION_TOKEN"
    for wrong in (0, 21):
        with refused("InvalidInputException", 400):
            api.list_accounts(MaxResults=wrong)


def test_ten_accounts_unless_the_quota_is_raised(org: Org) -> None:
    for number in range(8):
        org.account(f"a{number}")
    with refused("ConstraintViolationException", 400) as caught:
        org.account("eleventh")
    assert reason(caught) == "ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    with refused("ConstraintViolationException", 400):
        org.root.organizations.invite_account_to_organization(Target={"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"})


def test_the_quota_of_accounts_is_a_setting() -> None:
    world = LocalWorld(limits={"organization_accounts": 2})
    try:
        api = world.root.organizations
        api.create_organization()
        api.create_account(AccountName="second", Email="second@org.example")
        with refused("ConstraintViolationException", 400):
            api.create_account(AccountName="third", Email="third@org.example")
    finally:
        world.close()


def test_moving(org: Org) -> None:
    api = org.root.organizations
    there = {"AccountId": org.member_id, "SourceParentId": org.unit, "DestinationParentId": org.root_id}
    for wrong, code in (
        ({"AccountId": OTHER_ACCOUNT}, "AccountNotFoundException"),
        ({"SourceParentId": org.root_id}, "SourceParentNotFoundException"),
        ({"DestinationParentId": f"{org.unit[:-8]}00000000"}, "DestinationParentNotFoundException"),
        ({"DestinationParentId": org.unit}, "DuplicateAccountException"),
    ):
        with refused(code, 400):
            api.move_account(**{**there, **wrong})
    api.move_account(**there)
    (parent,) = api.list_parents(ChildId=org.member_id)["Parents"]
    assert parent == {"Id": org.root_id, "Type": "ROOT"}


def test_moving_must_be_allowed_on_account_source_and_destination(org: Org) -> None:
    organization = org.root.organizations.describe_organization()["Organization"]["Id"]
    arns = [
        f"arn:aws:organizations::{ACCOUNT}:account/{organization}/{org.member_id}",
        f"arn:aws:organizations::{ACCOUNT}:ou/{organization}/{org.unit}",
        f"arn:aws:organizations::{ACCOUNT}:root/{organization}/{org.root_id}",
    ]
    there = {"AccountId": org.member_id, "SourceParentId": org.unit, "DestinationParentId": org.root_id}
    for number, missing in enumerate(arns):
        rest = [arn for arn in arns if arn != missing]
        mover = user(org.root, f"mover{number}", allow("organizations:MoveAccount", on=rest))
        with refused("AccessDeniedException", 400, f"on resource: {missing}"):
            mover.organizations.move_account(**there)
    user(org.root, "mover", allow("organizations:MoveAccount", on=arns)).organizations.move_account(**there)


def test_the_service_linked_role_stays_while_the_account_is_a_member(org: Org) -> None:
    name = {"RoleName": "AWSServiceRoleForOrganizations"}
    for person in (org.root, org.member):
        task = person.iam.delete_service_linked_role(**name)["DeletionTaskId"]
        status = person.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
        assert status["Status"] == "FAILED"
    org.root.organizations.remove_account_from_organization(AccountId=org.member_id)
    org.member.iam.delete_service_linked_role(**name)
    with refused("NoSuchEntity", 404):
        org.member.iam.get_role(**name)


# -- closed -----------------------------------------------------------------------------------------


def test_nobody_of_a_closed_account_can_sign(org: Org) -> None:
    boss = user(org.member, "boss", allow("*"))
    guest = user(org.world.other, "guest", allow("*"))
    shared = role(org.member, "shared", OTHER_ACCOUNT, allow("*"))
    session = assume(guest, shared)
    for person in (boss, session, org.member):
        person.iam.list_users()
    org.root.organizations.close_account(AccountId=org.member_id)
    for person in (boss, session, org.member):
        with refused("InvalidClientTokenId", 403):
            person.iam.list_users()
        with refused("UnrecognizedClientException", 400):
            person.organizations.leave_organization()
    with refused("AccessDenied", 403):
        assume(guest, shared)
    with refused("AccessDenied", 403):
        org.enter(org.member_id)
    found = org.root.organizations.describe_account(AccountId=org.member_id)["Account"]
    assert (found["Status"], found["State"]) == ("SUSPENDED", "SUSPENDED")


def test_what_cannot_be_closed(org: Org) -> None:
    api = org.root.organizations
    with refused("AccountNotFoundException", 400):
        api.close_account(AccountId=OTHER_ACCOUNT)
    with refused("ConstraintViolationException", 400) as caught:
        api.close_account(AccountId=ACCOUNT)
    assert reason(caught) == "CANNOT_CLOSE_MANAGEMENT_ACCOUNT"
    api.close_account(AccountId=org.member_id)
    with refused("AccountAlreadyClosedException", 400):
        api.close_account(AccountId=org.member_id)


# -- taken out --------------------------------------------------------------------------------------


def test_the_management_account_stays(org: Org) -> None:
    api = org.root.organizations
    with refused("MasterCannotLeaveOrganizationException", 400):
        api.leave_organization()
    with refused("MasterCannotLeaveOrganizationException", 400):
        api.remove_account_from_organization(AccountId=ACCOUNT)
    with refused("AccountNotFoundException", 400):
        api.remove_account_from_organization(AccountId=OTHER_ACCOUNT)


def test_an_account_can_be_taken_out_on_its_first_day(org: Org) -> None:
    org.root.organizations.remove_account_from_organization(AccountId=org.member_id)
    with refused("AccountNotFoundException", 400):
        org.root.organizations.describe_account(AccountId=org.member_id)
    org.member.iam.list_users()
    org.member.iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    org.member.organizations.create_organization()


def test_a_delegated_administrator_is_not_taken_out(org: Org) -> None:
    api = org.root.organizations
    api.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    api.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal="guardduty.amazonaws.com")
    for ask in (
        lambda: api.remove_account_from_organization(AccountId=org.member_id),
        org.member.organizations.leave_organization,
    ):
        with refused("ConstraintViolationException", 400) as caught:
            ask()
        assert reason(caught) == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"


def test_there_is_no_account_in_govcloud(org: Org) -> None:
    with refused("ConstraintViolationException", 400) as caught:
        org.root.organizations.create_gov_cloud_account(AccountName="gov", Email="gov@org.example")
    assert reason(caught) == "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED"


def test_tags_need_the_permission_to_tag(org: Org) -> None:
    maker = user(org.root, "maker", allow("organizations:CreateAccount"))
    tags = [{"Key": "team", "Value": "shop"}]
    with refused("AccessDeniedException", 400, "organizations:TagResource"):
        maker.organizations.create_account(AccountName="s", Email="second@org.example", Tags=tags)
    number = org.account("second", Tags=tags)
    assert org.root.organizations.list_tags_for_resource(ResourceId=number)["Tags"] == tags


def test_who_makes_accounts_can_be_held_to_tags(org: Org) -> None:
    condition = {"StringEquals": {"aws:RequestTag/team": "shop"}}
    actions = ("organizations:CreateAccount", "organizations:TagResource")
    maker = user(org.root, "maker", allow(*actions, Condition=condition))
    for tags in ([], [{"Key": "team", "Value": "ops"}]):
        with refused("AccessDeniedException", 400):
            maker.organizations.create_account(AccountName="s", Email="second@org.example", Tags=tags)
    tags = [{"Key": "team", "Value": "shop"}]
    maker.organizations.create_account(AccountName="s", Email="second@org.example", Tags=tags)


def test_a_tag_of_an_account_decides(org: Org) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "shop"}}
    reader = user(org.root, "reader", allow("organizations:DescribeAccount", Condition=condition))
    with refused("AccessDeniedException", 400):
        reader.organizations.describe_account(AccountId=org.member_id)
    org.root.organizations.tag_resource(ResourceId=org.member_id, Tags=[{"Key": "team", "Value": "shop"}])
    reader.organizations.describe_account(AccountId=org.member_id)

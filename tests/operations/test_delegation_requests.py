"""Delegation requests: what may be asked for, who may claim a request, who sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person, World
from tests.operations.delegating import BUCKET, DAY, READ, TOPIC, Deal
from tests.people import allow, assume, deny, managed, refused, role, user

ANY = "arn:aws:iam::{}:delegation-request/{}"


@pytest.fixture
def deal(world: World) -> Deal:
    return Deal(world)


# -- what may be asked for ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"NotificationChannel": "delegations"}, "NotificationChannel must be the ARN of an SNS topic"),
        ({"NotificationChannel": TOPIC.replace("sns", "sqs")}, "NotificationChannel must be"),
        ({"NotificationChannel": TOPIC.replace("us-east-1", "")}, "NotificationChannel must be"),
        ({"NotificationChannel": TOPIC.replace(OTHER_ACCOUNT, ACCOUNT)}, "of the requestor's account"),
        ({"Permissions": {"Parameters": [BUCKET]}}, "must have a PolicyTemplateArn"),
    ],
)
def test_what_is_wrong_all_the_same(deal: Deal, wrong: dict[str, Any], text: str) -> None:
    with refused("InvalidInput", 400, text):
        deal.create(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SessionDuration": 299},
        {"SessionDuration": 43201},
        {"RedirectUrl": "ftp://partner.example"},
        {"RedirectUrl": "https://partner.example/<script>"},
        {"RequestorWorkflowId": "1234"},
        {"RequestMessage": "m" * 201},
        {"Description": "d" * 1001},
        {"OwnerAccountId": "12345"},
    ],
    ids=str,
)
def test_what_the_model_refuses(deal: Deal, wrong: dict[str, Any]) -> None:
    with refused("ValidationError", 400):
        deal.create(**wrong)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{OTHER_ACCOUNT}:policy/nothing",
        f"arn:aws:iam::{ACCOUNT}:policy/mine",
        "arn:aws:iam:::delegation-template/partner/setup",
        "arn:aws:s3:::a-bucket-of-mine",
        "twenty characters or more",
    ],
)
def test_a_template_that_is_not_there(deal: Deal, world: World, arn: str) -> None:
    managed(world.root, "mine", allow("s3:GetObject"))
    with refused("InvalidInput", 400, f"Policy template {arn} was not found."):
        deal.create(Permissions={"PolicyTemplateArn": arn})


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ([], "The policy parameter BucketName is missing."),
        ([BUCKET, BUCKET], "The policy parameter BucketName is given twice."),
        ([BUCKET, {**BUCKET, "Name": "Prefix"}], "The policy template has no parameter Prefix."),
        ([{**BUCKET, "Values": ["a", "b"]}], "is a string and has 2 values"),
        ([{**BUCKET, "Type": "stringList"}], "is a list and stands inside a text"),
        ([{**BUCKET, "Values": ["@{Bucket}"]}], "its value looks like one"),
        ([{"Name": "BucketName"}], "has a name and values"),
    ],
)
def test_parameters_that_do_not_fit(deal: Deal, parameters: list[Any], text: str) -> None:
    with refused("InvalidInput", 400, text):
        deal.create(Permissions={"PolicyTemplateArn": deal.template, "Parameters": parameters})


def test_what_the_template_becomes_must_be_a_policy(world: World) -> None:
    deal = Deal(world, allow("s3:@{ActionName}"))
    with refused("InvalidInput", 400, "is not valid: Actions/Condition can contain only one colon"):
        deal.create(Permissions=_with(deal, "ActionName", "Get:Object"))


def test_and_no_larger_than_one(world: World) -> None:
    deal = Deal(world, allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "@{Prefixes}"}}))
    many = [f"a-long-prefix-{number:08}" for number in range(300)]
    with refused("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        deal.create(Permissions=_with(deal, "Prefixes", *many))


def test_roles_are_made_within_a_boundary_only(world: World) -> None:
    deal = Deal(world, allow("iam:CreateRole"))
    with refused("InvalidInput", 400, "iam:CreateRole without a condition on iam:PermissionsBoundary"):
        deal.create(plain=True)
    deal.template = "arn:aws:iam::aws:policy/AdministratorAccess"
    with refused("InvalidInput", 400, "iam:CreateRole"):
        deal.create(plain=True)


def test_a_workflow_is_of_one_request(deal: Deal, root: Person) -> None:
    first = deal.create(RequestorWorkflowId="setup-1")
    with refused("EntityAlreadyExists", 409, "setup-1 already exists"):
        deal.create(RequestorWorkflowId="setup-1")
    assert deal.create(RequestorWorkflowId="SETUP-1") != first


def test_asking_can_be_allowed_on_terms(deal: Deal, world: World) -> None:
    keys = {
        "iam:TemplateArn": deal.template,
        "iam:NotificationChannel": TOPIC,
        "iam:DelegationDuration": "3600",
    }
    for key, value in keys.items():
        condition = {"StringEquals": {key: value}}
        name = f"agent-{key[4:]}"
        agent = user(world.other, name, allow("iam:CreateDelegationRequest", Condition=condition))
        deal.requestor = agent
        assert deal.create()
    with refused("AccessDenied", 403, f"on resource: {ANY.format(OTHER_ACCOUNT, '*')}"):
        deal.create(SessionDuration=3601)
    deal.requestor = user(world.other, "nobody")
    with refused("AccessDenied", 403, "iam:CreateDelegationRequest"):
        deal.create()


# -- who claims it -----------------------------------------------------------------------------------


def test_a_request_of_an_account_is_claimed_there_alone(deal: Deal) -> None:
    request = deal.create(OwnerAccountId=ACCOUNT)
    with refused("NoSuchEntity", 404, f"The delegation request with id {request} cannot be found."):
        deal.requestor.iam.associate_delegation_request(DelegationRequestId=request)
    with refused("NoSuchEntity", 404):
        deal.seen(request, by=deal.requestor)
    deal.owner.iam.associate_delegation_request(DelegationRequestId=request)
    assert deal.seen(request)["OwnerId"] == deal.owner.arn


def test_an_open_request_is_of_whoever_claims_it_first(deal: Deal, world: World) -> None:
    request = deal.create()
    assert "OwnerAccountId" not in deal.seen(request, by=deal.requestor)
    stranger = user(world.other, "stranger")
    stranger.iam.associate_delegation_request(DelegationRequestId=request)
    shown = deal.seen(request, by=stranger)
    assert (shown["OwnerAccountId"], shown["OwnerId"]) == (OTHER_ACCOUNT, stranger.arn)
    with refused("NoSuchEntity", 404):
        deal.approver.iam.associate_delegation_request(DelegationRequestId=request)
    with refused("AccessDenied", 403):  # who may nothing is not told whether there is such a request
        deal.owner.iam.associate_delegation_request(DelegationRequestId=request)


def test_claiming_needs_no_permission_and_can_be_denied(deal: Deal, root: Person) -> None:
    request = deal.create()
    kept = user(root, "kept", deny("iam:AssociateDelegationRequest", on=ANY.format(ACCOUNT, "*")))
    with refused("AccessDenied", 403, "explicit deny"):
        kept.iam.associate_delegation_request(DelegationRequestId=request)
    deal.owner.iam.associate_delegation_request(DelegationRequestId=request)
    with refused("AccessDenied", 403, f"on resource: {ANY.format(ACCOUNT, request)}"):
        kept.iam.get_delegation_request(DelegationRequestId=request)


def test_no_such_request(deal: Deal) -> None:
    for call in (deal.approver.iam.get_delegation_request, deal.approver.iam.associate_delegation_request):
        with refused("NoSuchEntity", 404):
            call(DelegationRequestId="e4bdcdae-4f66-11ed-0000-000000000000")
        with refused("ValidationError", 400):
            call(DelegationRequestId="../" * 10)


def test_an_id_of_something_else_is_no_request(deal: Deal) -> None:
    with refused("NoSuchEntity", 404):
        deal.approver.iam.get_delegation_request(DelegationRequestId=deal.owner.key_id)


def test_a_session_is_an_owner_of_its_own(deal: Deal, root: Person) -> None:
    arn = role(root, "dev", root.account)
    lena = user(root, "lena", allow("sts:AssumeRole"))
    first, second = assume(lena, arn, "first"), assume(lena, arn, "second")
    request = deal.create()
    first.iam.associate_delegation_request(DelegationRequestId=request)
    assert deal.seen(request, by=first)["OwnerId"] == first.arn
    with refused("AccessDenied", 403, "iam:GetDelegationRequest"):
        deal.seen(request, by=second)


# -- what is seen of it ------------------------------------------------------------------------------


def test_everything_that_a_request_says(deal: Deal, root: Person) -> None:
    request = deal.create(
        RequestMessage="As talked about", RedirectUrl="https://partner.example/back", OnlySendByOwner=True
    )
    shown = deal.seen(request)
    created = shown.pop("CreateDate")
    assert shown.pop("UpdatedTime") == created
    assert shown.pop("ExpirationTime") == created + timedelta(days=1)
    assert '"arn:aws:s3:::photos/*"' in shown.pop("PermissionPolicy")
    assert shown == {
        "DelegationRequestId": request,
        "Description": "Set up the photo service",
        "RequestMessage": "As talked about",
        "Permissions": {"PolicyTemplateArn": deal.template, "Parameters": [BUCKET]},
        "State": "UNASSIGNED",
        "RequestorId": OTHER_ACCOUNT,
        "RequestorName": "other",
        "SessionDuration": 3600,
        "RedirectUrl": "https://partner.example/back",
        "OnlySendByOwner": True,
    }


def test_what_was_asked_for_stays_when_the_template_changes(deal: Deal, world: World) -> None:
    request = deal.claimed()
    before = deal.seen(request)["PermissionPolicy"]
    world.other.iam.delete_policy(PolicyArn=deal.template)
    assert deal.seen(request)["PermissionPolicy"] == before


def test_lists_take_the_place_of_a_text_or_of_an_item(world: World) -> None:
    conditions = {"StringLike": {"s3:prefix": ["one", "@{Others}"], "s3:delimiter": "@{Others}"}}
    deal = Deal(world, allow("s3:ListBucket", Condition=conditions))
    shown = deal.seen(deal.create(Permissions=_with(deal, "Others", "two", "three")))
    assert '"s3:prefix":["one","two","three"]' in shown["PermissionPolicy"]
    assert '"s3:delimiter":["two","three"]' in shown["PermissionPolicy"]
    assert shown["Permissions"]["Parameters"][0]["Type"] == "stringList"


def test_the_boundaries_of_roles_are_told(world: World) -> None:
    bounds = [f"arn:aws:iam::{OTHER_ACCOUNT}:policy/bounds-{number}" for number in (1, 2)]
    condition = {"StringEquals": {"iam:PermissionsBoundary": bounds}}
    deal = Deal(world, allow("iam:CreateRole", Condition=condition), READ)
    assert deal.seen(deal.create())["RolePermissionRestrictionArns"] == bounds


def test_the_owner_keeps_it_under_a_new_name(deal: Deal, root: Person) -> None:
    request = deal.claimed()
    root.iam.update_user(UserName="olga", NewUserName="helga", NewPath="/team/")
    shown = deal.seen(request, by=deal.owner)
    assert shown["OwnerId"] == deal.owner.arn == f"arn:aws:iam::{ACCOUNT}:user/team/helga"
    heir = user(root, "olga")
    with refused("AccessDenied", 403, "iam:GetDelegationRequest"):
        deal.seen(request, by=heir)


def test_the_owner_is_told_when_gone(deal: Deal, root: Person) -> None:
    request = deal.claimed()
    root.iam.delete_access_key(UserName="olga", AccessKeyId=deal.owner.key_id)
    root.iam.delete_user(UserName="olga")
    heir = user(root, "olga")
    assert deal.seen(request)["OwnerId"] == heir.arn
    with refused("AccessDenied", 403, "iam:GetDelegationRequest"):
        deal.seen(request, by=heir)


def test_reading_can_be_allowed_by_the_owner(deal: Deal, root: Person) -> None:
    request = deal.claimed()
    condition = {"ArnEquals": {"iam:DelegationRequestOwner": deal.owner.arn}}
    lead = user(root, "lead", allow("iam:GetDelegationRequest", Condition=condition))
    assert deal.seen(request, by=lead)["State"] == "ASSIGNED"
    mine = deal.create()
    deal.approver.iam.associate_delegation_request(DelegationRequestId=mine)
    with refused("AccessDenied", 403):
        deal.seen(mine, by=lead)


# -- lists -------------------------------------------------------------------------------------------


def test_a_list_has_what_the_account_owns(deal: Deal, world: World) -> None:
    claimed = sorted([deal.claimed(), deal.claimed()])
    deal.create(OwnerAccountId=ACCOUNT)
    deal.create()
    answer = deal.approver.iam.list_delegation_requests()
    assert [one["DelegationRequestId"] for one in answer["DelegationRequests"]] == claimed
    assert answer["isTruncated"] is False
    assert world.other.iam.list_delegation_requests()["DelegationRequests"] == []
    page = deal.approver.iam.list_delegation_requests(MaxItems=1)
    assert page["isTruncated"] is True
    rest = deal.approver.iam.list_delegation_requests(Marker=page["Marker"])
    assert [one["DelegationRequestId"] for one in rest["DelegationRequests"]] == claimed[1:]


def test_everybody_lists_his_own(deal: Deal, root: Person) -> None:
    request, mine = deal.claimed(), deal.create()
    deal.approver.iam.associate_delegation_request(DelegationRequestId=mine)
    with refused("AccessDenied", 403, "iam:ListDelegationRequests"):
        deal.owner.iam.list_delegation_requests()
    with refused("AccessDenied", 403, "iam:ListDelegationRequests"):
        deal.owner.iam.list_delegation_requests(OwnerId=deal.approver.arn)
    for person, own in ((deal.owner, request), (deal.approver, mine)):
        found = person.iam.list_delegation_requests(OwnerId=person.arn)["DelegationRequests"]
        assert [one["DelegationRequestId"] for one in found] == [own]
    kept = user(root, "kept", deny("iam:ListDelegationRequests"))
    with refused("AccessDenied", 403, "explicit deny"):
        kept.iam.list_delegation_requests(OwnerId=kept.arn)


def test_a_list_can_be_allowed_for_an_owner(deal: Deal, root: Person) -> None:
    condition = {"ArnEquals": {"iam:DelegationRequestOwner": deal.owner.arn}}
    lead = user(root, "lead", allow("iam:ListDelegationRequests", Condition=condition))
    assert lead.iam.list_delegation_requests(OwnerId=deal.owner.arn)["DelegationRequests"] == []
    with refused("AccessDenied", 403):
        lead.iam.list_delegation_requests()


def test_a_list_of_nobody(deal: Deal) -> None:
    with refused("InvalidInput", 400, "is not an ARN"):
        deal.approver.iam.list_delegation_requests(OwnerId="o" * 20)
    with refused("ValidationError", 400):
        deal.approver.iam.list_delegation_requests(Marker="no marker")


# -- the check ---------------------------------------------------------------------------------------

PHOTOS = "arn:aws:s3:::photos/*"


@pytest.mark.parametrize(
    ("own", "result"),
    [
        ([], "DENIED"),
        ([allow("s3:GetObject", on="arn:aws:s3:::music/*")], "DENIED"),
        ([allow("s3:*"), deny("s3:GetObject", on=PHOTOS)], "DENIED"),
        ([allow("s3:*"), deny("s3:GetObject", on="arn:aws:s3:::photos/secret")], "UNSURE"),
        ([allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})], "UNSURE"),
        ([allow("s3:Get*", on=PHOTOS)], "ALLOWED"),
        ([allow("*")], "ALLOWED"),
    ],
)
def test_the_check_says_what_the_caller_has(deal: Deal, root: Person, own: list[Any], result: str) -> None:
    checker = user(root, "checker", *own)
    request = deal.create()
    plain = checker.iam.get_delegation_request(DelegationRequestId=request)
    assert "PermissionCheckStatus" not in plain
    answer = checker.iam.get_delegation_request(DelegationRequestId=request, DelegationPermissionCheck=True)
    assert answer["PermissionCheckStatus"] == "COMPLETE"
    assert answer["PermissionCheckResult"] == result


@pytest.mark.parametrize(
    ("asked", "own", "result"),
    [
        (allow("sqs:*Message*"), [allow("sqs:*")], "ALLOWED"),
        (allow("sqs:*Message*"), [allow("sqs:SendMessage")], "DENIED"),
        (
            allow(*(f"{one}:*" for one in ("ec2", "rds", "sagemaker", "glue", "iot", "connect"))),
            [allow("*")],
            "UNSURE",
        ),
        (allow("s3:*", on="arn:aws:s3:::photos"), [allow("s3:*", on="arn:aws:s3:::photos")], "ALLOWED"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, [allow("*")], "UNSURE"),
        (allow("new:Thing"), [allow("new:*")], "ALLOWED"),
        (allow(*(f"sqs:{number}*" for number in range(50)), "sqs:Send*"), [allow("*")], "UNSURE"),
    ],
    ids=str,
)
def test_the_check_of_patterns(world: World, asked: Any, own: list[Any], result: str) -> None:
    deal = Deal(world, asked)
    checker = user(world.root, "checker", *own)
    answer = checker.iam.get_delegation_request(
        DelegationRequestId=deal.create(plain=True), DelegationPermissionCheck=True
    )
    assert answer["PermissionCheckResult"] == result


def test_the_root_user_has_all(deal: Deal, root: Person) -> None:
    answer = root.iam.get_delegation_request(
        DelegationRequestId=deal.create(), DelegationPermissionCheck=True
    )
    assert answer["PermissionCheckResult"] == "ALLOWED"


def test_nobody_is_sent_to_a_console(deal: Deal) -> None:
    answer = deal.requestor.iam.create_delegation_request(**deal.terms())
    assert answer.keys() - {"ResponseMetadata"} == {"DelegationRequestId"}


def test_the_policy_comes_from_the_requestors_own_policies(deal: Deal) -> None:
    deal.template = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    assert '"s3:Get*"' in deal.seen(deal.create(plain=True))["PermissionPolicy"]


def test_changes_are_events(local: LocalWorld) -> None:
    deal = Deal(local)
    request = deal.claimed()
    event = next(one for one in local.events() if one["eventName"] == "AssociateDelegationRequest")
    assert event["requestParameters"] == {"delegationRequestId": request}
    assert event["recipientAccountId"] == ACCOUNT


def test_a_request_that_expired_is_shown(deal: Deal, world: World) -> None:
    request = deal.create(OwnerAccountId=ACCOUNT)
    world.advance(DAY)
    assert deal.seen(request)["State"] == "EXPIRED"


def _with(deal: Deal, name: str, *values: str) -> dict[str, Any]:
    parameter = {"Name": name, "Values": list(values)}
    return {"PolicyTemplateArn": deal.template, "Parameters": [parameter]}

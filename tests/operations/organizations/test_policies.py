"""Policies of an organization, and what they are attached to."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.client import ACCOUNT
from tests.operations.organizations.conftest import RCP, SCP, Org
from tests.people import allow, deny, policy, refused, user

DENY = policy(deny("iam:CreateUser"))
RCP_DENY = policy({**deny("sts:AssumeRole"), "Principal": "*"})
NOWHERE = "p-00000000"


def reason(caught: Any) -> str:
    found: str = caught.value.response["Reason"]
    return found


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (SCP, "no JSON"),
        (SCP, "{}"),
        (SCP, json.dumps({"Version": "2008-10-17", "Statement": allow("*")})),
        (SCP, policy({**deny("*"), "Principal": "*"})),
        (RCP, DENY),
        (RCP, policy({**allow("sts:*"), "Principal": "*"})),
        (RCP, policy({**deny("*"), "Principal": "*"})),
        (RCP, policy({**deny("sts:*"), "Principal": {"AWS": ACCOUNT}})),
    ],
)
def test_what_is_no_policy_of_its_type(org: Org, kind: str, text: str) -> None:
    with refused("MalformedPolicyDocumentException", 400, "does not meet the requirements"):
        org.policy(text, kind)
    id = org.policy(DENY if kind == SCP else RCP_DENY, kind)
    with refused("MalformedPolicyDocumentException", 400):
        org.root.organizations.update_policy(PolicyId=id, Content=text)


def test_a_policy_has_a_size(org: Org) -> None:
    for kind, most in ((SCP, 10_240), (RCP, 5_120)):
        text = DENY if kind == SCP else RCP_DENY
        with refused("ConstraintViolationException", 400) as caught:
            org.policy(text + " " * (most - len(text) + 1), kind)
        assert reason(caught) == "POLICY_CONTENT_LIMIT_EXCEEDED"
        org.policy(text + " " * (most - len(text)), kind)


@pytest.mark.parametrize("kind", ["TAG_POLICY", "BACKUP_POLICY", "AISERVICES_OPT_OUT_POLICY"])
def test_other_types_are_not_to_be_had(org: Org, kind: str) -> None:
    with refused("PolicyTypeNotAvailableForOrganizationException", 400):
        org.policy("{}", kind)
    with refused("PolicyTypeNotAvailableForOrganizationException", 400):
        org.root.organizations.enable_policy_type(RootId=org.root_id, PolicyType=kind)
    assert org.root.organizations.list_policies(Filter=kind)["Policies"] == []
    with refused("EffectivePolicyNotFoundException", 400):
        org.member.organizations.describe_effective_policy(PolicyType=kind)
    with refused("EffectivePolicyNotFoundException", 400):
        org.root.organizations.list_accounts_with_invalid_effective_policy(PolicyType=kind)
    with refused("EffectivePolicyNotFoundException", 400):
        org.root.organizations.list_effective_policy_validation_errors(
            AccountId=org.member_id, PolicyType=kind
        )


def test_what_a_policy_is(org: Org) -> None:
    api = org.root.organizations
    made = api.create_policy(Content=DENY, Description="said", Name="own", Type=SCP)["Policy"]
    organization = api.describe_organization()["Organization"]["Id"]
    id = made["PolicySummary"]["Id"]
    assert re.fullmatch(r"p-[a-z0-9]{8}", id)
    assert made["Content"] == DENY
    assert made["PolicySummary"] == {
        "Id": id,
        "Arn": f"arn:aws:organizations::{ACCOUNT}:policy/{organization}/service_control_policy/{id}",
        "Name": "own",
        "Description": "said",
        "Type": SCP,
        "AwsManaged": False,
    }
    assert api.describe_policy(PolicyId=id)["Policy"] == made
    changed = api.update_policy(PolicyId=id, Name="renamed", Description="else")["Policy"]
    assert changed["Content"] == DENY
    assert (changed["PolicySummary"]["Name"], changed["PolicySummary"]["Description"]) == ("renamed", "else")


def test_a_name_is_had_once_in_a_type(org: Org) -> None:
    id = org.policy(DENY, name="first")
    org.policy(RCP_DENY, RCP, name="first")
    for name in ("first", "FullAWSAccess"):
        with refused("DuplicatePolicyException", 400):
            org.policy(DENY, name=name)
    org.policy(DENY, name="second")
    with refused("DuplicatePolicyException", 400):
        org.root.organizations.update_policy(PolicyId=id, Name="second")


@pytest.mark.parametrize(("id", "kind"), [("p-FullAWSAccess", SCP), ("p-RCPFullAWSAccess", RCP)])
def test_aws_own_policies_are_read_and_not_changed(org: Org, id: str, kind: str) -> None:
    api = org.root.organizations
    found = api.describe_policy(PolicyId=id)["Policy"]
    assert found["PolicySummary"]["AwsManaged"] is True
    assert found["PolicySummary"]["Arn"] == f"arn:aws:organizations::aws:policy/{kind.lower()}/{id}"
    assert json.loads(found["Content"])["Statement"][0]["Effect"] == "Allow"
    assert [one["Id"] for one in api.list_policies(Filter=kind)["Policies"]] == [id]
    for ask in (
        lambda: api.update_policy(PolicyId=id, Content=DENY),
        lambda: api.delete_policy(PolicyId=id),
    ):
        with refused("InvalidInputException", 400) as caught:
            ask()
        assert reason(caught) == "IMMUTABLE_POLICY"


def test_what_is_not_there(org: Org) -> None:
    api = org.root.organizations
    for ask in (
        lambda: api.describe_policy(PolicyId=NOWHERE),
        lambda: api.update_policy(PolicyId=NOWHERE, Name="x"),
        lambda: api.delete_policy(PolicyId=NOWHERE),
        lambda: api.attach_policy(PolicyId=NOWHERE, TargetId=org.unit),
        lambda: api.detach_policy(PolicyId=NOWHERE, TargetId=org.unit),
        lambda: api.list_targets_for_policy(PolicyId=NOWHERE),
    ):
        with refused("PolicyNotFoundException", 400):
            ask()
    id = org.policy(DENY)
    for target in ("r-0000", f"{org.unit[:-8]}00000000", "999999999999"):
        for ask in (
            lambda target=target: api.attach_policy(PolicyId=id, TargetId=target),
            lambda target=target: api.detach_policy(PolicyId=id, TargetId=target),
            lambda target=target: api.list_policies_for_target(TargetId=target, Filter=SCP),
        ):
            with refused("TargetNotFoundException", 400):
                ask()


def test_a_policy_in_use_is_not_deleted(org: Org) -> None:
    api = org.root.organizations
    id = org.attach(org.unit, DENY)
    with refused("PolicyInUseException", 400):
        api.delete_policy(PolicyId=id)
    api.detach_policy(PolicyId=id, TargetId=org.unit)
    api.delete_policy(PolicyId=id)
    with refused("PolicyNotFoundException", 400):
        api.describe_policy(PolicyId=id)


def test_attaching_and_detaching(org: Org) -> None:
    api = org.root.organizations
    id = org.policy(DENY)
    with refused("PolicyNotAttachedException", 400):
        api.detach_policy(PolicyId=id, TargetId=org.unit)
    api.attach_policy(PolicyId=id, TargetId=org.unit)
    with refused("DuplicatePolicyAttachmentException", 400):
        api.attach_policy(PolicyId=id, TargetId=org.unit)
    for target in (org.root_id, org.member_id):
        api.attach_policy(PolicyId=id, TargetId=target)
    told = {one["TargetId"]: one for one in api.list_targets_for_policy(PolicyId=id)["Targets"]}
    assert {key: (one["Type"], one["Name"]) for key, one in told.items()} == {
        org.root_id: ("ROOT", "Root"),
        org.unit: ("ORGANIZATIONAL_UNIT", "workload"),
        org.member_id: ("ACCOUNT", "member"),
    }
    assert told[org.unit]["Arn"].endswith(f"/{org.unit}")
    found = api.list_policies_for_target(TargetId=org.unit, Filter=SCP)["Policies"]
    assert {one["Id"] for one in found} == {id, "p-FullAWSAccess"}
    assert [one["Id"] for one in api.list_policies_for_target(TargetId=org.unit, Filter=RCP)["Policies"]] == [
        "p-RCPFullAWSAccess"
    ]


def test_the_last_scp_and_aws_own_rcp_stay(org: Org) -> None:
    api = org.root.organizations
    with refused("ConstraintViolationException", 400, "cannot remove the last policy") as caught:
        api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=org.unit)
    assert reason(caught) == "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"
    org.attach(org.unit, RCP_DENY, RCP)
    with refused("InvalidInputException", 400) as caught:
        api.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=org.unit)
    assert reason(caught) == "NON_DETACHABLE_POLICY"


@pytest.mark.parametrize(("kind", "text", "most"), [(SCP, DENY, 10), (RCP, RCP_DENY, 5)])
def test_so_many_of_a_type_on_a_target(org: Org, kind: str, text: str, most: int) -> None:
    for number in range(most - 1):
        org.attach(org.unit, text, kind, f"p{number}")
    with refused("ConstraintViolationException", 400) as caught:
        org.attach(org.unit, text, kind, "one-more")
    assert reason(caught) == "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"


def test_a_type_is_enabled_before_it_is_attached(org: Org) -> None:
    api = org.root.organizations
    with refused("PolicyTypeAlreadyEnabledException", 400):
        api.enable_policy_type(RootId=org.root_id, PolicyType=SCP)
    with refused("RootNotFoundException", 400):
        api.enable_policy_type(RootId="r-0000", PolicyType=SCP)
    root = api.disable_policy_type(RootId=org.root_id, PolicyType=SCP)["Root"]
    assert root["PolicyTypes"] == [{"Type": RCP, "Status": "ENABLED"}]
    with refused("PolicyTypeNotEnabledException", 400):
        api.disable_policy_type(RootId=org.root_id, PolicyType=SCP)
    id = org.policy(DENY)
    with refused("PolicyTypeNotEnabledException", 400):
        api.attach_policy(PolicyId=id, TargetId=org.unit)
    with refused("RootNotFoundException", 400):
        api.disable_policy_type(RootId="r-0000", PolicyType=RCP)


def test_attaching_must_be_allowed_on_the_policy_and_on_the_target(org: Org) -> None:
    api = org.root.organizations
    organization = api.describe_organization()["Organization"]["Id"]
    id = org.policy(DENY)
    arns = [api.describe_policy(PolicyId=id)["Policy"]["PolicySummary"]["Arn"]]
    arns.append(f"arn:aws:organizations::{ACCOUNT}:ou/{organization}/{org.unit}")
    for number, missing in enumerate(arns):
        rest = [arn for arn in arns if arn != missing]
        eve = user(org.root, f"eve{number}", allow("organizations:AttachPolicy", on=rest))
        with refused("AccessDeniedException", 400, f"on resource: {missing}"):
            eve.organizations.attach_policy(PolicyId=id, TargetId=org.unit)
    bob = user(org.root, "bob", allow("organizations:AttachPolicy", on=arns))
    bob.organizations.attach_policy(PolicyId=id, TargetId=org.unit)


def test_the_type_of_a_policy_decides(org: Org) -> None:
    only = {"StringEquals": {"organizations:PolicyType": SCP}}
    bob = user(org.root, "bob", allow("organizations:*", Condition=only)).organizations
    scp, rcp = org.policy(DENY), org.policy(RCP_DENY, RCP)
    bob.create_policy(Content=DENY, Description="", Name="his", Type=SCP)
    bob.list_policies(Filter=SCP)
    bob.attach_policy(PolicyId=scp, TargetId=org.unit)
    for ask in (
        lambda: bob.create_policy(Content=RCP_DENY, Description="", Name="his", Type=RCP),
        lambda: bob.list_policies(Filter=RCP),
        lambda: bob.attach_policy(PolicyId=rcp, TargetId=org.unit),
        lambda: bob.disable_policy_type(RootId=org.root_id, PolicyType=RCP),
        bob.list_accounts,
    ):
        with refused("AccessDeniedException", 400):
            ask()

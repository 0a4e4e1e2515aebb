"""The access report inside of an organization: who gets it, of what, and what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rolekeeper.iam.access_reports import OrganizationsAccessReport
from rolekeeper.operations import access_reports
from rolekeeper.policy import catalog
from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.operations.organizations.conftest import RCP, SCP, Org
from tests.people import allow, assume, deny, policy, refused, role, user

FULL = "p-FullAWSAccess"
NEEDED = [
    "organizations:DescribePolicy",
    "organizations:ListChildren",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "organizations:ListRoots",
    "organizations:ListTargetsForPolicy",
]


def path(org: Org, *ids: str) -> str:
    id = org.root.organizations.describe_organization()["Organization"]["Id"]
    return "/".join([id, org.root_id, *ids])


def ask(org: Org, *ids: str, by: Person | None = None, **more: Any) -> str:
    api = (by or org.root).iam
    job: str = api.generate_organizations_access_report(EntityPath=path(org, *ids), **more)["JobId"]
    return job


def read(org: Org, job: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = org.root.iam.get_organizations_access_report(JobId=job, **more)
    return answer


def report(org: Org, *ids: str, **more: Any) -> dict[str, dict[str, Any]]:
    """All services of a new report, by their prefix."""
    found = read(org, ask(org, *ids, **more), MaxItems=1000)
    assert not found["IsTruncated"]
    return {one["ServiceNamespace"]: one for one in found["AccessDetails"]}


def tried(services: dict[str, dict[str, Any]]) -> dict[str, tuple[str, int]]:
    """Of what was tried: the account that tried it last, and how many did."""
    return {
        name: (one["EntityPath"].rpartition("/")[2], one["TotalAuthenticatedEntities"])
        for name, one in services.items()
        if "EntityPath" in one
    }


# -- who has none -----------------------------------------------------------------------------------


def test_a_member_has_no_report_not_even_iams_delegated_administrator(org: Org) -> None:
    def refuses() -> None:
        with refused("AccessDenied", 403, "Only an organization's management account"):
            org.member.iam.generate_organizations_access_report(EntityPath=path(org))
        with refused("AccessDenied", 403, "Only an organization's management account"):
            org.member.iam.get_organizations_access_report(JobId=ask(org))

    refuses()
    api = org.root.organizations
    api.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    api.register_delegated_administrator(AccountId=org.member_id, ServicePrincipal="iam.amazonaws.com")
    refuses()


def test_scps_must_be_enabled_and_nothing_else(org: Org) -> None:
    job = ask(org)
    org.root.organizations.disable_policy_type(RootId=org.root_id, PolicyType=SCP)
    with refused("InvalidInput", 400, "Service control policies are not enabled"):
        ask(org)
    with refused("InvalidInput", 400, "Service control policies are not enabled"):
        read(org, job)


@pytest.mark.parametrize("missing", NEEDED)
def test_what_is_read_of_the_organization_must_be_allowed(org: Org, missing: str) -> None:
    may = [action for action in NEEDED if action != missing]
    bob = user(org.root, "bob", allow("iam:GenerateOrganizationsAccessReport", *may))
    with refused("AccessDenied", 403, f"perform: {missing} on resource"):
        ask(org, by=bob)
    ask(org, by=user(org.root, "ana", allow("iam:GenerateOrganizationsAccessReport", *NEEDED)))


def test_only_whole_paths_of_what_is_there(org: Org) -> None:
    other = org.root.organizations.create_organizational_unit(ParentId=org.root_id, Name="other")
    wrong = [
        *([org.member_id], [org.unit, OTHER_ACCOUNT], [org.unit, "ou-f6g7-12345678"], [org.unit, org.unit]),
        *([other["OrganizationalUnit"]["Id"], org.member_id], [org.unit, "", org.member_id]),
    ]
    for ids in wrong:
        with refused("InvalidInput", 400, "no such entity"):
            ask(org, *ids)
    id = path(org).partition("/")[0]
    for text in (f"o-a1b2c3d4e5/{org.root_id}", f"{id}/r-zzzz", f"{id}/r-zzzz/{org.unit}"):
        with refused("InvalidInput", 400, "no such entity"):
            org.root.iam.generate_organizations_access_report(EntityPath=text)


def test_only_a_policy_that_is_an_scp(org: Org) -> None:
    rcp = org.policy(policy({**deny("s3:*"), "Principal": "*"}), RCP)
    for id in ("p-12345678", rcp, "p-RCPFullAWSAccess"):
        with refused("InvalidInput", 400, "is not a service control policy"):
            ask(org, OrganizationsPolicyId=id)


def test_a_report_that_is_not_there(org: Org) -> None:
    job = "00000000-0000-0000-0000-000000000000"
    with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
        read(org, job)


def test_a_marker_is_of_one_report_and_one_order(org: Org) -> None:
    job, other = ask(org), ask(org)
    marker = read(org, job)["Marker"]
    for id, more in (
        (job, {"SortKey": "LAST_AUTHENTICATED_TIME_DESCENDING"}),
        (other, {}),
    ):
        with refused("InvalidInput", 400, "The marker passed in the request was invalid."):
            read(org, id, Marker=marker, **more)
    with refused("ValidationError", 400, "Invalid Marker."):
        read(org, job, Marker="!")


# -- which services ---------------------------------------------------------------------------------


def test_everything_where_nothing_is_denied(org: Org) -> None:
    for ids in ((), (org.unit,), (org.unit, org.member_id)):
        assert report(org, *ids).keys() == catalog.services()


def test_an_entity_is_under_the_policies_above_it_and_not_under_those_below(org: Org) -> None:
    org.attach(org.root_id, policy(deny("sqs:*")), name="root")
    org.attach(org.unit, policy(deny("s3:*")), name="unit")
    org.attach(org.member_id, policy(deny("ec2:*")), name="member")
    every = catalog.services()
    assert report(org).keys() == every - {"sqs"}
    assert report(org, org.unit).keys() == every - {"sqs", "s3"}
    assert report(org, org.unit, org.member_id).keys() == every - {"sqs", "s3", "ec2"}


def test_each_level_must_allow_the_same_action(org: Org) -> None:
    api = org.root.organizations
    org.attach(org.root_id, policy(allow("s3:Get*", "ec2:Describe*", "sns:*")), name="root")
    org.attach(org.unit, policy(allow("s3:Put*", "ec2:*", "sns:Publish")), name="unit")
    for target in (org.root_id, org.unit):
        api.detach_policy(PolicyId=FULL, TargetId=target)
    assert report(org).keys() == {"s3", "ec2", "sns"}
    assert report(org, org.unit).keys() == {"ec2", "sns"}


def test_the_management_account_reaches_everything_whatever_the_policy(org: Org) -> None:
    own = org.attach(org.root_id, policy(deny("s3:*")))
    assert report(org, ACCOUNT).keys() == catalog.services()
    assert report(org, ACCOUNT, OrganizationsPolicyId=own).keys() == catalog.services()
    assert report(org, ACCOUNT, OrganizationsPolicyId="p-12345678").keys() == catalog.services()


def test_a_policy_is_looked_at_by_itself(org: Org) -> None:
    own = org.attach(org.unit, policy(allow("s3:*", "sqs:SendMessage"), deny("s3:*")))
    assert report(org, OrganizationsPolicyId=own).keys() == {"sqs"}
    assert report(org, OrganizationsPolicyId=FULL).keys() == catalog.services()


# -- who tried --------------------------------------------------------------------------------------


def test_every_account_below_counts_but_the_management_account(org: Org) -> None:
    second = org.account("second")
    org.member.iam.list_users()
    org.world.advance(5)
    org.enter(second).iam.list_users()
    org.root.iam.list_users()
    assert tried(report(org)) == {"iam": (second, 2)}
    assert tried(report(org, org.unit)) == {"iam": (org.member_id, 1)}
    assert tried(report(org, second)) == {"iam": (second, 1)}
    assert tried(report(org, ACCOUNT))["iam"] == (ACCOUNT, 1)


def test_where_when_and_from_where_it_was_tried(org: Org) -> None:
    org.member.in_region("eu-west-1").sts.get_caller_identity()
    found = report(org)["sts"]
    assert found["ServiceName"] == "AWS Security Token Service"
    assert found["EntityPath"] == path(org, org.unit, org.member_id)
    assert found["Region"] == "eu-west-1"
    assert found["LastAuthenticatedTime"] is not None
    assert report(org)["s3"].keys() == {"ServiceName", "ServiceNamespace", "TotalAuthenticatedEntities"}


def test_what_was_refused_and_who_is_gone_counts(org: Org) -> None:
    bob = user(org.member, "bob")
    with refused("AccessDenied", 403, "iam:ListRoles"):
        bob.iam.list_roles()
    bob.in_region("eu-west-1").sts.get_caller_identity()
    (key,) = org.member.iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]
    org.member.iam.delete_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"])
    org.member.iam.delete_user(UserName="bob")
    member = report(org, org.unit, org.member_id)
    assert (member["sts"]["Region"], member["sts"]["TotalAuthenticatedEntities"]) == ("eu-west-1", 1)


def test_an_attempt_to_use_what_is_denied_is_not_told(org: Org) -> None:
    org.member.iam.list_users()
    org.attach(org.unit, policy(deny("iam:*")))
    assert tried(report(org, org.unit)) == {}
    assert tried(report(org)) == {"iam": (org.member_id, 1)}


def test_a_stranger_does_not_count(org: Org) -> None:
    arn = role(org.member, "open", OTHER_ACCOUNT)
    org.world.advance(60)
    before = report(org, org.unit)["sts"]
    assume(user(org.world.other, "bob", allow("sts:AssumeRole")), arn)
    assert report(org, org.unit)["sts"] == before


def test_of_a_policy_the_accounts_count_to_which_it_is_attached(org: Org) -> None:
    second = org.account("second")
    for number in (org.member_id, second):
        org.enter(number).iam.list_users()
    own = org.policy(policy(allow("*")))
    for ids in ((), (org.unit,), (org.unit, org.member_id)):
        assert tried(report(org, *ids, OrganizationsPolicyId=own)) == {}
    org.root.organizations.attach_policy(PolicyId=own, TargetId=org.unit)
    for ids in ((), (org.unit,)):
        assert tried(report(org, *ids, OrganizationsPolicyId=own)) == {"iam": (org.member_id, 1)}
    for ids in ((org.unit, org.member_id), (second,)):
        assert tried(report(org, *ids, OrganizationsPolicyId=own)) == {}


def test_what_was_tried_too_long_ago_is_not_told(org: Org) -> None:
    org.member.iam.list_users()
    org.world.advance((access_reports.TRACKED + timedelta(minutes=1)).total_seconds())
    assert tried(report(org)) == {}


# -- reading ----------------------------------------------------------------------------------------


def test_a_report_stays_as_it_was_made(org: Org) -> None:
    job = ask(org)
    before = read(org, job, MaxItems=1000)
    org.member.iam.list_users()
    org.attach(org.root_id, policy(deny("s3:*")))
    after = read(org, job, MaxItems=1000)
    assert after["AccessDetails"] == before["AccessDetails"]
    assert after["JobStatus"] == "COMPLETED"
    assert after["JobCreationDate"] == after["JobCompletionDate"]


def test_whoever_may_read_reports_of_the_account_reads_it(org: Org) -> None:
    bob = user(org.root, "bob", allow("iam:GetOrganizationsAccessReport"))
    assert bob.iam.get_organizations_access_report(JobId=ask(org))["JobStatus"] == "COMPLETED"


def test_it_is_counted(org: Org) -> None:
    org.member.iam.list_users()
    org.attach(org.root_id, policy(deny("s3:*")))
    found = read(org, ask(org))
    assert found["NumberOfServicesAccessible"] == len(catalog.services()) - 1
    assert found["NumberOfServicesNotAccessed"] == len(catalog.services()) - 2
    assert len(found["AccessDetails"]) == 100


@pytest.mark.parametrize("key", ["SERVICE_NAMESPACE_ASCENDING", "SERVICE_NAMESPACE_DESCENDING"])
def test_by_name_in_pages(org: Org, key: str) -> None:
    job, marker, found = ask(org), {}, []
    while True:
        page = read(org, job, MaxItems=150, SortKey=key, **marker)
        found += [one["ServiceNamespace"] for one in page["AccessDetails"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert found == sorted(catalog.services(), reverse=key.endswith("DESCENDING"))
    if key.endswith("_ASCENDING"):
        assert read(org, job)["AccessDetails"][0]["ServiceNamespace"] == found[0]


def test_by_time_what_was_never_tried_being_the_oldest(org: Org) -> None:
    org.member.iam.list_users()
    org.world.advance(5)
    org.member.sts.get_caller_identity()
    job = ask(org)
    late = read(org, job, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING")["AccessDetails"]
    assert [one["ServiceNamespace"] for one in late[:3]] == ["sts", "iam", min(catalog.services())]
    early = read(org, job, SortKey="LAST_AUTHENTICATED_TIME_ASCENDING", MaxItems=1000)["AccessDetails"]
    assert [one["ServiceNamespace"] for one in early[-2:]] == ["iam", "sts"]


def test_old_reports_go_when_new_ones_are_made(org: Org) -> None:
    for _ in range(3):
        ask(org)
    org.world.advance(access_reports.KEPT.total_seconds() + 60)
    young = ask(org)
    with org.world.server.store.read() as tx:
        kept = tx.account(ACCOUNT).collection(OrganizationsAccessReport).page()[0]
    assert [one.id for one in kept] == [young]

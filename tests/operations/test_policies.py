"""Managed policies: their ARNs, versions, lists and sizes."""

from __future__ import annotations

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, managed, policy, refused, role, user

TEXT = policy(allow("iam:GetRole"))


def test_an_arn_that_is_none_is_refused(root: Person) -> None:
    for arn in ("arn:aws:iam::111111111111:role/dev", "arn:aws:s3:::a-bucket-of-mine", "x" * 20):
        with refused("ValidationError", 400, f"ARN {arn} is not valid."):
            root.iam.get_policy(PolicyArn=arn)
    with refused("ValidationError", 400, "at 'policyArn' failed to satisfy constraint"):
        root.iam.get_policy(PolicyArn="short")


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_policy", {}),
        ("delete_policy", {}),
        ("create_policy_version", {"PolicyDocument": TEXT}),
        ("get_policy_version", {"VersionId": "v1"}),
        ("list_policy_versions", {}),
        ("set_default_policy_version", {"VersionId": "v1"}),
        ("delete_policy_version", {"VersionId": "v1"}),
        ("list_entities_for_policy", {}),
        ("tag_policy", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_policy", {"TagKeys": ["a"]}),
        ("list_policy_tags", {}),
    ],
)
def test_a_policy_that_is_not_there(root: Person, operation: str, arguments: dict[str, object]) -> None:
    managed(root, "there", allow("iam:GetRole"), Path="/team/")
    for name in ("none", "there", "TEAM/there"):
        arn = f"arn:aws:iam::{root.account}:policy/{name}"
        with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
            getattr(root.iam, operation)(PolicyArn=arn, **arguments)


def test_another_accounts_policy_is_out_of_reach(root: Person, other: Person) -> None:
    theirs = managed(other, "theirs", allow("*"))
    for arn in (theirs, theirs.replace("theirs", "none")):
        with refused("AccessDenied", 403, "iam:GetPolicy on resource: "):
            root.iam.get_policy(PolicyArn=arn)
        with refused("AccessDenied", 403):
            root.iam.delete_policy(PolicyArn=arn)
    user(root, "bob")
    with refused("NoSuchEntity", 404, "does not exist or is not attachable."):
        root.iam.attach_user_policy(UserName="bob", PolicyArn=theirs)
    assert other.iam.get_policy(PolicyArn=theirs)["Policy"]["PolicyName"] == "theirs"


def test_a_policy_of_aws_that_is_not_there(root: Person) -> None:
    arn = "arn:aws:iam::aws:policy/NobodyKnowsIt"
    with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
        root.iam.get_policy(PolicyArn=arn)
    bob = user(root, "bob", allow("iam:GetPolicy", on="arn:aws:iam::*:policy/*"))
    with refused("NoSuchEntity", 404):
        bob.iam.get_policy(PolicyArn=arn)
    with refused("AccessDenied", 403):
        user(root, "eve").iam.get_policy(PolicyArn=arn)


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"Statement": [{"Effect": "Allow", "Action": "*"}]}'])
def test_what_is_no_policy_is_refused(root: Person, text: str) -> None:
    with refused("MalformedPolicyDocument", 400):
        root.iam.create_policy(PolicyName="p", PolicyDocument=text)
    arn = managed(root, "p", allow("*"))
    with refused("MalformedPolicyDocument", 400):
        root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=text)


def test_an_identity_policy_names_no_principal(root: Person) -> None:
    with refused("MalformedPolicyDocument", 400, "Policy document should not specify a principal."):
        managed(root, "p", allow("*", Principal="*"))
    managed(root, "p", allow("*"))


def test_five_versions_and_no_more(root: Person) -> None:
    arn = managed(root, "p", allow("iam:GetRole"))
    for number in range(2, 6):
        made = root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=TEXT)
        assert made["PolicyVersion"]["VersionId"] == f"v{number}"
    with refused("LimitExceeded", 409, "A managed policy can have up to 5 versions."):
        root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=TEXT)
    root.iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    # The number of a version is not used again.
    made = root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=TEXT)
    assert made["PolicyVersion"]["VersionId"] == "v6"
    with refused("NoSuchEntity", 404, "version v3 does not exist or is not attachable."):
        root.iam.get_policy_version(PolicyArn=arn, VersionId="v3")


@pytest.mark.parametrize("version", ["1", "v0", "v", "default", "V1"])
def test_a_version_id_that_is_none_is_refused(root: Person, version: str) -> None:
    arn = managed(root, "p", allow("iam:GetRole"))
    with refused("ValidationError", 400, "at 'versionId' failed to satisfy constraint"):
        root.iam.set_default_policy_version(PolicyArn=arn, VersionId=version)


def test_versions_are_listed_newest_first_past_nine(root: Person) -> None:
    arn = managed(root, "p", allow("iam:GetRole"))
    for number in range(2, 13):
        root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=TEXT)
        if number > 3:
            root.iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{number - 2}")
    listed = [one["VersionId"] for one in root.iam.list_policy_versions(PolicyArn=arn)["Versions"]]
    assert listed == ["v12", "v11", "v1"]
    first = root.iam.list_policy_versions(PolicyArn=arn, MaxItems=2)
    rest = root.iam.list_policy_versions(PolicyArn=arn, Marker=first["Marker"])
    assert [one["VersionId"] for one in rest["Versions"]] == ["v1"]


def test_the_list_is_filtered(root: Person) -> None:
    used, unused = managed(root, "used", allow("*")), managed(root, "unused", allow("*"), Path="/team/")
    boundary = managed(root, "boundary", allow("*"))
    role(root, "dev", root.account, PermissionsBoundary=boundary)
    root.iam.attach_role_policy(RoleName="dev", PolicyArn=used)

    def names(**filters: object) -> set[str]:
        return {one["PolicyName"] for one in root.iam.list_policies(**filters)["Policies"]}

    assert names(Scope="Local") == {"used", "unused", "boundary"}
    assert not names(Scope="AWS", MaxItems=1000) & {"used", "unused", "boundary"}
    assert names(Scope="Local", PathPrefix="/team/") == {"unused"}
    assert names(Scope="Local", OnlyAttached=True) == {"used", "boundary"}
    assert names(OnlyAttached=True, PolicyUsageFilter="PermissionsPolicy") == {"used"}
    assert names(OnlyAttached=True, PolicyUsageFilter="PermissionsBoundary") == {"boundary"}
    assert names(PolicyUsageFilter="PermissionsBoundary") == {"boundary"}
    assert unused
    with refused("ValidationError", 400, "at 'scope' failed to satisfy constraint"):
        names(Scope="Everything")


def pages(person: Person, **filters: object) -> list[dict[str, object]]:
    found = person.iam.get_paginator("list_policies").paginate(**filters)
    return [one for page in found for one in page["Policies"]]


def test_the_policies_of_aws_are_listed_with_the_accounts_own(root: Person) -> None:
    managed(root, "mine", allow("*"))
    aws = {one["PolicyName"] for one in pages(root, Scope="AWS")}
    assert {"AdministratorAccess", "ReadOnlyAccess", "AWSLambdaBasicExecutionRole"} <= aws
    everything = [one["PolicyName"] for one in pages(root)]
    assert len(everything) == len(set(everything)) == len(aws) + 1
    assert {one["Path"] for one in pages(root, Scope="AWS", PathPrefix="/job-function/")} == {
        "/job-function/"
    }


def test_a_policy_of_aws_is_read_with_all_its_versions(root: Person) -> None:
    arn = "arn:aws:iam::aws:policy/SecurityAudit"
    shown = root.iam.get_policy(PolicyArn=arn)["Policy"]
    assert (shown["Arn"], shown["AttachmentCount"]) == (arn, 0)
    versions = root.iam.list_policy_versions(PolicyArn=arn, MaxItems=1000)["Versions"]
    assert [one["VersionId"] for one in versions if one["IsDefaultVersion"]] == [shown["DefaultVersionId"]]
    first = root.iam.get_policy_version(PolicyArn=arn, VersionId=versions[-1]["VersionId"])["PolicyVersion"]
    assert first["Document"]["Statement"]
    with refused("NoSuchEntity", 404, "version v9999 does not exist"):
        root.iam.get_policy_version(PolicyArn=arn, VersionId="v9999")
    with refused("NoSuchEntity", 404, "was not found"):
        root.iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/service-role/SecurityAudit")


def test_a_policy_of_aws_is_attached_and_counts_and_allows(root: Person) -> None:
    arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    bob = user(root, "bob")
    with refused("AccessDenied", 403, "no identity-based policy allows the iam:ListRoles action"):
        bob.iam.list_roles()
    root.iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    bob.iam.list_roles()
    with refused("AccessDenied", 403, "no identity-based policy allows the iam:CreateGroup action"):
        bob.iam.create_group(GroupName="g")
    assert root.iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [one["Arn"] for one in pages(root, Scope="AWS", OnlyAttached=True)] == [arn]
    root.iam.put_user_permissions_boundary(UserName="bob", PermissionsBoundary=arn)
    assert root.iam.get_user(UserName="bob")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("delete_policy", {}),
        ("create_policy_version", {"PolicyDocument": TEXT}),
        ("set_default_policy_version", {"VersionId": "v1"}),
        ("delete_policy_version", {"VersionId": "v1"}),
        ("tag_policy", {"Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_policy", {"TagKeys": ["a"]}),
    ],
)
def test_a_policy_of_aws_is_not_the_accounts_to_change(
    root: Person, call: str, more: dict[str, object]
) -> None:
    with refused("AccessDenied", 403):
        getattr(root.iam, call)(PolicyArn="arn:aws:iam::aws:policy/SecurityAudit", **more)


def test_listing_needs_the_permission_on_everything(root: Person) -> None:
    bob = user(root, "bob", allow("iam:ListPolicies", on=f"arn:aws:iam::{root.account}:policy/*"))
    with refused("AccessDenied", 403, "iam:ListPolicies on resource: policy path /"):
        bob.iam.list_policies()
    user(root, "eve", allow("iam:ListPolicies")).iam.list_policies()


def test_a_policy_has_a_size_without_white_space(root: Person) -> None:
    text = policy(allow("iam:GetRole", Sid="x"))
    padding = 6144 - len(text.replace(" ", ""))
    fits = policy(allow("iam:GetRole", Sid="x" * (1 + padding)))
    root.iam.create_policy(PolicyName="fits", PolicyDocument=fits + " " * 1000)
    with refused("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        root.iam.create_policy(PolicyName="not", PolicyDocument=fits.replace("x", "xx", 1))


def test_one_policy_too_many(world_with: type[LocalWorld]) -> None:
    root = world_with(limits={"policies": 1}).root
    managed(root, "one", allow("*"))
    with refused("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerAccount: 1"):
        managed(root, "two", allow("*"))


def test_tags_at_creation_need_the_permission_to_tag(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreatePolicy"))
    with refused("AccessDenied", 403, "iam:TagPolicy"):
        managed(bob, "p", allow("*"), Tags=[{"Key": "a", "Value": "b"}])
    managed(bob, "p", allow("*"))

"""GetAccountAuthorizationDetails: everything once, with all that connects it, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.operations import authorization_details
from tests.client import Person
from tests.people import allow, managed, policy, refused, role, trusting, user

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BOUNDING = "arn:aws:iam::aws:policy/PowerUserAccess"
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def _details(root: Person, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = root.iam.get_account_authorization_details(**more)
    return found


def _names(answer: dict[str, Any]) -> list[str]:
    """What an answer shows, in its order: `User bob`, `Policy narrow` ..."""
    return [
        f"{noun} {entity[f'{noun}Name']}"
        for listed, noun in zip(LISTS, ("User", "Group", "Role", "Policy"), strict=True)
        for entity in answer.get(listed, ())
    ]


def _fill(root: Person) -> None:
    narrow = managed(root, "narrow", allow("iam:GetUser"), Description="only a little")
    managed(root, "unused", allow("iam:GetUser"))
    root.iam.create_policy_version(PolicyArn=narrow, PolicyDocument=policy(allow("iam:GetRole")))
    user(
        root,
        "bob",
        allow("iam:GetRole"),
        Tags=[{"Key": "team", "Value": "red"}],
        PermissionsBoundary=BOUNDING,
    )
    root.iam.create_user(UserName="Ann", Path="/staff/")
    root.iam.create_group(GroupName="staff")
    root.iam.add_user_to_group(GroupName="staff", UserName="bob")
    root.iam.attach_group_policy(GroupName="staff", PolicyArn=READ_ONLY)
    root.iam.attach_user_policy(UserName="bob", PolicyArn=narrow)
    trust = trusting({"Service": "ec2.amazonaws.com"})
    tags = [{"Key": "team", "Value": "red"}]
    role(root, "dev", trust, allow("s3:*"), PermissionsBoundary=narrow, Tags=tags, Description="for boxes")
    root.iam.create_instance_profile(InstanceProfileName="box", Tags=[{"Key": "team", "Value": "red"}])
    root.iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="dev")


EVERYTHING = [
    "User Ann",
    "User bob",
    "Group staff",
    "Role dev",
    "Policy narrow",
    "Policy unused",
    "Policy PowerUserAccess",
    "Policy ReadOnlyAccess",
]


def test_it_needs_the_permission(root: Person) -> None:
    bob = user(root, "bob", allow("iam:Get*", on="arn:aws:iam::*:user/*"))
    with refused("AccessDenied", 403, "iam:GetAccountAuthorizationDetails on resource: *"):
        bob.iam.get_account_authorization_details()


@pytest.mark.parametrize("marker", ["x", "OQ==", "OS9ib2I=", "LTEvYm9i"])
def test_a_marker_that_is_none(root: Person, marker: str) -> None:
    with refused("ValidationError", 400, "Invalid Marker."):
        _details(root, Marker=marker)


def test_a_filter_that_is_none(root: Person) -> None:
    with refused("ValidationError", 400, "enum value set"):
        _details(root, Filter=["user"])


def test_an_empty_account(root: Person) -> None:
    answer = _details(root)
    assert (_names(answer), answer["IsTruncated"]) == ([], False)


def test_everything_is_there_once(root: Person) -> None:
    _fill(root)
    answer = _details(root)
    assert (_names(answer), answer["IsTruncated"], "Marker" in answer) == (EVERYTHING, False, False)


@pytest.mark.parametrize("size", range(1, 10))
def test_a_page_may_end_anywhere(root: Person, size: int) -> None:
    _fill(root)
    shown: list[str] = []
    answer: dict[str, Any] = {"IsTruncated": True}
    more: dict[str, Any] = {}
    while answer["IsTruncated"]:
        answer = _details(root, MaxItems=size, **more)
        names = _names(answer)
        assert len(names) == size or not answer["IsTruncated"]
        assert names, "no page is empty"
        shown += names
        more = {"Marker": answer.get("Marker", "")}
    assert shown == EVERYTHING


def test_a_page_is_small_whatever_is_asked_for(root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(root)
    monkeypatch.setattr(authorization_details, "MOST", 3)
    first = _details(root, MaxItems=1000)
    assert (_names(first), first["IsTruncated"]) == (EVERYTHING[:3], True)


def test_a_page_ends_when_it_has_enough_documents(root: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(root)
    monkeypatch.setattr(authorization_details, "ENOUGH", 1)
    pages = list(root.iam.get_paginator("get_account_authorization_details").paginate())
    assert [name for page in pages for name in _names(page)] == EVERYTHING
    documents = [_names(page)[-1] for page in pages[:-1]]
    assert documents == ["User bob", "Role dev", "Policy narrow", "Policy unused", "Policy PowerUserAccess"]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["User"], EVERYTHING[:2]),
        (["Group"], EVERYTHING[2:3]),
        (["Role"], EVERYTHING[3:4]),
        (["LocalManagedPolicy"], EVERYTHING[4:6]),
        (["AWSManagedPolicy"], EVERYTHING[6:]),
        (["AWSManagedPolicy", "User"], [*EVERYTHING[:2], *EVERYTHING[6:]]),
    ],
)
def test_only_what_is_asked_for(root: Person, kinds: list[str], expected: list[str]) -> None:
    _fill(root)
    assert _names(_details(root, Filter=kinds)) == expected
    pages = root.iam.get_paginator("get_account_authorization_details").paginate(
        Filter=kinds, PaginationConfig={"PageSize": 1}
    )
    assert [name for page in pages for name in _names(page)] == expected


def test_what_is_told_of_users_and_groups(root: Person) -> None:
    _fill(root)
    answer = _details(root)
    bob = answer["UserDetailList"][1]
    assert bob["GroupList"] == ["staff"]
    assert bob["UserPolicyList"][0]["PolicyName"] == "own"
    assert bob["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == ["iam:GetRole"]
    assert [one["PolicyName"] for one in bob["AttachedManagedPolicies"]] == ["narrow"]
    assert bob["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDING
    assert bob["Tags"] == [{"Key": "team", "Value": "red"}]
    assert answer["UserDetailList"][0]["Path"] == "/staff/"
    (staff,) = answer["GroupDetailList"]
    assert staff["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]


def test_what_is_told_of_roles(root: Person) -> None:
    _fill(root)
    (dev,) = _details(root)["RoleDetailList"]
    assert dev["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert dev["RolePolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == ["s3:*"]
    assert dev["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/narrow")
    assert dev["Tags"] == [{"Key": "team", "Value": "red"}]
    (profile,) = dev["InstanceProfileList"]
    assert [one["RoleName"] for one in profile["Roles"]] == ["dev"]
    assert profile["Tags"] == [{"Key": "team", "Value": "red"}]


def test_what_is_told_of_policies(root: Person) -> None:
    _fill(root)
    narrow, unused, power, read_only = _details(root)["Policies"]
    assert [one["VersionId"] for one in narrow["PolicyVersionList"]] == ["v2", "v1"]
    assert narrow["PolicyVersionList"][1]["Document"]["Statement"][0]["Action"] == ["iam:GetUser"]
    assert (narrow["Description"], narrow["DefaultVersionId"]) == ("only a little", "v1")
    assert (narrow["AttachmentCount"], narrow["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert (unused["AttachmentCount"], unused["PermissionsBoundaryUsageCount"]) == (0, 0)
    assert (power["AttachmentCount"], power["PermissionsBoundaryUsageCount"]) == (0, 1)
    (in_force,) = read_only["PolicyVersionList"]
    assert (in_force["VersionId"], in_force["IsDefaultVersion"]) == (read_only["DefaultVersionId"], True)
    assert in_force["Document"]["Statement"]


def test_another_account_is_not_told_of(root: Person, other: Person) -> None:
    _fill(root)
    assert _names(_details(other)) == []

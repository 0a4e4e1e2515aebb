"""Pages: every entity once, in order, whatever the size of a page and whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, managed, policy, refused, role, user

NAMES = ["Ann", "ben", "Cat", "dan", "Eve"]


def fill(root: Person) -> None:
    """Five of everything, and one user, group, role and policy that have five of everything else."""
    iam = root.iam
    one = policy(allow("iam:GetRole"))
    owner = user(root, "owner")
    iam.create_group(GroupName="owner")
    arn = role(root, "owner", root.account)
    root.iam.delete_access_key(UserName="owner", AccessKeyId=owner.key_id)
    for name in NAMES:
        iam.create_user(UserName=name)
        iam.create_group(GroupName=name)
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName="owner")
        role(root, name, root.account)
        attached = managed(root, name, allow("iam:GetRole"))
        for kind in ("user", "group", "role"):
            owned = {f"{kind.title()}Name": "owner"}
            getattr(iam, f"put_{kind}_policy")(**owned, PolicyName=name, PolicyDocument=one)
            getattr(iam, f"attach_{kind}_policy")(**owned, PolicyArn=attached)
        iam.add_user_to_group(GroupName="owner", UserName=name)
        iam.add_user_to_group(GroupName=name, UserName="owner")
        tag = [{"Key": name, "Value": "x"}]
        iam.tag_user(UserName="owner", Tags=tag)
        iam.tag_role(RoleName="owner", Tags=tag)
    assert arn


LISTS: list[tuple[str, dict[str, str], str, str | None]] = [
    ("list_users", {}, "Users", "UserName"),
    ("list_groups", {}, "Groups", "GroupName"),
    ("list_roles", {}, "Roles", "RoleName"),
    ("list_policies", {"Scope": "Local"}, "Policies", "PolicyName"),
    ("list_instance_profiles", {}, "InstanceProfiles", "InstanceProfileName"),
    ("list_instance_profiles_for_role", {"RoleName": "owner"}, "InstanceProfiles", "InstanceProfileName"),
    ("list_user_policies", {"UserName": "owner"}, "PolicyNames", None),
    ("list_group_policies", {"GroupName": "owner"}, "PolicyNames", None),
    ("list_role_policies", {"RoleName": "owner"}, "PolicyNames", None),
    ("list_attached_user_policies", {"UserName": "owner"}, "AttachedPolicies", "PolicyName"),
    ("list_attached_group_policies", {"GroupName": "owner"}, "AttachedPolicies", "PolicyName"),
    ("list_attached_role_policies", {"RoleName": "owner"}, "AttachedPolicies", "PolicyName"),
    ("get_group", {"GroupName": "owner"}, "Users", "UserName"),
    ("list_groups_for_user", {"UserName": "owner"}, "Groups", "GroupName"),
    ("list_user_tags", {"UserName": "owner"}, "Tags", "Key"),
    ("list_role_tags", {"RoleName": "owner"}, "Tags", "Key"),
]


def pages(call: Callable[..., Any], arguments: dict[str, str], member: str, size: int) -> list[list[Any]]:
    found: list[list[Any]] = []
    marker: dict[str, str] = {}
    while True:
        answer = call(**arguments, MaxItems=size, **marker)
        found.append(answer[member])
        if not answer["IsTruncated"]:
            assert "Marker" not in answer
            return found
        marker = {"Marker": answer["Marker"]}


def test_every_list_shows_each_once_in_pages_of_any_size(root: Person) -> None:
    fill(root)
    for operation, arguments, member, name in LISTS:
        call = getattr(root.iam, operation)
        for size in (1, 2, 3, 100):
            found = pages(call, arguments, member, size)
            assert all(len(page) == size for page in found[:-1]), operation
            names = [one if name is None else one[name] for page in found for one in page]
            assert sorted(set(names) - {"owner"}) == sorted(NAMES), operation
            assert len(names) == len(set(names)), operation


def test_what_is_made_or_deleted_meanwhile_hides_and_repeats_nothing(root: Person) -> None:
    for name in ("b", "d", "f"):
        root.iam.create_user(UserName=name)
    first = root.iam.list_users(MaxItems=2)
    root.iam.delete_user(UserName="d")
    root.iam.create_user(UserName="a")
    root.iam.create_user(UserName="e")
    rest = root.iam.list_users(MaxItems=2, Marker=first["Marker"])
    assert [one["UserName"] for one in first["Users"]] == ["b", "d"]
    assert [one["UserName"] for one in rest["Users"]] == ["e", "f"]


@pytest.mark.parametrize("marker", ["not base64!", "AAA", "/////w==", "é"])
def test_a_marker_of_nobodys_making_is_refused(root: Person, marker: str) -> None:
    with refused("ValidationError", 400):
        root.iam.list_users(Marker=marker)


@pytest.mark.parametrize("items", [0, 1001, -1])
def test_a_page_has_1_to_1000_items(root: Person, items: int) -> None:
    with refused("ValidationError", 400, "at 'maxItems' failed to satisfy constraint"):
        root.iam.list_users(MaxItems=items)


def test_the_default_is_100_items(root: Person) -> None:
    for number in range(101):
        root.iam.create_group(GroupName=f"g{number:03d}")
    answer = root.iam.list_groups()
    assert (len(answer["Groups"]), answer["IsTruncated"]) == (100, True)
    assert [one["GroupName"] for one in root.iam.list_groups(Marker=answer["Marker"])["Groups"]] == ["g100"]


def test_a_path_prefix_is_a_prefix_of_the_path_alone(root: Person) -> None:
    for number, path in enumerate(("/", "/a/", "/a/b/", "/ab/", "/A/")):
        role(root, f"role{number}", root.account, Path=path)

    def under(prefix: str) -> list[str]:
        return sorted(one["Path"] for one in root.iam.list_roles(PathPrefix=prefix)["Roles"])

    assert under("/a/") == ["/a/", "/a/b/"]
    assert under("/a") == ["/a/", "/a/b/", "/ab/"]
    assert under("/A/") == ["/A/"]
    assert under("/none/") == []
    assert len(under("/")) == 5
    with refused("ValidationError", 400, "at 'pathPrefix' failed to satisfy constraint"):
        root.iam.list_roles(PathPrefix="a/")


def test_pages_and_path_prefixes_go_together(root: Person) -> None:
    for name in ("a", "b", "c", "d"):
        root.iam.create_user(UserName=name, Path="/in/" if name in "bd" else "/out/")
    found = pages(root.iam.list_users, {"PathPrefix": "/in/"}, "Users", 1)
    assert [one["UserName"] for page in found for one in page] == ["b", "d"]

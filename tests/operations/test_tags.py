"""Tags: the same rule for whatever has them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Person
from tests.people import allow, managed, refused, role, user

KINDS = ["role", "user", "policy", "instance_profile"]


def make(root: Person, kind: str) -> dict[str, str]:
    if kind == "role":
        role(root, "it", root.account)
        return {"RoleName": "it"}
    if kind == "user":
        root.iam.create_user(UserName="it")
        return {"UserName": "it"}
    if kind == "policy":
        return {"PolicyArn": managed(root, "it", allow("*"))}
    root.iam.create_instance_profile(InstanceProfileName="it")
    return {"InstanceProfileName": "it"}


def tag(key: str, value: str = "") -> dict[str, str]:
    return {"Key": key, "Value": value}


@pytest.mark.parametrize("kind", KINDS)
def test_tagging_listing_and_untagging(root: Person, kind: str) -> None:
    it, iam = make(root, kind), root.iam
    getattr(iam, f"tag_{kind}")(**it, Tags=[tag("Team", "web"), tag("Cost", "1")])
    getattr(iam, f"tag_{kind}")(**it, Tags=[tag("TEAM", "db")])
    listed = getattr(iam, f"list_{kind}_tags")(**it)["Tags"]
    assert sorted((one["Key"], one["Value"]) for one in listed) == [("Cost", "1"), ("TEAM", "db")]
    getattr(iam, f"untag_{kind}")(**it, TagKeys=["team", "never there"])
    assert getattr(iam, f"list_{kind}_tags")(**it)["Tags"] == [tag("Cost", "1")]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_tag_is_refused(root: Person, kind: str) -> None:
    it, tagging = make(root, kind), getattr(root.iam, f"tag_{kind}")
    for wrong in (tag(""), tag("k" * 129), tag("k", "v" * 257), tag("<script>")):
        with refused("ValidationError", 400, "failed to satisfy constraint"):
            tagging(**it, Tags=[wrong])
    for wrong_tags in ([tag("a"), tag("A")], [tag("aws:mine")]):
        with refused("InvalidInput", 400):
            tagging(**it, Tags=wrong_tags)
    assert getattr(root.iam, f"list_{kind}_tags")(**it)["Tags"] == []
    tagging(**it, Tags=[tag("k" * 128, "v" * 256), tag("é ü", "")])


@pytest.mark.parametrize("kind", KINDS)
def test_fifty_and_no_more(root: Person, kind: str) -> None:
    it, tagging = make(root, kind), getattr(root.iam, f"tag_{kind}")
    tagging(**it, Tags=[tag(f"k{number}") for number in range(50)])
    with refused("LimitExceeded", 409):
        tagging(**it, Tags=[tag("one more")])
    tagging(**it, Tags=[tag("K7", "changed")])


def test_tagging_can_be_tied_to_keys_and_values(root: Person) -> None:
    tied: dict[str, Any] = {
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]},
        "StringEquals": {"aws:RequestTag/team": ["web", "db"]},
    }
    bob = user(root, "bob", allow("iam:TagRole", Condition=tied))
    it = make(root, "role")
    for tags in ([tag("Team", "hr")], [tag("Team", "web"), tag("Cost", "1")], [tag("Cost", "1")]):
        with refused("AccessDenied", 403):
            bob.iam.tag_role(**it, Tags=tags)
    bob.iam.tag_role(**it, Tags=[tag("Team", "db")])

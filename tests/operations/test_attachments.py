"""Attached policies: for roles, users and groups alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.people import allow, managed, policy, refused, role, trusting, user


def make(root: Person, kind: str) -> dict[str, str]:
    """A bearer of a kind; how requests name it."""
    if kind == "role":
        role(root, "it", root.account)
    else:
        getattr(root.iam, f"create_{kind}")(**{f"{kind.title()}Name": "it"})
    return {f"{kind.title()}Name": "it"}


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_attaching_twice_is_fine_and_detaching_twice_is_not(root: Person, kind: str) -> None:
    it, arn = make(root, kind), managed(root, "p", allow("*"))
    attach, detach = getattr(root.iam, f"attach_{kind}_policy"), getattr(root.iam, f"detach_{kind}_policy")
    listed = getattr(root.iam, f"list_attached_{kind}_policies")
    with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
        detach(**it, PolicyArn=arn)
    attach(**it, PolicyArn=arn)
    attach(**it, PolicyArn=arn)
    assert listed(**it)["AttachedPolicies"] == [{"PolicyName": "p", "PolicyArn": arn}]
    detach(**it, PolicyArn=arn)
    assert listed(**it)["AttachedPolicies"] == []
    with refused("NoSuchEntity", 404):
        detach(**it, PolicyArn=arn)


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_a_policy_that_does_not_exist_is_not_attached(root: Person, kind: str) -> None:
    it = make(root, kind)
    arn = f"arn:aws:iam::{root.account}:policy/none"
    with refused("NoSuchEntity", 404, f"Policy {arn} does not exist or is not attachable."):
        getattr(root.iam, f"attach_{kind}_policy")(**it, PolicyArn=arn)


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_one_too_many(world_with: type[LocalWorld], kind: str) -> None:
    root = world_with(limits={f"policies_per_{kind}": 1}).root
    it, first, second = make(root, kind), managed(root, "p", allow("*")), managed(root, "q", allow("*"))
    attach = getattr(root.iam, f"attach_{kind}_policy")
    attach(**it, PolicyArn=first)
    with refused("LimitExceeded", 409, f"Cannot exceed quota for PoliciesPer{kind.title()}: 1"):
        attach(**it, PolicyArn=second)
    attach(**it, PolicyArn=first)


def test_attached_policies_are_listed_under_a_path(root: Person) -> None:
    it = make(root, "role")
    for name, path in (("p", "/in/"), ("q", "/out/")):
        root.iam.attach_role_policy(**it, PolicyArn=managed(root, name, allow("*"), Path=path))
    found = root.iam.list_attached_role_policies(**it, PathPrefix="/in/")["AttachedPolicies"]
    assert [one["PolicyName"] for one in found] == ["p"]


def test_the_entities_of_a_policy_are_filtered(root: Person) -> None:
    arn = managed(root, "p", allow("*"))
    for kind in ("role", "user", "group"):
        getattr(root.iam, f"attach_{kind}_policy")(**make(root, kind), PolicyArn=arn)
    root.iam.create_user(UserName="bounded", Path="/team/", PermissionsBoundary=arn)

    def entities(**filters: Any) -> dict[str, list[str]]:
        found = root.iam.list_entities_for_policy(PolicyArn=arn, **filters)
        return {
            kind: sorted(one[f"{kind}Name"] for one in found[f"Policy{kind}s"])
            for kind in ("Role", "User", "Group")
        }

    assert entities() == {"Role": ["it"], "User": ["bounded", "it"], "Group": ["it"]}
    assert entities(EntityFilter="Role") == {"Role": ["it"], "User": [], "Group": []}
    assert entities(EntityFilter="User", PolicyUsageFilter="PermissionsBoundary")["User"] == ["bounded"]
    assert entities(PolicyUsageFilter="PermissionsPolicy")["User"] == ["it"]
    assert entities(PathPrefix="/team/") == {"Role": [], "User": ["bounded"], "Group": []}
    first = root.iam.list_entities_for_policy(PolicyArn=arn, MaxItems=3)
    assert first["IsTruncated"]
    rest = root.iam.list_entities_for_policy(PolicyArn=arn, Marker=first["Marker"])
    assert (
        sum(len(page[f"Policy{kind}s"]) for page in (first, rest) for kind in ("Role", "User", "Group")) == 4
    )


def test_attaching_can_be_tied_to_a_policy(root: Person) -> None:
    fine, other = managed(root, "fine", allow("iam:GetRole")), managed(root, "other", allow("*"))
    tied = {"ArnEquals": {"iam:PolicyARN": fine}}
    bob = user(root, "bob", allow("iam:AttachRolePolicy", Condition=tied))
    it = make(root, "role")
    with refused("AccessDenied", 403, "iam:AttachRolePolicy"):
        bob.iam.attach_role_policy(**it, PolicyArn=other)
    bob.iam.attach_role_policy(**it, PolicyArn=fine)


def test_attaching_can_be_tied_to_the_boundary_that_the_role_has(root: Person) -> None:
    boundary, attached = managed(root, "b", allow("*")), managed(root, "p", allow("*"))
    tied = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    bob = user(root, "bob", allow("iam:AttachRolePolicy", "iam:PutRolePolicy", Condition=tied))
    root.iam.create_role(
        RoleName="bounded",
        AssumeRolePolicyDocument=policy(trusting(root.account)),
        PermissionsBoundary=boundary,
    )
    role(root, "free", root.account)
    with refused("AccessDenied", 403):
        bob.iam.attach_role_policy(RoleName="free", PolicyArn=attached)
    with refused("AccessDenied", 403):
        bob.iam.put_role_policy(RoleName="free", PolicyName="p", PolicyDocument=policy(allow("*")))
    bob.iam.attach_role_policy(RoleName="bounded", PolicyArn=attached)
    bob.iam.put_role_policy(RoleName="bounded", PolicyName="p", PolicyDocument=policy(allow("*")))

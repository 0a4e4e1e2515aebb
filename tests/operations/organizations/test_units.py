"""Organizational units and the tree that they make."""

from __future__ import annotations

import re

import pytest

from tests.client import ACCOUNT
from tests.operations.organizations.conftest import Org
from tests.people import refused


def nowhere(org: Org) -> str:
    return f"{org.unit[:-8]}00000000"


def make(org: Org, parent: str, name: str) -> str:
    made = org.root.organizations.create_organizational_unit(ParentId=parent, Name=name)
    id: str = made["OrganizationalUnit"]["Id"]
    return id


def test_what_a_unit_is(org: Org) -> None:
    api = org.root.organizations
    inner = make(org, org.unit, "inner")
    organization = api.describe_organization()["Organization"]["Id"]
    assert re.fullmatch(rf"ou-{org.root_id[2:]}-[a-z0-9]{{8}}", inner)
    assert api.describe_organizational_unit(OrganizationalUnitId=inner)["OrganizationalUnit"] == {
        "Id": inner,
        "Arn": f"arn:aws:organizations::{ACCOUNT}:ou/{organization}/{inner}",
        "Name": "inner",
        "Path": f"{organization}/{org.root_id}/{org.unit}/{inner}/",
    }


def test_what_is_not_there(org: Org) -> None:
    api = org.root.organizations
    for ask in (
        lambda: api.create_organizational_unit(ParentId=nowhere(org), Name="x"),
        lambda: api.list_organizational_units_for_parent(ParentId=nowhere(org)),
        lambda: api.list_accounts_for_parent(ParentId=nowhere(org)),
        lambda: api.list_children(ParentId=nowhere(org), ChildType="ACCOUNT"),
        lambda: api.list_children(ParentId="r-0000", ChildType="ACCOUNT"),
    ):
        with refused("ParentNotFoundException", 400):
            ask()
    for ask in (
        lambda: api.describe_organizational_unit(OrganizationalUnitId=nowhere(org)),
        lambda: api.update_organizational_unit(OrganizationalUnitId=nowhere(org), Name="x"),
        lambda: api.delete_organizational_unit(OrganizationalUnitId=nowhere(org)),
    ):
        with refused("OrganizationalUnitNotFoundException", 400):
            ask()
    for child in (nowhere(org), "999999999999"):
        with refused("ChildNotFoundException", 400):
            api.list_parents(ChildId=child)


def test_a_name_is_had_once_in_a_parent(org: Org) -> None:
    api = org.root.organizations
    with refused("DuplicateOrganizationalUnitException", 400):
        make(org, org.root_id, "workload")
    inner = make(org, org.unit, "workload")
    other = make(org, org.root_id, "other")
    with refused("DuplicateOrganizationalUnitException", 400):
        api.update_organizational_unit(OrganizationalUnitId=other, Name="workload")
    renamed = api.update_organizational_unit(OrganizationalUnitId=inner, Name="renamed")
    assert renamed["OrganizationalUnit"]["Name"] == "renamed"
    kept = api.update_organizational_unit(OrganizationalUnitId=inner, Name="renamed")
    assert kept["OrganizationalUnit"]["Id"] == inner


def test_units_nest_five_deep(org: Org) -> None:
    place = org.unit
    for level in range(2, 6):
        place = make(org, place, f"level{level}")
    with refused("ConstraintViolationException", 400) as caught:
        make(org, place, "level6")
    assert caught.value.response["Reason"] == "OU_DEPTH_LIMIT_EXCEEDED"


def test_only_an_empty_unit_is_deleted(org: Org) -> None:
    api = org.root.organizations
    with refused("OrganizationalUnitNotEmptyException", 400):
        api.delete_organizational_unit(OrganizationalUnitId=org.unit)
    api.move_account(AccountId=org.member_id, SourceParentId=org.unit, DestinationParentId=org.root_id)
    inner = make(org, org.unit, "inner")
    with refused("OrganizationalUnitNotEmptyException", 400):
        api.delete_organizational_unit(OrganizationalUnitId=org.unit)
    api.delete_organizational_unit(OrganizationalUnitId=inner)
    api.delete_organizational_unit(OrganizationalUnitId=org.unit)
    assert api.list_organizational_units_for_parent(ParentId=org.root_id)["OrganizationalUnits"] == []
    targets = api.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]
    assert {one["TargetId"] for one in targets} == {org.root_id, ACCOUNT, org.member_id}


def test_up_and_down_the_tree(org: Org) -> None:
    api = org.root.organizations
    inner = make(org, org.unit, "inner")
    assert api.list_parents(ChildId=inner)["Parents"] == [{"Id": org.unit, "Type": "ORGANIZATIONAL_UNIT"}]
    assert api.list_parents(ChildId=org.unit)["Parents"] == [{"Id": org.root_id, "Type": "ROOT"}]
    units = api.list_children(ParentId=org.root_id, ChildType="ORGANIZATIONAL_UNIT")["Children"]
    assert units == [{"Id": org.unit, "Type": "ORGANIZATIONAL_UNIT"}]
    accounts = api.list_children(ParentId=org.unit, ChildType="ACCOUNT")["Children"]
    assert accounts == [{"Id": org.member_id, "Type": "ACCOUNT"}]
    assert [one["Id"] for one in api.list_accounts_for_parent(ParentId=org.root_id)["Accounts"]] == [ACCOUNT]
    assert api.list_children(ParentId=inner, ChildType="ACCOUNT")["Children"] == []


@pytest.mark.parametrize("name", ["", "x" * 129])
def test_names_have_a_length(org: Org, name: str) -> None:
    with refused("InvalidInputException", 400):
        make(org, org.root_id, name)


def test_pages_of_units(org: Org) -> None:
    wanted = {org.unit, *(make(org, org.root_id, f"u{number}") for number in range(4))}
    pages = org.root.organizations.get_paginator("list_organizational_units_for_parent").paginate(
        ParentId=org.root_id, PaginationConfig={"PageSize": 2}
    )
    found = [[unit["Id"] for unit in page["OrganizationalUnits"]] for page in pages]
    assert [len(page) for page in found] == [2, 2, 1]
    assert {id for page in found for id in page} == wanted

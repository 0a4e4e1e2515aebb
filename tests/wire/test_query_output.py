"""A result becomes XML that any parser reads; a result that the model does not have is a defect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.dom import minidom

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.wire.model import service
from rolekeeper.wire.query_output import Lasting, escape, output_writer


def write(name: str, result: Mapping[str, Any]) -> str:
    owner = service("iam") if name in service("iam").operations else service("sts")
    return output_writer(owner, owner.operations[name])(result, "r-1").decode()


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("GetRole", {"Roles": []}),
        ("GetRole", {"Role": {"Name": "dev"}}),
        ("GetRole", {"Role": {"Tags": [{"key": "a"}]}}),
        ("GetRole", {"Role": {"Name": None}}),
        ("DeleteRole", {"Role": {}}),
    ],
)
def test_a_member_that_the_model_does_not_have_is_a_defect(name: str, result: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"has no member|has no output"):
        write(name, result)


def test_a_result_stands_in_its_wrapper() -> None:
    created = datetime(2026, 11, 22, 10, tzinfo=UTC)
    role = {
        "Path": "/",
        "RoleName": "dev",
        "CreateDate": created,
        "Description": None,
        "MaxSessionDuration": 3600,
    }
    assert write("GetRole", {"Role": role}) == (
        '<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path>'
        "<RoleName>dev</RoleName><CreateDate>2026-11-22T10:00:00Z</CreateDate>"
        "<MaxSessionDuration>3600</MaxSessionDuration></Role></GetRoleResult>"
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetRoleResponse>"
    )


def test_what_lasts_is_written_as_if_it_did_not() -> None:
    role = {"RoleName": "dev", "Tags": [{"Key": "a<b", "Value": ""}], "RoleLastUsed": {}}
    lasting = Lasting(role)
    for name in ("GetRole", "GetRole", "CreateRole"):
        assert write(name, {"Role": lasting}) == write(name, {"Role": role})
    assert "<UserName>" in write("GetUser", {"User": Lasting({"UserName": "ann"})})


def test_what_lasts_is_written_for_what_it_stands_in() -> None:
    nothing = Lasting({})
    assert "<User></User>" in write("GetUser", {"User": nothing})
    assert "<Role></Role>" in write("GetRole", {"Role": nothing})
    role = Lasting({"RoleName": "dev"})
    assert "<RoleName>dev" in write("GetRole", {"Role": role})
    with pytest.raises(ValueError, match="has no member"):
        write("GetUser", {"User": role})


def test_an_operation_without_output_has_no_result() -> None:
    assert write("DeleteRole", {}) == (
        '<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DeleteRoleResponse>"
    )


def test_an_empty_result_has_an_empty_wrapper() -> None:
    assert "<AssumeRoleResult></AssumeRoleResult>" in write("AssumeRole", {})


def test_lists_have_members_and_booleans_are_words() -> None:
    text = write(
        "ListRoleTags",
        {"Tags": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "c"}], "IsTruncated": False},
    )
    assert (
        "<Tags><member><Key>a</Key><Value></Value></member><member><Key>b</Key><Value>c</Value></member></Tags>"
        "<IsTruncated>false</IsTruncated>"
    ) in text


def test_maps_have_entries() -> None:
    text = write("GetAccountSummary", {"SummaryMap": {"Users": 1, "Roles": 2}})
    assert (
        "<SummaryMap><entry><key>Users</key><value>1</value></entry>"
        "<entry><key>Roles</key><value>2</value></entry></SummaryMap>"
    ) in text


def test_blobs_are_base64() -> None:
    assert "<Content>AP8=</Content>" in write("GetCredentialReport", {"Content": b"\0\xff"})


def test_a_text_that_is_markup_stays_text() -> None:
    assert escape("<a b='c'>&amp;\"</a>") == "&lt;a b='c'&gt;&amp;amp;\"&lt;/a&gt;"
    assert escape("]]>") == "]]&gt;"


@pytest.mark.parametrize("character", ["\0", "\b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_cannot_hold_is_replaced(character: str) -> None:
    assert escape(f"a{character}<") == "a\ufffd&lt;"


@pytest.mark.parametrize(
    "text", ["a\tb\nc", "\x7f\x85\u2028", "\u4e2d\U0001f511", "\ue000\U0010ffff", "\xa0"]
)
def test_what_xml_can_hold_is_left(text: str) -> None:
    assert escape(text) == text


@given(st.text(st.characters()), st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"])))
def test_any_text_makes_a_document_that_a_parser_reads(hostile: str, harmless: str) -> None:
    document = minidom.parseString(f"<a><b>{escape(hostile)}</b><c>{escape(harmless)}</c></a>".encode())
    (node,) = document.getElementsByTagName("c")
    assert "".join(child.data for child in node.childNodes) == harmless


def test_a_writer_is_compiled_once() -> None:
    iam = service("iam")
    assert output_writer(iam, iam.operations["GetRole"]) is output_writer(iam, iam.operations["GetRole"])

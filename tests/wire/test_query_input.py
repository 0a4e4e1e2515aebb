"""A form becomes an operation's members; what breaks the model's constraints is said in AWS's words."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import MalformedInput, ValidationError
from rolekeeper.wire.model import service
from rolekeeper.wire.query_input import input_parser

ARN = "arn:aws:iam::123456789012:role/dev"


def parse(name: str, **form: str) -> dict[str, Any]:
    owner = service("iam") if name in service("iam").operations else service("sts")
    return input_parser(owner.operations[name])(form)


def refusal(name: str, form: dict[str, str]) -> str:
    with pytest.raises(ValidationError) as caught:
        parse(name, **form)
    return caught.value.message


def test_a_missing_required_member_is_null() -> None:
    assert refusal("GetRole", {}) == (
        "1 validation error detected: "
        "Value null at 'roleName' failed to satisfy constraint: Member must not be null"
    )


def test_all_violations_come_in_one_error() -> None:
    assert refusal("AttachRolePolicy", {"RoleName": "", "PolicyArn": "x"}) == (
        "3 validation errors detected: "
        "Value '' at 'roleName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value '' at 'roleName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]+; "
        "Value 'x' at 'policyArn' failed to satisfy constraint: "
        "Member must have length greater than or equal to 20"
    )


def test_a_number_is_held_to_its_range() -> None:
    message = refusal("AssumeRole", {"RoleArn": ARN, "RoleSessionName": "dev", "DurationSeconds": "899"})
    assert message == (
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
        "Member must have value greater than or equal to 900"
    )


def test_an_enumeration_is_held_to_its_values() -> None:
    message = refusal("UpdateAccessKey", {"AccessKeyId": "A" * 20, "Status": "On"})
    assert message.endswith(
        "Value 'On' at 'status' failed to satisfy constraint: "
        "Member must satisfy enum value set: [Active, Inactive, Expired]"
    )


@pytest.mark.parametrize("password", ["", "hunter2" * 30, "geheim\u4e2d"])
def test_a_password_is_not_in_the_error(password: str) -> None:
    message = refusal("CreateLoginProfile", {"UserName": "alice", "Password": password})
    assert "Value at 'password' failed to satisfy constraint: " in message
    assert not password or password not in message


def test_a_structure_in_a_list_is_named_by_its_place() -> None:
    message = refusal("TagRole", {"RoleName": "dev", "Tags.member.1.Key": "", "Tags.member.2.Value": "!"})
    assert "Value '' at 'tags.1.member.key' failed" in message
    assert "Value null at 'tags.1.member.value' failed" in message
    assert "Value null at 'tags.2.member.key' failed" in message
    assert "Value '!' at 'tags.2.member.value' failed" in message


def test_a_list_of_texts_is_blamed_as_a_whole_and_once() -> None:
    form = {"RoleName": "dev", "TagKeys.member.1": "a!", "TagKeys.member.2": "b", "TagKeys.member.3": ""}
    assert refusal("UntagRole", form) == (
        "1 validation error detected: Value '[a!, b, ]' at 'tagKeys' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 128, "
        "Member must have length greater than or equal to 1, "
        r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+]"
    )


def test_a_list_is_held_to_its_length() -> None:
    tags = {f"Tags.member.{i}.{part}": str(i) for i in range(1, 52) for part in ("Key", "Value")}
    assert refusal("TagRole", {"RoleName": "dev", **tags}) == (
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: "
        "Member must have length less than or equal to 50"
    )


def test_a_map_is_blamed_for_its_keys_and_for_its_values() -> None:
    message = refusal("PutAccountProperties", {"Properties.entry.1.key": "9", "Properties.entry.1.value": ""})
    assert (
        "Value '{9=}' at 'properties' failed to satisfy constraint: Map keys must satisfy constraint: ["
        in message
    )
    assert (
        "Value '{9=}' at 'properties' failed to satisfy constraint: Map value must satisfy constraint: ["
        in message
    )


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("ListRoles", {"MaxItems": "ten"}, "'maxItems' is not an integer"),
        ("ListRoles", {"MaxItems": "9" * 5000}, "'maxItems' is not an integer"),
        ("ListPolicies", {"OnlyAttached": "maybe"}, "'onlyAttached' is neither true nor false"),
        ("TagRole", {"Tags": "x"}, "'tags' must be a list or a map"),
        ("TagRole", {"Tags.member.x.Key": "a"}, "'tags' has an index that is not a number"),
        ("TagRole", {"Tags.member.-1.Key": "a"}, "'tags' has an index that is not a number"),
        ("TagRole", {"Tags.member.01.Key": "a"}, "'tags' has an index that is not a number"),
        ("TagRole", {"Tags.member.²": "a"}, "'tags' has an index that is not a number"),
        ("TagRole", {"Tags.member." + "9" * 5000: "a"}, "'tags' has an index that is not a number"),
        ("UntagRole", {"TagKeys.member.1.Key": "a"}, "'tagKeys.1.member' must be text"),
        ("UntagRole", {"TagKeys.member.1": "a", "TagKeys.member.1.": "b"}, "'tagKeys.1.member' must be text"),
        (
            "SimulatePrincipalPolicy",
            {"PolicyExclusionList.member.1.X": "a"},
            "'policyExclusionList.1.member' must",
        ),
        ("PutAccountProperties", {"Properties.entry.1.key": "a"}, "without a key or without a value"),
        ("PutAccountProperties", {"Properties.entry.1.value": "a"}, "without a key or without a value"),
        (
            "PutAccountProperties",
            {f"Properties.entry.{i}.{part}": "same" for i in (1, 2) for part in ("key", "value")},
            "a key more than once",
        ),
    ],
)
def test_what_cannot_be_read_is_malformed_input(name: str, form: dict[str, str], said: str) -> None:
    with pytest.raises(MalformedInput) as caught:
        parse(name, **form)
    assert said in caught.value.message


def test_unknown_parameters_are_ignored() -> None:
    form = {
        "Action": "GetRole",
        "Version": "2010-05-08",
        "Other": "x",
        "RoleName.x": "y",
        "Tags.member.1.Key": "z",
    }
    assert parse("GetRole", RoleName="dev", **form) == {"RoleName": "dev"}


def test_an_operation_without_input_ignores_all() -> None:
    assert parse("GetAccountSummary", RoleName="dev") == {}


def test_only_what_the_request_has_is_in_the_result() -> None:
    assert parse("ListRoles") == {}
    assert parse("ListRoles", MaxItems="10", PathPrefix="/") == {"MaxItems": 10, "PathPrefix": "/"}


def test_indexes_may_have_gaps_and_only_their_order_counts() -> None:
    form = {
        "RoleName": "dev",
        "TagKeys.member.999999999": "c",
        "TagKeys.member.10": "b",
        "TagKeys.member.9": "a",
    }
    assert parse("UntagRole", **form)["TagKeys"] == ["a", "b", "c"]


def test_an_empty_list_is_sent_as_an_empty_text() -> None:
    assert parse("TagRole", RoleName="dev", Tags="") == {"RoleName": "dev", "Tags": []}


def test_structures_in_lists_and_lists_in_structures_are_read() -> None:
    form = {
        "ContextEntries.member.1.ContextKeyName": "aws:userid",
        "ContextEntries.member.1.ContextKeyValues.member.2": "b",
        "ContextEntries.member.1.ContextKeyValues.member.1": "a",
        "PolicyInputList.member.1": "{}",
        "ActionNames.member.1": "iam:GetRole",
    }
    assert parse("SimulateCustomPolicy", **form)["ContextEntries"] == [
        {"ContextKeyName": "aws:userid", "ContextKeyValues": ["a", "b"]}
    ]


def test_a_parser_is_compiled_once() -> None:
    operation = service("iam").operations["GetRole"]
    assert input_parser(operation) is input_parser(operation)

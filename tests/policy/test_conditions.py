from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from rolekeeper.policy.conditions import OPERATORS, compile_condition
from rolekeeper.policy.document import OPERATORS as NAMES
from rolekeeper.policy.document import parse_document

Keys = Mapping[str, "str | tuple[str, ...]"]


def holds(block: dict[str, dict[str, Any]], keys: Keys, version: str = "2012-10-17") -> bool:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": block}
    document = parse_document({"Version": version, "Statement": [statement]})
    conditions = document.statements[0].conditions
    return all(compile_condition(each, variables=document.has_variables)(keys.get) for each in conditions)


def test_every_operator_of_the_language_has_a_row() -> None:
    assert {*OPERATORS, "Null"} == set(NAMES)


SAMPLES = {"String": "a", "Arn": "arn:aws:s3:::b", "Numeric": "1", "Date": "2024-01-01", "Bool": "true"}
SAMPLES |= {"Binary": "YQ==", "IpAddress": "10.0.0.1", "NotIpAddress": "10.0.0.1"}


def sample(operator: str) -> str:
    return next(value for start, value in SAMPLES.items() if operator.startswith(start))


@pytest.mark.fact(58)
@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_a_missing_key_satisfies_the_negated_operators_only(operator: str) -> None:
    assert holds({operator: {"a:b": sample(operator)}}, {}) == ("Not" in operator)


@pytest.mark.fact(59)
@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_if_exists_forgives_a_missing_key_and_nothing_else(operator: str) -> None:
    block = {operator + "IfExists": {"a:b": sample(operator)}}
    assert holds(block, {})
    assert not holds(block, {"a:b": ("x", "y")})


@pytest.mark.fact(79)
@pytest.mark.parametrize("operator", sorted(NAMES))
def test_no_values_never_hold(operator: str) -> None:
    assert not holds({operator: {"a:b": []}}, {})
    assert not holds({operator: {"a:b": []}}, {"a:b": "x"})


@pytest.mark.fact(108)
@pytest.mark.parametrize("operator", sorted(name for name in OPERATORS if not name.startswith("String")))
def test_a_value_of_another_type_never_matches(operator: str) -> None:
    assert not holds({operator: {"a:b": sample(operator)}}, {"a:b": "no such value!"})
    assert not holds({operator: {"a:b": "no such value!"}}, {"a:b": sample(operator)})


@pytest.mark.fact(65)
def test_values_are_alternatives_and_for_negated_operators_exclusions() -> None:
    for operator, expected in (("StringEquals", True), ("StringNotEquals", False)):
        assert holds({operator: {"a:b": ["x", "y"]}}, {"a:b": "y"}) is expected
        assert holds({operator: {"a:b": ["x", "y"]}}, {"a:b": "z"}) is not expected


@pytest.mark.fact(65)
def test_operators_and_keys_must_all_hold() -> None:
    block = {"StringEquals": {"a:b": "x", "a:c": "y"}, "Bool": {"a:d": "true"}}
    assert holds(block, {"a:b": "x", "a:c": "y", "a:d": "true"})
    assert not holds(block, {"a:b": "x", "a:c": "z", "a:d": "true"})
    assert not holds(block, {"a:b": "x", "a:c": "y"})


@pytest.mark.fact(66)
def test_keys_and_operators_ignore_case() -> None:
    assert holds({"STRINGEQUALS": {"AWS:UserName": "ana"}}, {"aws:username": "ana"})


@pytest.mark.fact(67)
def test_tag_keys_ignore_case_and_tag_values_do_not() -> None:
    block = {"StringEquals": {"aws:PrincipalTag/TEAM": "red"}}
    assert holds(block, {"aws:principaltag/team": "red"})
    assert not holds(block, {"aws:principaltag/team": "Red"})


@pytest.mark.fact(68)
def test_wildcards_are_characters_in_string_equals() -> None:
    assert not holds({"StringEquals": {"a:b": "x*"}}, {"a:b": "xy"})
    assert holds({"StringEquals": {"a:b": "x*"}}, {"a:b": "x*"})
    assert holds({"StringLike": {"a:b": "x*"}}, {"a:b": "xy"})


@pytest.mark.fact(69)
@pytest.mark.parametrize("operator", ["ArnEquals", "ArnLike"])
def test_an_arn_is_matched_by_segments(operator: str) -> None:
    assert holds({operator: {"a:b": "arn:aws:s3:::b*"}}, {"a:b": "arn:aws:s3:::bucket"})
    assert not holds({operator: {"a:b": "arn:*:bucket"}}, {"a:b": "arn:aws:s3:::bucket"})
    assert not holds({operator: {"a:b": "*"}}, {"a:b": "arn:aws:s3:::bucket"})
    assert holds({"StringLike": {"a:b": "arn:*:bucket"}}, {"a:b": "arn:aws:s3:::bucket"})


def test_the_negated_arn_operators() -> None:
    block = {"ArnNotLike": {"a:b": ["arn:aws:s3:::b*", "arn:aws:sns:*:*:*"]}}
    assert holds(block, {"a:b": "arn:aws:s3:::c"})
    assert not holds(block, {"a:b": "arn:aws:s3:::b"})


@pytest.mark.fact(73)
def test_only_one_string_operator_ignores_case() -> None:
    assert holds({"StringEqualsIgnoreCase": {"a:b": "ANA"}}, {"a:b": "ana"})
    assert not holds({"StringNotEqualsIgnoreCase": {"a:b": "ANA"}}, {"a:b": "ana"})
    assert not holds({"StringEquals": {"a:b": "ANA"}}, {"a:b": "ana"})


@pytest.mark.fact(71)
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("NumericEquals", (False, True, False)),
        ("NumericNotEquals", (True, False, True)),
        ("NumericLessThan", (True, False, False)),
        ("NumericLessThanEquals", (True, True, False)),
        ("NumericGreaterThan", (False, False, True)),
        ("NumericGreaterThanEquals", (False, True, True)),
    ],
)
def test_numbers(operator: str, expected: tuple[bool, ...]) -> None:
    found = [holds({operator: {"a:b": 10}}, {"a:b": value}) for value in ("9.5", "10.0", "11")]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("NumericEquals", (False, True, False, True, False)),
        ("NumericNotEquals", (True, False, True, False, True)),
        ("NumericLessThan", (True, True, True, False, False)),
        ("NumericLessThanEquals", (True, True, True, True, False)),
        ("NumericGreaterThan", (False, False, True, True, True)),
        ("NumericGreaterThanEquals", (False, True, True, True, True)),
    ],
)
def test_one_of_several_numbers_suffices(operator: str, expected: tuple[bool, ...]) -> None:
    block = {operator: {"a:b": [20, 10, "1e1"]}}
    assert tuple(holds(block, {"a:b": value}) for value in ("9.5", "10.0", "11", "20", "21")) == expected
    assert not any(holds({operator: {"a:b": ["x"]}}, {"a:b": value}) for value in ("9", "10", "x"))


def test_many_values_with_variables_are_each_what_it_is_alone() -> None:
    written = [f"{start}${{aws:b}}{end}" for start in ("", "x", "*") for end in ("", "y", "*", "?y", "*y")]
    for text in ("b", "by", "xb", "xby", "xbzy", "ab", "aby", "abzz", "", "B", "bb"):
        keys = {"a:b": text, "aws:b": "b"}
        for operator in ("StringEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"):
            alone = [holds({operator: {"a:b": each}}, keys) for each in written]
            together = all(alone) if "Not" in operator else any(alone)
            assert holds({operator: {"a:b": written}}, keys) is together


def test_a_letter_at_the_end_of_a_word_is_the_same_in_any_case() -> None:
    written = [f"${{aws:b}}{number}" for number in range(9)]
    for text, value in (("ΑΣ1", "ας"), ("ας1", "ΑΣ"), ("ασ", "Α"), ("ασ1", "ΑΣ"), ("İ1", "i\u0307")):
        keys = {"a:b": text, "aws:b": value}
        alone = any(holds({"StringEqualsIgnoreCase": {"a:b": each}}, keys) for each in written)
        assert holds({"StringEqualsIgnoreCase": {"a:b": written}}, keys) is alone
    assert holds({"StringEqualsIgnoreCase": {"a:b": written}}, {"a:b": "İ1", "aws:b": "i\u0307"})


def test_a_long_value_that_is_no_arn_lets_nothing_hold_that_is_negated() -> None:
    block = {"ArnNotLike": {"aws:SourceArn": ["${a:b}", "arn:aws:s3:::x"]}}
    keys = {"aws:sourcearn": "arn:aws:s3:::y"}
    assert holds(block, keys)
    assert holds(block, {**keys, "a:b": "arn:aws:s3:::" + "z" * 100})
    assert not holds(block, {**keys, "a:b": "z" * 100})


@pytest.mark.fact(72)
def test_dates() -> None:
    block = {"DateLessThan": {"a:b": "2024-06-01T00:00:00Z"}}
    assert holds(block, {"a:b": "1704067200"})
    assert not holds(block, {"a:b": "2024-06-01T00:00:00Z"})
    assert holds({"DateEquals": {"a:b": "1704067200"}}, {"a:b": "2024-01-01T01:00:00+01:00"})


@pytest.mark.fact(60)
def test_bool_false_does_not_match_an_absent_mfa() -> None:
    assert not holds({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, {})
    assert holds({"BoolIfExists": {"aws:MultiFactorAuthPresent": False}}, {})
    assert not holds(
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": False}}, {"aws:multifactorauthpresent": "true"}
    )


@pytest.mark.fact(61)
def test_null_asks_for_presence() -> None:
    assert holds({"Null": {"a:b": "true"}}, {})
    assert not holds({"Null": {"a:b": "true"}}, {"a:b": "x"})
    assert holds({"Null": {"a:b": False}}, {"a:b": ("x", "y")})
    assert not holds({"Null": {"a:b": "false"}}, {})


@pytest.mark.fact(74)
def test_binary() -> None:
    assert holds({"BinaryEquals": {"a:b": "QmluYXJ5"}}, {"a:b": "QmluYXJ5"})
    assert not holds({"BinaryEquals": {"a:b": "QmluYXJ5"}}, {"a:b": "Qmlu"})


@pytest.mark.fact(70)
def test_addresses_of_both_versions_in_one_list() -> None:
    block = {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}
    assert holds(block, {"aws:sourceip": "10.2.3.4"})
    assert holds(block, {"aws:sourceip": "2001:db8::7"})
    assert not holds(block, {"aws:sourceip": "192.0.2.1"})
    assert holds({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {"aws:sourceip": "2001:db8::7"})


@pytest.mark.fact(62)
def test_for_all_values_holds_of_none() -> None:
    block = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
    assert holds(block, {})
    assert holds(block, {"aws:tagkeys": ("a", "b", "a")})
    assert not holds(block, {"aws:tagkeys": ("a", "c")})


@pytest.mark.fact(63)
def test_for_any_value_needs_one() -> None:
    assert not holds({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, {})
    assert not holds({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}, {})
    assert holds({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "a"}}, {})
    assert holds({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}, {"aws:tagkeys": ("x", "a")})


@pytest.mark.fact(64)
def test_set_operators_take_the_negated_operator_value_by_value() -> None:
    keys = {"aws:tagkeys": ("a", "c")}
    assert not holds({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}, keys)
    assert holds({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a", "b"]}}, keys)


@pytest.mark.fact(75)
def test_a_multivalued_key_needs_a_set_operator() -> None:
    for operator in ("StringEquals", "StringNotEquals", "StringLike"):
        assert not holds({operator: {"aws:TagKeys": ["a"]}}, {"aws:tagkeys": ("a",)})


@pytest.mark.fact(50)
def test_variables_in_text_and_arn_operators() -> None:
    keys = {"aws:username": "ana", "a:b": "home/ana/x", "a:c": "arn:aws:iam::1:user/ana"}
    assert holds({"StringLike": {"a:b": "home/${aws:username}/*"}}, keys)
    assert holds({"ArnLike": {"a:c": "arn:aws:iam::*:user/${aws:username}"}}, keys)
    assert not holds({"StringLike": {"a:b": "home/${aws:userid}/*"}}, keys)


@pytest.mark.fact(55)
def test_a_star_in_a_value_does_not_match_more() -> None:
    block = {"StringLike": {"a:b": "home/${aws:PrincipalTag/x}"}}
    assert not holds(block, {"aws:principaltag/x": "*", "a:b": "home/ana"})
    assert holds(block, {"aws:principaltag/x": "*", "a:b": "home/*"})


@pytest.mark.fact(51)
def test_the_older_version_takes_variables_for_text() -> None:
    block = {"StringEquals": {"a:b": "${aws:username}"}}
    assert not holds(block, {"a:b": "ana", "aws:username": "ana"}, "2008-10-17")
    assert holds(block, {"a:b": "${aws:username}", "aws:username": "ana"}, "2008-10-17")


@pytest.mark.fact(57)
def test_a_variable_without_a_value_satisfies_the_inverted_operators() -> None:
    assert holds({"StringNotEquals": {"a:b": "${aws:username}"}}, {"a:b": "ana"})
    assert holds({"StringNotLike": {"a:b": "${aws:username}*"}}, {"a:b": "ana"})
    assert holds(
        {"ArnNotLike": {"a:b": "arn:aws:iam::1:user/${aws:username}"}}, {"a:b": "arn:aws:iam::1:user/ana"}
    )
    assert not holds({"StringEquals": {"a:b": "${aws:username}"}}, {"a:b": "ana"})

"""Every constraint of the models, in AWS's words, and Java's patterns as Java reads them."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from rolekeeper.wire.constraints import check_size, check_text, compile_pattern, validation_error, violation
from tests.wire.samples import shapes

INPUTS = shapes(outputs=False)
NAME, STATUS, ITEMS = INPUTS["iam:roleNameType"], INPUTS["iam:statusType"], INPUTS["iam:maxItemsType"]
PATTERNS = sorted({shape.pattern for shape in INPUTS.values() if shape.pattern})


def test_one_error_and_several_are_counted_in_awss_words() -> None:
    one = violation("null", "roleName", "Member must not be null")
    assert validation_error([one]).message == (
        "1 validation error detected: "
        "Value null at 'roleName' failed to satisfy constraint: Member must not be null"
    )
    assert validation_error([one, one]).message.startswith(
        "2 validation errors detected: Value null at 'roleName'"
    )
    assert validation_error([one, one]).message.endswith("null; " + one)


def test_a_value_that_must_not_be_shown_is_left_out() -> None:
    assert violation(None, "password", "x") == "Value at 'password' failed to satisfy constraint: x"


def test_a_thousand_errors_are_counted_and_not_all_spelled_out() -> None:
    message = validation_error(["x" * 50] * 9999).message
    assert message.startswith("9999 validation errors detected: ")
    assert len(message) < 6000


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", ["length greater than or equal to 1", r"pattern: [\w+=,.@-]+"]),
        ("a" * 65, ["length less than or equal to 64"]),
        ("a b", [r"pattern: [\w+=,.@-]+"]),
        ("a\n", [r"pattern: [\w+=,.@-]+"]),
        ("é", [r"pattern: [\w+=,.@-]+"]),
        ("١", [r"pattern: [\w+=,.@-]+"]),
        ("/" * 65, ["length less than or equal to 64", r"pattern: [\w+=,.@-]+"]),
        ("a", []),
        ("Az09_+=,.@-" + "a" * 53, []),
    ],
)
def test_a_name_is_checked(text: str, rules: list[str]) -> None:
    broken = check_text(NAME)(text)
    assert len(broken) == len(rules)
    assert all(
        rule.startswith("Member must ") and rule.endswith(end)
        for rule, end in zip(broken, rules, strict=True)
    )


def test_a_choice_is_checked() -> None:
    assert check_text(STATUS)("active") == ["Member must satisfy enum value set: [Active, Inactive, Expired]"]
    assert check_text(STATUS)("Active") == ()


def test_a_number_is_checked_at_both_ends() -> None:
    check = check_size(ITEMS)
    assert check(0) == ("Member must have value greater than or equal to 1",)
    assert check(1001) == ("Member must have value less than or equal to 1000",)
    assert check(1) == check(1000) == ()


def test_a_pattern_with_an_unknown_property_is_refused_and_not_guessed() -> None:
    for pattern in (r"[\p{L}]+", r"[\p{Lu}\p{L}\p{N}_]", r"[\w\p{L}\p{N}_]"):
        with pytest.raises(ValueError, match="cannot translate"):
            compile_pattern(pattern)


def test_javas_letters_numbers_and_separators_are_matched_exactly() -> None:
    matches = compile_pattern(r"[\p{L}\p{Z}\p{N}_]").fullmatch
    for code in range(sys.maxunicode + 1):
        expected = unicodedata.category(chr(code))[0] in "LZN" or code == ord("_")
        assert bool(matches(chr(code))) == expected, hex(code)


def test_javas_word_characters_are_ascii() -> None:
    matches = compile_pattern(r"[\w\d]").fullmatch
    found = "".join(chr(code) for code in range(sys.maxunicode + 1) if matches(chr(code)))
    assert found == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def test_the_models_have_the_patterns_that_were_looked_at() -> None:
    assert len(PATTERNS) > 30


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("text", ["a", "/a", "-a", "a-", "1.", "/", " ", "v1.", "http://a"])
def test_no_pattern_backtracks_without_bound(pattern: str, text: str) -> None:
    matches = compile_pattern(pattern).fullmatch
    for count in (10, 100, 20_000):  # exponential or cubic work would not come back
        matches(text * count + "\0")


def test_a_pattern_is_compiled_for_the_whole_value() -> None:
    assert compile_pattern("^a$").fullmatch("a\n") is None
    assert isinstance(compile_pattern("a"), re.Pattern)

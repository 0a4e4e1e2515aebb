from __future__ import annotations

import pytest

from rolekeeper.policy.tokens import Wildcard
from rolekeeper.policy.variables import Variable, expand, is_constant, parse_template

KEYS: dict[str, str | tuple[str, ...]] = {"aws:username": "ana", "aws:tagkeys": ("a",), "s3:star": "*"}


def expanded(text: str) -> list[object] | None:
    tokens = expand(parse_template(text, wildcards=True), KEYS.get)
    return None if tokens is None else list(tokens)


@pytest.mark.fact(57)
@pytest.mark.parametrize(
    "text", ["${aws:userid}", "a${aws:userid}b", "${}", "${aws:username,'x'}", "${a:b, 'x}"]
)
def test_a_variable_without_a_value_leaves_the_text_without_one(text: str) -> None:
    assert expanded(text) is None


@pytest.mark.fact(56)
def test_a_multivalued_key_is_no_variable_and_has_no_default() -> None:
    assert expanded("${aws:TagKeys}") is None
    assert expanded("${aws:TagKeys, 'x'}") is None


@pytest.mark.fact(56)
def test_the_name_ignores_case() -> None:
    assert expanded("${AWS:UserName}") == ["ana"]


@pytest.mark.fact(53)
def test_the_default_is_for_the_absent_key() -> None:
    assert expanded("${aws:userid, 'any one'}") == ["any one"]
    assert expanded("${aws:username, 'any one'}") == ["ana"]


@pytest.mark.fact(54)
def test_three_characters_can_be_written() -> None:
    template = parse_template("${*}${?}${$}{a}", wildcards=True)
    assert is_constant(template)
    assert list(template) == ["*", "?", "$", "{a}"]


@pytest.mark.fact(55)
def test_a_star_in_a_value_is_a_character() -> None:
    assert expanded("${s3:star}*") == ["*", Wildcard.ANY]


@pytest.mark.fact(51)
def test_the_older_version_has_no_variables() -> None:
    assert parse_template("${aws:username}", wildcards=False, variables=False) == ["${aws:username}"]


@pytest.mark.parametrize("text", ["${aws:username", "$aws:username}", "$", "{}", "$ {a}"])
def test_what_is_not_closed_is_text(text: str) -> None:
    assert parse_template(text, wildcards=False) == [text]


def test_many_openings_are_read_in_one_pass() -> None:
    assert not any(isinstance(part, Variable) for part in parse_template("${" * 60_000, wildcards=False))


def test_what_is_longer_than_its_text_is_not_written_out() -> None:
    template = parse_template("${aws:username}" * 1_000, wildcards=True)
    assert expand(template, KEYS.get, 2_999) is None
    assert expand(template, KEYS.get, 3_000) == ["ana"] * 1_000

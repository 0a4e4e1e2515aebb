"""The condition keys that a policy asks for."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.policy.asked_keys import asked_keys
from rolekeeper.policy.document import parse_document


def keys(version: str = "2012-10-17", **statement: Any) -> tuple[str, ...]:
    body = {"Effect": "Allow", "Action": "*", "Resource": "*", **statement}
    return asked_keys(parse_document({"Version": version, "Statement": body}))


def test_a_policy_without_conditions_asks_nothing() -> None:
    assert keys() == ()


def test_a_key_is_named_once_without_regard_to_case() -> None:
    condition = {
        "StringEquals": {"aws:SourceVpc": "a"},
        "StringLike": {"AWS:sourcevpc": "b", "s3:prefix": "c"},
    }
    assert keys(Condition=condition) == ("aws:SourceVpc", "s3:prefix")


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", ("aws:username",)),
        ("arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}", ("aws:PrincipalTag/team",)),
        ("arn:aws:s3:::b/${*}${?}${$}", ()),
    ],
)
def test_variables_are_asked_for(resource: str, expected: tuple[str, ...]) -> None:
    assert keys(Resource=resource) == expected
    assert keys(version="2008-10-17", Resource=resource) == ()


def test_variables_in_values_are_asked_for() -> None:
    assert keys(Condition={"StringLike": {"s3:prefix": "${aws:userid}/*"}}) == ("s3:prefix", "aws:userid")

"""Templates: what a request fills in, and within which boundary roles are made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.errors import InvalidInput
from rolekeeper.iam.delegation import Parameter
from rolekeeper.iam.delegation_templates import filled, parameters, role_boundaries
from rolekeeper.policy.document import parse_document

BOUNDS = "arn:aws:iam::111111111111:policy/bounds"


def boundaries(**elements: Any) -> tuple[str, ...]:
    statement = {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*", **elements}
    if "NotAction" in elements:
        del statement["Action"]
    return role_boundaries(parse_document({"Version": "2012-10-17", "Statement": [statement]}))


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "ArnEquals", "ArnLike"])
@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:createrole", "iam:Create*", "iam:*", "*"])
def test_a_boundary_that_is_named(operator: str, action: str) -> None:
    condition = {operator: {"iam:permissionsboundary": [BOUNDS]}}
    assert boundaries(Action=action, Condition=condition) == (BOUNDS,)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"StringNotEquals": {"iam:PermissionsBoundary": BOUNDS}},
        {"StringEqualsIfExists": {"iam:PermissionsBoundary": BOUNDS}},
        {"ForAllValues:StringEquals": {"iam:PermissionsBoundary": BOUNDS}},
        {"Null": {"iam:PermissionsBoundary": "false"}},
        {"StringLike": {"iam:PermissionsBoundary": "*"}},
        {"StringLike": {"iam:PermissionsBoundary": [BOUNDS, "arn:aws:iam::*:policy/bounds"]}},
        {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111111111111:policy/${aws:username}"}},
        {"StringEquals": {"iam:PermissionsBoundary": "bounds"}},
        {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111111111111:role/bounds"}},
        {"StringEquals": {"iam:PermissionsBoundary": []}},
        {"StringEquals": {"aws:username": BOUNDS}},
    ],
    ids=str,
)
def test_one_that_is_not(condition: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="iam:PermissionsBoundary"):
        boundaries(Condition=condition)
    with pytest.raises(InvalidInput):
        boundaries(NotAction="s3:*", Condition=condition)


@pytest.mark.parametrize(
    "elements", [{"Action": "iam:CreateUser"}, {"Effect": "Deny"}, {"NotAction": "iam:Create*"}], ids=str
)
def test_what_makes_no_roles_needs_none(elements: dict[str, Any]) -> None:
    assert boundaries(**elements) == ()


def test_what_is_filled_in_is_text_and_nothing_more() -> None:
    given = parameters([{"Name": "Value", "Values": ['"}, {"Effect": "Allow']}])
    template = json.dumps({"Sid": "@{Value}", "Of": [["@{Value}"], 1, None]})
    told = '"}, {"Effect": "Allow'
    assert json.loads(filled(template, given)) == {"Sid": told, "Of": [[told], 1, None]}


def test_a_place_in_a_name_is_none() -> None:
    given = [Parameter(name="Value", type="string", values=("a",))]
    with pytest.raises(InvalidInput, match="stands where none can"):
        filled('{"@{Value}": "@{Value}"}', given)

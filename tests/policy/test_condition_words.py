"""Conditions in words: every operator has some, and nothing is left out."""

from __future__ import annotations

import json

import pytest

from rolekeeper.policy.condition_words import words
from rolekeeper.policy.document import OPERATORS, parse_document


def told(operator: str, key: str, *values: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:AssumeRole",
        "Condition": {operator: {key: list(values)}},
    }
    document = parse_document(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    return words(document.statements[0].conditions[0])


@pytest.mark.parametrize(
    ("operator", "key", "values", "said"),
    [
        ("StringEquals", "sts:ExternalId", ["unload-7"], "the external ID is unload-7"),
        ("StringEquals", "sts:ExternalId", ["a", "b"], "the external ID is a or b"),
        ("Null", "sts:SourceIdentity", ["false"], "the source identity is there"),
        ("Null", "sts:SourceIdentity", ["true"], "the source identity is absent"),
        ("Bool", "aws:MultiFactorAuthPresent", ["true"], "MFA"),
        ("Bool", "AWS:multifactorauthpresent", ["false"], "no MFA"),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", ["true"], "MFA, where that is known"),
        (
            "NumericLessThan",
            "aws:MultiFactorAuthAge",
            ["900"],
            "the age of their MFA in seconds is less than 900",
        ),
        ("StringEquals", "aws:RequestTag/Team", ["web"], "the session's tag Team is web"),
        ("StringLike", "aws:PrincipalTag/job", ["eng*"], "their tag job is like eng*"),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["A"], "each of the keys of the session's tags is A"),
        (
            "ForAnyValue:StringLike",
            "sts:TransitiveTagKeys",
            ["A"],
            "one of the keys of tags that go on is like A",
        ),
        (
            "ArnLike",
            "aws:PrincipalArn",
            ["arn:aws:iam::1:role/x*"],
            "their ARN is like arn:aws:iam::1:role/x*",
        ),
        ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8"], "their address is not in 10.0.0.0/8"),
        ("DateLessThan", "aws:CurrentTime", ["2027-01-01"], "the time is before 2027-01-01"),
        (
            "StringLike",
            "token.actions.githubusercontent.com:sub",
            ["repo:acme/*"],
            "the subject of the token (token.actions.githubusercontent.com:sub) is like repo:acme/*",
        ),
        ("StringEquals", "SAML:aud", ["https://x"], "the recipient of the assertion is https://x"),
        ("StringEquals", "saml:sub", ["ana"], "saml:sub of the assertion is ana"),
        ("StringNotEquals", "acme:unknown", ["x"], "acme:unknown is not x"),
        ("StringEquals", "sts:ExternalId", [], "the external ID is nothing that there is"),
    ],
)
def test_what_is_said(operator: str, key: str, values: list[str], said: str) -> None:
    assert told(operator, key, *values) == said


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_words(operator: str) -> None:
    assert "acme:key" in told(operator, "acme:key", "true")

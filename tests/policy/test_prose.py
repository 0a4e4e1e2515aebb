"""Policies in sentences: no element and no condition is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.policy.document import OPERATORS, parse_document
from rolekeeper.policy.prose import sentences


def told(**elements: Any) -> str:
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", **elements}
    shown = {name: value for name, value in statement.items() if value is not None}
    (sentence,) = sentences(parse_document(json.dumps({"Version": "2012-10-17", "Statement": shown})))
    return sentence


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ({}, "Allows sqs:SendMessage (write) on all resources."),
        ({"Effect": "Deny"}, "Never allows sqs:SendMessage (write) on all resources."),
        ({"Action": "*"}, "Allows every action of every service on all resources."),
        ({"Action": "new:*"}, "Allows every action of new on all resources."),
        ({"Action": "new:Thing"}, "Allows new:Thing on all resources."),
        ({"Action": "sqs:Nothing*"}, "Allows sqs:Nothing* on all resources."),
        (
            {"Action": "sqs:Receive*"},
            "Allows sqs:Receive* (1 action: read) on all resources.",
        ),
        (
            {"Action": ["sqs:SendMessage", "sqs:ListQueues", "iam:GetRole"]},
            "Allows sqs:SendMessage (write), sqs:ListQueues (read) and iam:GetRole (read) on all resources.",
        ),
        (
            {"Action": None, "NotAction": ["iam:*", "sts:*"]},
            "Allows every action except iam:* and sts:* on all resources.",
        ),
        ({"Resource": ["arn:a", "arn:b"]}, "Allows sqs:SendMessage (write) on arn:a and arn:b."),
        (
            {"Resource": None, "NotResource": "arn:a"},
            "Allows sqs:SendMessage (write) on all resources except arn:a.",
        ),
        ({"Resource": []}, "Allows sqs:SendMessage (write) on nothing."),
    ],
)
def test_a_statement_in_a_sentence(elements: dict[str, Any], sentence: str) -> None:
    assert told(**elements) == sentence


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"StringEquals": {"aws:username": ["ana", "bob"]}}, "aws:username is ana or bob"),
        ({"StringNotEquals": {"aws:username": ["ana", "bob"]}}, "aws:username is not ana or bob"),
        ({"StringLikeIfExists": {"s3:prefix": "a*"}}, "s3:prefix is like a* (or is not there)"),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}, "some value of aws:TagKeys is team"),
        ({"ForAllValues:StringLike": {"aws:TagKeys": "t*"}}, "every value of aws:TagKeys is like t*"),
        ({"Null": {"aws:TokenIssueTime": "true"}}, "aws:TokenIssueTime is not there"),
        ({"Null": {"aws:TokenIssueTime": "false"}}, "aws:TokenIssueTime is there"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "aws:SourceIp is in 10.0.0.0/8"),
        (
            {"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "60"}},
            "aws:SecureTransport is true and aws:MultiFactorAuthAge is less than 60",
        ),
    ],
)
def test_conditions_are_told(condition: dict[str, Any], words: str) -> None:
    assert told(Condition=condition) == f"Allows sqs:SendMessage (write) on all resources if {words}."


def test_what_many_patterns_stand_for_is_not_counted() -> None:
    patterns = [f"sqs:{first}{second}*" for first in "ABCDEFGH" for second in "abcdefgh"]
    assert told(Action=["sqs:Send*", *patterns, "sqs:Receive*"]).endswith(
        "*, sqs:Hh* and sqs:Receive* on all resources."
    )


@pytest.mark.parametrize("operator", OPERATORS)
def test_there_are_words_for_every_operator(operator: str) -> None:
    assert "aws:key" in told(Condition={operator: {"aws:key": "true"}})

"""A policy written back: one text for all ways to write the same, and nothing lost."""

from __future__ import annotations

import json
from typing import Any

from rolekeeper.policy.canonical import canonical_text
from rolekeeper.policy.document import parse_document

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def test_two_ways_to_write_the_same_have_one_text() -> None:
    one = parse_document({"Version": "2012-10-17", "Statement": STATEMENT})
    listed = {"Resource": ["*"], "Action": ["s3:GetObject"], "Effect": "Allow"}
    other = parse_document(json.dumps({"Statement": [listed], "Version": "2012-10-17"}, indent=4))
    assert one.source != other.source
    assert canonical_text(one) == canonical_text(other)


def test_what_differs_has_another_text() -> None:
    one = parse_document({"Statement": STATEMENT})
    changes: list[dict[str, Any]] = [
        {"Action": "s3:getObject"},
        {"Sid": ""},
        {"Resource": []},
        {"Principal": {}},
    ]
    for change in changes:
        assert canonical_text(parse_document({"Statement": {**STATEMENT, **change}})) != canonical_text(one)
    assert canonical_text(parse_document({"Statement": [STATEMENT, STATEMENT]})) != canonical_text(one)
    assert canonical_text(
        parse_document({"Version": "2012-10-17", "Statement": STATEMENT})
    ) != canonical_text(one)


def test_every_element_is_written() -> None:
    text = canonical_text(
        parse_document(
            {
                "Version": "2012-10-17",
                "Id": "i",
                "Statement": [
                    {
                        "Sid": "s",
                        "Effect": "Deny",
                        "NotPrincipal": {
                            "AWS": ["1", "2"],
                            "Service": "s",
                            "Federated": "f",
                            "CanonicalUser": "c",
                        },
                        "NotAction": "a:b",
                        "NotResource": ["x", "y"],
                        "Condition": {"Bool": {"a": True}, "NumericEquals": {"n": [1, 1.5], "m": 2}},
                    },
                    {"Effect": "Allow", "Principal": "*", "Action": [], "Condition": {"Null": {}}},
                ],
            }
        )
    )
    assert text == (
        '{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"s","Effect":"Deny","NotPrincipal":{"AWS":["1","2"],'
        '"Service":["s"],"Federated":["f"],"CanonicalUser":["c"]},"NotAction":["a:b"],"NotResource":["x","y"],'
        '"Condition":{"Bool":{"a":["true"]},"NumericEquals":{"n":["1","1.5"],"m":["2"]}}},'
        '{"Effect":"Allow","Principal":"*","Action":[]}]}'
    )

"""Answers in S3's XML: what the SDK reads of them is what was said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rolekeeper.gateway import telling
from rolekeeper.wire import client, model
from rolekeeper.wire.http import HttpResponse

BLOCK = {
    "PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }
}
OWNER = {"Owner": {"ID": "a" * 64}}
ACL = OWNER | {
    "Grants": [
        {"Grantee": {"ID": "a" * 64, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"URI": "http://acs.amazonaws.com/x", "Type": "Group"}, "Permission": "READ"},
    ]
}
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def written(service: str, operation: str, members: dict[str, Any]) -> HttpResponse:
    found = model.service(service)
    return telling.written(found, found.operations[operation], members, "one")


@pytest.mark.parametrize(
    ("service", "operation", "members", "begins"),
    [
        ("s3", "GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": True}}, "<PolicyStatus"),
        ("s3", "GetPublicAccessBlock", BLOCK, "<PublicAccessBlockConfiguration"),
        ("s3control", "GetPublicAccessBlock", BLOCK, "<PublicAccessBlockConfiguration"),
        (
            "s3",
            "GetBucketOwnershipControls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
            "<OwnershipControls",
        ),
        ("s3", "GetBucketAcl", ACL, "<Owner>"),
        ("s3", "GetObjectAcl", ACL, "<Owner>"),
        (
            "s3",
            "ListBuckets",
            OWNER | {"Buckets": [{"Name": "a&b", "CreationDate": MOMENT}, {"Name": "c"}]},
            "<ListAllMyBucketsResult",
        ),
        ("s3", "ListBuckets", OWNER | {"Buckets": []}, "<ListAllMyBucketsResult"),
    ],
)
def test_the_sdk_reads_what_was_said(
    service: str, operation: str, members: dict[str, Any], begins: str
) -> None:
    answer = written(service, operation, members)
    assert begins.encode() in answer.body
    read = client.read_answer(service, operation, answer.status, dict(answer.headers), answer.body)
    assert {key: value for key, value in read.items() if key in members} == members


def test_a_policy_is_its_text() -> None:
    text = '{"Version":"2012-10-17"}'
    answer = written("s3", "GetBucketPolicy", {"Policy": text})
    assert (answer.status, answer.body) == (200, text.encode())
    assert ("content-type", "application/json") in answer.headers


@pytest.mark.parametrize(
    ("operation", "status"),
    [("DeleteBucketPolicy", 204), ("PutPublicAccessBlock", 200)],
)
def test_what_has_nothing_to_say_has_no_body(operation: str, status: int) -> None:
    answer = written("s3", operation, {})
    assert (answer.status, answer.body) == (status, b"")
    assert ("x-amz-request-id", "one") in answer.headers

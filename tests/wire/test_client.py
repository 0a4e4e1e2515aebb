"""A call is written as an SDK writes it, and an answer read as an SDK reads it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from rolekeeper.wire.client import Refused, read_answer, write_request

ROLE = "arn:aws:lambda:eu-west-1:111111111111:function:f"


def test_an_operation_that_there_is_not_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        write_request("sqs", "NoSuchOperation", {})
    with pytest.raises(LookupError):
        write_request("nonsense", "GetRole", {})


@pytest.mark.parametrize(
    ("service", "operation", "members", "written"),
    [
        ("s3", "GetBucketPolicy", {"Bucket": "b"}, ("GET", "/b", "policy", b"")),
        ("s3", "GetObjectTagging", {"Bucket": "b", "Key": "a b/ü//c", "VersionId": "+"},
         ("GET", "/b/a%20b/%C3%BC//c", "tagging&versionId=%2B", b"")),
        ("lambda", "GetPolicy", {"FunctionName": ROLE},
         ("GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111111111111%3Afunction%3Af/policy",
          "", b"")),
        ("sqs", "GetQueueUrl", {"QueueName": "q"}, ("POST", "/", "", b'{"QueueName": "q"}')),
        ("resourcegroupstaggingapi", "GetResources", {}, ("POST", "/", "", b"{}")),
    ],
)  # fmt: skip
def test_a_call_as_a_request(service: str, operation: str, members: dict[str, Any], written: Any) -> None:
    made = write_request(service, operation, members)
    assert (made.method, made.path, made.query, made.body) == written


def test_a_call_as_a_form() -> None:
    made = write_request("ec2", "DescribeTags", {"Filters": [{"Name": "resource-id", "Values": ["i-1"]}]})
    assert parse_qs(made.body.decode()) == {
        "Action": ["DescribeTags"],
        "Version": ["2016-11-15"],
        "Filter.1.Name": ["resource-id"],
        "Filter.1.Value.1": ["i-1"],
    }
    assert dict(made.headers)["content-type"].startswith("application/x-www-form-urlencoded")


def test_an_answer_as_members() -> None:
    body = b"<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Policy</key>"
    body += b"<value>{}</value></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
    assert read_answer("sns", "GetTopicAttributes", 200, {}, body) == {"Attributes": {"Policy": "{}"}}
    assert read_answer("s3", "HeadObject", 200, {"etag": '"e"'}, b"")["ETag"] == '"e"'
    assert read_answer("lambda", "GetPolicy", 200, {}, b'{"Policy": "{}"}') == {"Policy": "{}"}


@pytest.mark.parametrize(
    ("service", "operation", "status", "headers", "body", "code"),
    [
        ("s3", "GetBucketPolicy", 404, {}, b"<Error><Code>NoSuchBucketPolicy</Code></Error>",
         "NoSuchBucketPolicy"),
        ("s3", "HeadObject", 404, {}, b"", "404"),
        ("sqs", "GetQueueUrl", 400, {}, b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist"}',
         "QueueDoesNotExist"),
        ("lambda", "GetPolicy", 404, {"x-amzn-errortype": "ResourceNotFoundException"}, b"{}",
         "ResourceNotFoundException"),
        ("ec2", "DescribeTags", 400, {},
         b"<Response><Errors><Error><Code>InvalidID</Code></Error></Errors></Response>", "InvalidID"),
        ("sqs", "GetQueueUrl", 200, {}, b"no json", "UnreadableAnswer"),
        ("sns", "GetTopicAttributes", 200, {}, b"<html>", "UnreadableAnswer"),
    ],
)  # fmt: skip
def test_an_error_as_such(
    service: str, operation: str, status: int, headers: dict[str, str], body: bytes, code: str
) -> None:
    with pytest.raises(Refused) as raised:
        read_answer(service, operation, status, headers, body)
    assert raised.value.code == code

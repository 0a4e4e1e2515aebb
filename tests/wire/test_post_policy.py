"""Policies of form uploads: AWS's published example, botocore's, and everything that a form may not do."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rolekeeper.errors import (
    AccessDenied,
    AwsError,
    IncompleteSignature,
    InvalidArgument,
    InvalidPolicyDocument,
    InvalidRequest,
    SignatureDoesNotMatch,
)
from rolekeeper.wire.post_policy import check, read_policy, read_signature, verify
from rolekeeper.wire.sigv4 import SigningKeys
from tests.wire.forms import signed_fields
from tests.wire.signers import NOW, SECRET

# "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)" in the Amazon S3 API
# Reference: the policy, whose lines end as they do there, and its signature.
EXAMPLE_TEXT = """{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}""".replace("\n", "\r\n")
EXAMPLE = {
    "key": "user/user1/${filename}",
    "acl": "public-read",
    "success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
    "content-type": "image/jpeg",
    "x-amz-meta-uuid": "14365123651274",
    "x-amz-server-side-encryption": "AES256",
    "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-date": "20151229T000000Z",
    "x-amz-meta-tag": "",
    "policy": base64.b64encode(EXAMPLE_TEXT.encode()).decode(),
    "x-amz-signature": "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
}


def verified(fields: dict[str, str], secret: str = SECRET) -> None:
    signature = read_signature(fields)
    assert signature is not None
    verify(signature, secret=secret, service="s3", regions=("us-east-1",), keys=SigningKeys())


def encoded(document: Any) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.b64encode(text.encode()).decode()


def checked(conditions: list[Any], fields: dict[str, str], *, now: datetime = NOW) -> None:
    policy = read_policy(
        encoded({"expiration": "2026-01-01T01:00:00Z", "conditions": [{"bucket": "b"}, *conditions]})
    )
    check(policy, fields, bucket="b", now=now)


def refused(conditions: list[Any], fields: dict[str, str]) -> str:
    with pytest.raises(AccessDenied) as error:
        checked(conditions, fields)
    return error.value.message


def invalid(document: Any) -> str:
    with pytest.raises(InvalidPolicyDocument) as error:
        read_policy(encoded(document))
    return error.value.message


# -- who signed it ----------------------------------------------------------------------------------


def test_the_published_example() -> None:
    verified(EXAMPLE, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    policy = read_policy(EXAMPLE["policy"])
    check(policy, EXAMPLE, bucket="sigv4examplebucket", now=datetime(2015, 12, 30, 11, tzinfo=UTC))
    with pytest.raises(AccessDenied, match="Policy expired"):
        check(policy, EXAMPLE, bucket="sigv4examplebucket", now=datetime(2015, 12, 30, 12, tzinfo=UTC))
    with pytest.raises(AccessDenied):
        check(policy, EXAMPLE, bucket="another", now=datetime(2015, 12, 30, 11, tzinfo=UTC))


def test_what_botocore_signs() -> None:
    fields = signed_fields([{"acl": "private"}], {"acl": "private"}, token="token")
    verified(fields)
    check(read_policy(fields["policy"]), fields, bucket="bucket", now=NOW)
    found = read_signature(fields)
    assert found is not None
    assert found.session_token == "token"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("policy", encoded({"expiration": "2030-01-01T00:00:00Z", "conditions": []})),
        ("x-amz-signature", "0" * 64),
        ("x-amz-signature", "é"),
        ("x-amz-credential", "AKIDEXAMPLE/20260101/eu-west-1/s3/aws4_request"),
        ("x-amz-credential", "AKIDEXAMPLE/20260101/us-east-1/sts/aws4_request"),
        ("x-amz-credential", "AKIDEXAMPLE/20260102/us-east-1/s3/aws4_request"),
        ("x-amz-date", "20260102T001000Z"),
    ],
)
def test_what_was_not_signed(field: str, value: str) -> None:
    with pytest.raises(SignatureDoesNotMatch):
        verified(signed_fields() | {field: value})
    with pytest.raises(SignatureDoesNotMatch):
        verified(signed_fields(), "another")


@pytest.mark.parametrize(
    "name", ["policy", "x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm"]
)
def test_a_signature_is_whole(name: str) -> None:
    for changed in (
        {key: value for key, value in signed_fields().items() if key != name},
        signed_fields() | {name: ""},
    ):
        with pytest.raises(InvalidArgument, match="Bucket POST must contain a field named"):
            read_signature(changed)


def test_a_form_may_have_no_signature() -> None:
    assert read_signature({"key": "a"}) is None


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (InvalidRequest, {"awsaccesskeyid": "AKIDEXAMPLE"}),
        (InvalidRequest, {"signature": "x"}),
        (InvalidRequest, {"x-amz-algorithm": "AWS4-HMAC-SHA1"}),
        (IncompleteSignature, {"x-amz-credential": "AKIDEXAMPLE"}),
        (IncompleteSignature, {"x-amz-date": "yesterday"}),
    ],
)
def test_signatures_of_another_form(kind: type[AwsError], more: dict[str, str]) -> None:
    with pytest.raises(kind):
        read_signature(signed_fields() | more)


# -- what it allows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"acl": "private"}, "private", True),
        ({"acl": "private"}, "Private", False),
        ({"ACL": "private"}, "private", True),
        (["eq", "$acl", "private"], "private", True),
        (["EQ", "$Acl", "private"], "private ", False),
        (["starts-with", "$acl", "pri"], "private", True),
        (["Starts-With", "$acl", "pri"], "public", False),
        (["starts-with", "$acl", ""], "", True),
        (["starts-with", "$acl", "a"], "b,a", False),
        ({"acl": 5}, "5", True),
    ],
)
def test_a_field_is_what_its_condition_says(condition: Any, value: str, holds: bool) -> None:
    if holds:
        checked([condition], {"acl": value})
    else:
        assert refused([condition], {"acl": value}).startswith(
            "Invalid according to Policy: Policy Condition failed: ["
        )


def test_a_field_with_a_condition_is_there() -> None:
    message = refused([["starts-with", "$acl", ""]], {})
    assert message == 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$acl", ""]'


@pytest.mark.parametrize(
    ("value", "holds"),
    [("image/png", True), ("image/jpg,image/png", True), ("image/jpg,text/html", False), ("image/a,", False)],
)
def test_content_types_are_a_list(value: str, holds: bool) -> None:
    condition = ["starts-with", "$Content-Type", "image/"]
    if holds:
        checked([condition], {"content-type": value})
    else:
        refused([condition], {"content-type": value})


def test_all_conditions_hold() -> None:
    both = [["starts-with", "$key", "a"], ["starts-with", "$key", "ab"]]
    checked(both, {"key": "abc"})
    refused(both, {"key": "ac"})


def test_a_field_without_a_condition_is_refused() -> None:
    assert refused([], {"x-amz-meta-b": "", "acl": "private"}).endswith(
        "Extra input fields: acl, x-amz-meta-b"
    )
    checked([], {"x-ignore-a": "b", "policy": "p", "x-amz-signature": "s"})


def test_the_bucket_is_a_field() -> None:
    policy = read_policy(encoded({"expiration": "2026-01-01T01:00:00Z", "conditions": [{"key": "a"}]}))
    with pytest.raises(AccessDenied, match="Extra input fields: bucket"):
        check(policy, {"key": "a"}, bucket="b", now=NOW)


def test_a_range_is_for_the_file() -> None:
    ranges = [["content-length-range", 1, 10], ["Content-Length-Range", "2", "20"]]
    policy = read_policy(encoded({"expiration": "2026-01-01T01:00:00Z", "conditions": ranges}))
    assert (policy.least, policy.most, policy.conditions) == (2, 10, ())


def test_a_dollar_sign_may_be_escaped() -> None:
    policy = read_policy(
        encoded(
            '{"expiration":"2026-01-01T01:00:00Z","conditions":[{"a":"\\\\$b"},{"c":"\\\\\\\\d"}]}'.replace(
                "\\\\", "\\"
            )
        )
    )
    assert policy.conditions == (("eq", "a", "$b"), ("eq", "c", "\\d"))


# -- what is none -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "*", "YQ", "eyJ", encoded("[]"), encoded("{"), encoded("1"), encoded("[" * 100_000)]
)
def test_what_is_no_document(text: str) -> None:
    with pytest.raises(InvalidPolicyDocument, match=r"Invalid Policy: Invalid JSON\."):
        read_policy(text)


@pytest.mark.parametrize(
    "expiration",
    [
        None,
        5,
        "",
        "2026-01-01",
        "2026-01-01T01:00:00",
        "2026-13-01T01:00:00Z",
        "2026-01-01T01:00:00+00:00",
        "2026-02-30T01:00:00Z",
    ],
)
def test_what_is_no_expiration(expiration: Any) -> None:
    assert "xpiration" in invalid({"expiration": expiration, "conditions": []})
    assert "xpiration" in invalid({"conditions": []})


@pytest.mark.parametrize(
    "conditions",
    [
        None,
        {},
        {"acl": "private"},
        "x",
        [{}],
        [{"a": "b", "c": "d"}],
        [[]],
        [["eq", "$a"]],
        [["eq", "a", "b"]],
        [["eq", "$", "b"]],
        [["eq", 1, "b"]],
        [["in", "$a", "b"]],
        [[1, "$a", "b"]],
        [["eq", "$a", None]],
        [["eq", "$a", True]],
        [["eq", "$a", ["b"]]],
        [{"a": {"b": "c"}}],
        ["eq"],
        [None],
        [["content-length-range"]],
        [["content-length-range", 1]],
        [["content-length-range", -1, 5]],
        [["content-length-range", 1, "x"]],
        [["content-length-range", 1, 2, 3]],
        [["content-length-range", True, 5]],
        [{"a": "b"}] * 201,
    ],
)
def test_what_are_no_conditions(conditions: Any) -> None:
    invalid({"expiration": "2026-01-01T01:00:00Z", "conditions": conditions})


def test_nothing_stands_twice_in_a_document() -> None:
    expiration = '"expiration":"2026-01-01T01:00:00Z"'
    invalid(f'{{{expiration},"conditions":[],"Conditions":[]}}')
    invalid(f'{{{expiration},"conditions":[{{"acl":"private","acl":"public-read"}}]}}')

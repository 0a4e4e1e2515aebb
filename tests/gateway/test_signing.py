"""What we sign for a backend is what an unmodified SDK would have signed."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from unittest import mock

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.gateway.signing import UNSIGNED, BackendKey, sign
from rolekeeper.iam.secret import Secret

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = BackendKey(access_key_id="AKIA", secret=Secret("secret"))


def ours(*, key: BackendKey = KEY, digest: str, **more: Any) -> dict[str, str]:
    given: dict[str, Any] = {"method": "GET", "path": "/", "query": "", "service": "sqs"} | more
    headers = {"host": "b.example"} | given.pop("headers", {})
    return sign(**given, headers=headers, digest=digest, key=key, region="eu-west-1", now=NOW)


def theirs(body: bytes, headers: dict[str, str], **more: Any) -> str:
    given: dict[str, Any] = {"method": "GET", "path": "/", "query": "", "service": "sqs"} | more
    url = f"http://b.example{given['path']}" + (f"?{given['query']}" if given["query"] else "")
    kept = {name: value for name, value in headers.items() if name not in ("authorization", "x-amz-date")}
    request = AWSRequest(method=given["method"], url=url, headers=kept, data=body)
    kind = S3SigV4Auth if given["service"] == "s3" else SigV4Auth
    token = headers.get("x-amz-security-token")
    with mock.patch("botocore.auth.get_current_datetime", lambda: NOW.replace(tzinfo=None)):
        kind(Credentials("AKIA", "secret", token), given["service"], "eu-west-1").add_auth(request)
    return str(request.headers["Authorization"])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"method": "POST", "headers": {"x-amz-target": "AmazonSQS.SendMessage", "content-type": "a/b"}},
        {"query": "b=%20&a=1&a=%2F&c="},
        {"path": "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations", "service": "lambda"},
        {"path": "/bucket/a/../b//c%2Fd%20e~", "service": "s3"},
        {"path": "/bucket", "service": "s3", "query": "acl=&versionId=null"},
        {"headers": {"x-amz-meta-a": "two  spaces "}},
    ],
)
@pytest.mark.parametrize("body", [b"", b"body"])
def test_the_signature_is_that_of_an_sdk(asked: dict[str, Any], body: bytes) -> None:
    signed = ours(digest=sha256(body).hexdigest(), **asked)
    asked = {name: value for name, value in asked.items() if name != "headers"}
    assert signed["authorization"] == theirs(body, signed, **asked)


def test_a_token_is_signed_with_the_rest() -> None:
    key = BackendKey(access_key_id="AKIA", secret=Secret("secret"), token=Secret("token"))
    signed = ours(digest=sha256(b"").hexdigest(), key=key)
    assert signed["x-amz-security-token"] == "token"
    assert signed["authorization"] == theirs(b"", signed)


def test_a_body_that_streams_is_not_hashed() -> None:
    signed = ours(digest=UNSIGNED, service="s3", method="PUT", path="/b/k")
    assert signed["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "x-amz-content-sha256" in signed["authorization"]


def test_a_key_does_not_show_its_secret() -> None:
    assert "secret" not in repr(KEY).replace("secret=", "")

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.signer import signed_headers
from rolekeeper.errors import SignatureDoesNotMatch
from rolekeeper.iam.secret import Secret
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4 import SigningKeys, read_signature, verify

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = AccessPair(access_key_id="AKIAEXAMPLE", secret=Secret("s3cret/+="))
BODY = b"Action=GetRole&RoleName=%C3%A9"


def headers(**changed):
    terms = {"host": "127.0.0.1:4566", "service": "iam", "region": "us-east-1", "key": KEY, "now": NOW}
    return signed_headers(BODY, **(terms | changed))


def check(signed, body=BODY, secret="s3cret/+="):
    request = HttpRequest(method="POST", path="/", headers=list(signed.items()), body=body)
    terms = {"now": NOW, "service": "iam", "regions": {"us-east-1"}, "keys": SigningKeys()}
    verify(request, read_signature(request), secret=secret, **terms)


def test_another_body_secret_or_scope_is_not_signed():
    with pytest.raises(SignatureDoesNotMatch):
        check(headers(), body=BODY + b"x")
    with pytest.raises(SignatureDoesNotMatch):
        check(headers(), secret="another")
    with pytest.raises(SignatureDoesNotMatch):
        check(headers(service="sts"))
    with pytest.raises(SignatureDoesNotMatch):
        check(headers(now=NOW - timedelta(hours=1)))


def test_the_server_accepts_what_is_signed():
    check(headers())


def test_it_signs_as_the_sdk_does(monkeypatch):
    ours = headers(now=NOW)
    request = AWSRequest(
        "POST", "http://127.0.0.1:4566/", headers={"content-type": ours["content-type"]}, data=BODY
    )
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW.replace(tzinfo=None))
    SigV4Auth(Credentials("AKIAEXAMPLE", "s3cret/+="), "iam", "us-east-1").add_auth(request)
    assert request.headers["Authorization"] == ours["authorization"]


def test_a_sessions_token_is_sent_and_signed():
    key = AccessPair(access_key_id="ASIAEXAMPLE", secret=Secret("s3cret/+="), token=Secret("t0ken"))
    signed = headers(key=key)
    assert signed["x-amz-security-token"] == "t0ken"
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token," in signed["authorization"]
    check(signed)


def test_the_secret_is_in_no_header():
    assert all("s3cret" not in value for value in headers().values())

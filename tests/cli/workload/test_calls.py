"""Signing a call of the JSON protocol as the SDK does."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.signer import JSON, signed_headers
from rolekeeper.errors import SignatureDoesNotMatch
from rolekeeper.iam.secret import Secret
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4 import SigningKeys, read_signature, verify

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLACE = {"host": "127.0.0.1:4566", "service": "rolekeeper", "region": "eu-west-1", "now": NOW}


@pytest.mark.parametrize("token", [None, Secret("token")])
@pytest.mark.parametrize("target", ["Workloads.ListTasks", "Workloads.ListFunctions"])
def test_the_operation_is_signed(token, target):
    key = AccessPair(access_key_id="AKIAEXAMPLE", secret=Secret("secret"), token=token)
    signed = signed_headers(b"{}", key=key, kind=JSON, target="Workloads.ListTasks", **PLACE)
    sent = signed | {"x-amz-target": target}
    request = HttpRequest(method="POST", path="/", headers=list(sent.items()), body=b"{}")
    terms = {"now": NOW, "service": "rolekeeper", "regions": {"eu-west-1"}, "keys": SigningKeys()}
    if target.endswith("ListTasks"):
        verify(request, read_signature(request), secret="secret", **terms)
    else:
        with pytest.raises(SignatureDoesNotMatch):
            verify(request, read_signature(request), secret="secret", **terms)

"""What S3 Control's requests ask for."""

from __future__ import annotations

import pytest

from rolekeeper.gateway.classify import classify
from tests.client import ACCOUNT
from tests.gateway.behind import asked


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
        ("PutPublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
        ("DeletePublicAccessBlock", "s3:PutAccountPublicAccessBlock"),
    ],
)
def test_the_block_of_an_account_is_no_buckets(operation: str, action: str) -> None:
    (wanted,) = classify(asked("s3control", operation, AccountId=ACCOUNT))
    assert (wanted.action, wanted.resource) == (action, "*")

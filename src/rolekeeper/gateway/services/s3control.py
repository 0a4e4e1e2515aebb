"""S3 Control: what an account has of S3 beside its buckets: access points, jobs, its block of public access.

Every request names an account, which has to be that of who asks: AWS serves no other, and what stands behind
might.
Source: "Required permissions for Amazon S3 API operations" in the Amazon S3 User Guide; "x-amz-account-id" in
the Amazon S3 Control API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.errors import AccessDenied
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.s3.keys import signing
from rolekeeper.policy.context import KeyValue


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    account = asked.members.get("AccountId")
    if account is not None and account != asked.account:
        raise AccessDenied("Access Denied")
    return dict(signing(asked))


RULES = Rules(
    prefix="s3",
    actions={
        "DeletePublicAccessBlock": ("PutAccountPublicAccessBlock",),
        "GetPublicAccessBlock": ("GetAccountPublicAccessBlock",),
        "PutPublicAccessBlock": ("PutAccountPublicAccessBlock",),
    },
    fills={
        "AccessPointName": "Name",
        "accessgrant.Token": "AccessGrantId",
        "accessgrantslocation.Token": "AccessGrantsLocationId",
    },
    keys=_keys,
)

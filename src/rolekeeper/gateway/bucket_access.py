"""Who may use a bucket and its objects, told as one policy: that is what the decision is made on.

A public access block that restricts public buckets is a Deny beside a public policy.
Sources: "Blocking public access to your Amazon S3 storage" in the Amazon S3 User Guide.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups
from rolekeeper.iam.buckets import (
    NOTHING_BLOCKED,
    POLICY,
    PUBLIC_ACCESS,
    AccountPublicAccess,
    Bucket,
    PublicAccess,
)
from rolekeeper.policy.public import is_public
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Resource
from rolekeeper.store.contract import Store


class BucketAccess:
    """Finds what decides on access to buckets."""

    def __init__(self, store: Store, lookups: Lookups) -> None:
        self._store = store
        self._lookups = lookups

    async def resource(self, asked: Asked, arn: str, bucket: Bucket, key: str | None) -> Resource:
        """A bucket or, with a key, an object in it."""
        theirs = msgspec.structs.replace(asked, account=bucket.account)
        policy = await self.policy(theirs, bucket)
        blocked = await self.blocked(theirs, bucket)
        text = _restricted(policy, bucket.account) if policy is not None and blocked.restrict else policy
        return Resource(arn=arn, account=bucket.account, policy=text, entity=bucket)

    async def policy(self, theirs: Asked, bucket: Bucket) -> str | None:
        """The bucket's own policy. `theirs` is a request of its account."""
        if POLICY in bucket.told:
            return bucket.policy
        found = await self._lookups.ask(theirs, "s3", "GetBucketPolicy", Bucket=bucket.name)
        return found.get("Policy") or None if found is not None else None

    async def blocked(self, theirs: Asked, bucket: Bucket) -> PublicAccess:
        """What of public access is blocked, by the bucket and by its account."""
        own = bucket.public_access
        if PUBLIC_ACCESS not in bucket.told:
            found = await self._lookups.ask(theirs, "s3", "GetPublicAccessBlock", Bucket=bucket.name)
            own = public_access((found or {}).get("PublicAccessBlockConfiguration") or {})
        return (own or NOTHING_BLOCKED).with_all_of(self.blocked_in(bucket.account))

    def blocked_in(self, account: str) -> PublicAccess:
        """What of public access is blocked for all buckets of an account."""
        with self._store.read() as tx:
            found = tx.account(account).collection(AccountPublicAccess).find("public-access")
        return found.settings if found is not None else NOTHING_BLOCKED


def public_access(told: dict[str, Any] | Any) -> PublicAccess:
    """A public access block, by the members of S3's model."""
    return PublicAccess(
        block_acls=bool(told.get("BlockPublicAcls")),
        ignore_acls=bool(told.get("IgnorePublicAcls")),
        block_policy=bool(told.get("BlockPublicPolicy")),
        restrict=bool(told.get("RestrictPublicBuckets")),
    )


@lru_cache(maxsize=4096)
def _restricted(policy: str, owner: str) -> str:
    """A bucket's policy where RestrictPublicBuckets is on: a public one is for its own account, and for
    AWS's services."""
    if not is_public(document(policy)):
        return policy
    told: dict[str, Any] = json.loads(policy, parse_float=str)
    statements = told["Statement"]
    listed = [statements] if isinstance(statements, dict) else statements
    told["Statement"] = [*listed, _only_for(owner)]
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _only_for(owner: str) -> dict[str, Any]:
    return {
        "Sid": "RestrictPublicBuckets",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": owner},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }

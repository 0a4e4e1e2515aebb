"""Who may use a bucket and its objects, told as one policy: on that the decision is made.

To the bucket's own policy come, as statements, what a public access block forbids and, where ACLs count,
what they grant. An object that another account owns is that account's resource: of the bucket's policy only
what it denies holds for it, and its owner lets others in by its ACL. What decides on access is kept here, and
asked of the backend only for a bucket of which nobody has set it through the gateway.
Sources: "How Amazon S3 authorizes a request", "Controlling ownership of objects and disabling ACLs" and
"Blocking public access to your Amazon S3 storage" in the Amazon S3 User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from rolekeeper.errors import NotImplementedByServer
from rolekeeper.gateway import acls
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.owners import find
from rolekeeper.gateway.rules import Lookups
from rolekeeper.iam.buckets import (
    NO_VERSION,
    NOTHING_BLOCKED,
    OWNERSHIP,
    POLICY,
    PUBLIC_ACCESS,
    AccountPublicAccess,
    Bucket,
    OwnObject,
    PublicAccess,
    object_key,
)
from rolekeeper.policy.public import is_public
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Caller, Resource
from rolekeeper.store.contract import Store, Transaction

_OWNERS_OWN: Final = frozenset({"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"})
"""What the root user of a bucket's account may always do, so that a policy can lock nobody out for good."""

_OF_OBJECT_OWNER: Final = frozenset(
    f"s3:{verb}Object{version}{aspect}"
    for version in ("", "Version")
    for verb, aspect in (
        *(("Get", ""), ("Get", "Acl"), ("Put", "Acl"), ("Get", "Attributes"), ("Get", "Torrent")),
        *(("Get", "Tagging"), ("Put", "Tagging"), ("Delete", "Tagging")),
    )
)
"""The actions that an object's owner decides about; writing over it and deleting it are the bucket's."""


_DECIDING: Final = frozenset({POLICY, OWNERSHIP, PUBLIC_ACCESS})


class BucketAccess:
    """Finds what decides on access to buckets."""

    def __init__(self, store: Store, lookups: Lookups) -> None:
        self._store = store
        self._lookups = lookups

    def plain(self, wanted: Wanted, partition: str, name: str) -> Resource | None:
        """The same as `resource` for what most requests are about: a bucket without ACLs, all of which is
        known here. None for any other."""
        if wanted.action in _OWNERS_OWN:
            return None
        with self._store.read() as tx:
            known = tx.derived(_plain, partition, name)
        return _resource(wanted.resource, known[0].account, known[1], known[0]) if known is not None else None

    async def resource(
        self, asked: Asked, wanted: Wanted, known: Bucket, key: str | None, caller: Caller | None
    ) -> Resource:
        """A bucket or, with a key, an object in it."""
        action, arn = wanted.action, wanted.resource
        theirs = msgspec.structs.replace(asked, account=known.account)
        bucket = await self.whole(theirs, known)
        blocked = self.blocked(bucket)
        policy = None if _is_owners_own(action, bucket, caller) else bucket.policy
        only = bucket.account if blocked.restrict else None
        if not bucket.has_acls:
            return _resource(arn, bucket.account, _combined(policy, only, ()), bucket)
        with self._store.read() as tx:
            version = str(wanted.keys.get("s3:versionid", ""))
            own = find_object(tx, bucket, key, version) if key is not None else None
            granted = _granted(tx, bucket, own, asked.partition, blocked, in_bucket=key is None)
            writes = acls.statements(
                tx,
                bucket.grants,
                {"WRITE": acls.BUCKET_ACTIONS["WRITE"]},
                asked.partition,
                ignore_public=blocked.ignore_acls,
            )
            allowed = _texts(granted if key is None else [*granted, *writes])
        if own is None or own.owner == bucket.account or action not in _OF_OBJECT_OWNER:
            return _resource(arn, bucket.account, _combined(policy, only, allowed), bucket)
        return _resource(arn, own.owner, _combined(policy, only, allowed, denials_only=True), bucket)

    async def whole(self, theirs: Asked, bucket: Bucket) -> Bucket:
        """The bucket with all that decides on access. `theirs` is a request of its account."""
        found, name = bucket, bucket.name
        if POLICY not in bucket.told:
            answer = await self._ask(theirs, "GetBucketPolicy", name)
            found = msgspec.structs.replace(found, policy=answer.get("Policy") or None)
        if PUBLIC_ACCESS not in bucket.told:
            answer = await self._ask(theirs, "GetPublicAccessBlock", name)
            told = answer.get("PublicAccessBlockConfiguration")
            found = msgspec.structs.replace(found, public_access=public_access(told) if told else None)
        if OWNERSHIP not in bucket.told:
            answer = await self._ask(theirs, "GetBucketOwnershipControls", name)
            rules: Any = (answer.get("OwnershipControls") or {}).get("Rules") or ({},)
            ownership = rules[0].get("ObjectOwnership", "BucketOwnerEnforced")
            found = msgspec.structs.replace(found, ownership=ownership)
        return found

    def blocked(self, bucket: Bucket) -> PublicAccess:
        """What of public access is blocked, by the bucket and by its account."""
        return (bucket.public_access or NOTHING_BLOCKED).with_all_of(self.blocked_in(bucket.account))

    def blocked_in(self, account: str) -> PublicAccess:
        """What of public access is blocked for all buckets of an account."""
        with self._store.read() as tx:
            return _blocked_in(tx, account)

    async def version_of(self, asked: Asked, bucket: Bucket, key: str, version: str = "") -> str | None:
        """The version of an object that the backend has, the newest one where none is named; None where there
        is no such object. Where there are no versions it is `null`, as S3 calls it."""
        theirs = msgspec.structs.replace(asked, account=bucket.account)
        named = {"Bucket": bucket.name, "Key": key} | ({"VersionId": version} if version else {})
        answer = await self._lookups.ask(theirs, "s3", "HeadObject", **named)
        return str(answer.get("VersionId") or NO_VERSION) if answer is not None else None

    async def _ask(self, theirs: Asked, operation: str, name: str) -> Mapping[str, Any]:
        try:
            return await self._lookups.ask(theirs, "s3", operation, Bucket=name) or {}
        except NotImplementedByServer:
            return {}  # a backend that has no such thing has none of this bucket


def _plain(tx: Transaction, partition: str, name: str) -> tuple[Bucket, str | None] | None:
    """A bucket without ACLs, and the policy that is decided on; it is worked out once until any change."""
    bucket = find(tx, partition, name)
    if bucket is None or bucket.has_acls or not bucket.told >= _DECIDING:
        return None
    blocked = (bucket.public_access or NOTHING_BLOCKED).with_all_of(_blocked_in(tx, bucket.account))
    return bucket, _combined(bucket.policy, bucket.account if blocked.restrict else None, ())


def _blocked_in(tx: Transaction, account: str) -> PublicAccess:
    found = tx.account(account).collection(AccountPublicAccess).find("public-access")
    return found.settings if found is not None else NOTHING_BLOCKED


def find_object(tx: Transaction, bucket: Bucket, key: str, version: str = "") -> OwnObject | None:
    """What is kept of an object; None where its bucket's owner owns it, and has not let others in."""
    if not bucket.objects:
        return None
    return tx.account(bucket.account).collection(OwnObject).find(object_key(bucket.name, key, version))


def public_access(told: Mapping[str, Any]) -> PublicAccess:
    """A public access block, by the members of S3's model."""
    return PublicAccess(
        block_acls=bool(told.get("BlockPublicAcls")),
        ignore_acls=bool(told.get("IgnorePublicAcls")),
        block_policy=bool(told.get("BlockPublicPolicy")),
        restrict=bool(told.get("RestrictPublicBuckets")),
    )


def _resource(arn: str, owner: str, policy: str | None, bucket: Bucket) -> Resource:
    return Resource(arn=arn, account=owner, policy=policy, entity=bucket)


def _is_owners_own(action: str, bucket: Bucket, caller: Caller | None) -> bool:
    if action not in _OWNERS_OWN or caller is None:
        return False
    return caller.is_root and caller.account == bucket.account


def _granted(
    tx: Transaction,
    bucket: Bucket,
    own: OwnObject | None,
    partition: str,
    blocked: PublicAccess,
    *,
    in_bucket: bool,
) -> list[dict[str, Any]]:
    """What the ACL of the bucket, or that of the object, allows."""
    if not in_bucket and own is None:
        return []
    grants = bucket.grants if own is None else own.grants
    actions = acls.BUCKET_ACTIONS if in_bucket else acls.OBJECT_ACTIONS
    return list(acls.statements(tx, grants, actions, partition, ignore_public=blocked.ignore_acls))


def _texts(statements: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(json.dumps(each, separators=(",", ":")) for each in statements)


@lru_cache(maxsize=2048)
def _combined(
    policy: str | None, only: str | None, allowed: tuple[str, ...], *, denials_only: bool = False
) -> str | None:
    """One policy: of a bucket's own (or only what it denies), of what RestrictPublicBuckets forbids where it
    is on for the account `only`, and of what ACLs allow."""
    restricted = policy is not None and only is not None and is_public(document(policy))
    if not restricted and not allowed and not denials_only:
        return policy
    told: dict[str, Any] = json.loads(policy, parse_float=str) if policy is not None else {}
    own = told.get("Statement", [])
    statements = [own] if isinstance(own, dict) else list(own)
    if denials_only:
        statements = [each for each in statements if each["Effect"] == "Deny"]
    if restricted and only is not None:
        statements.append(_only_for(only))
    statements += map(json.loads, allowed)
    if not statements:
        return None
    whole = {"Version": told.get("Version", "2008-10-17"), "Statement": statements}
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)


def _only_for(owner: str) -> dict[str, Any]:
    """A public policy is for the bucket's own account, and for AWS's services."""
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

"""The operations of S3 that say who may use a bucket: they are done here, the backend never hears of them.

A backend is no authority on access: one that took a policy to heart would refuse what the policies around it
allow, and one that does not would lose it. So a bucket's policy, its public access block, its ownership
controls and an account's public access block are put, read and deleted here.
Source: "PutBucketPolicy", "PutPublicAccessBlock" (of S3 and of S3 Control) and "PutBucketOwnershipControls"
in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, get_args

import msgspec

from rolekeeper.errors import AccessDenied
from rolekeeper.errors.buckets import (
    InvalidBucketAclWithObjectOwnership,
    NoSuchBucketPolicy,
    NoSuchPublicAccessBlockConfiguration,
    OwnershipControlsNotFoundError,
)
from rolekeeper.errors.paths import MalformedXml, MethodNotAllowed
from rolekeeper.gateway import bucket_policies
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.bucket_access import BucketAccess, public_access
from rolekeeper.gateway.owners import Change, find
from rolekeeper.iam.buckets import (
    ENCRYPTION,
    OWNERSHIP,
    POLICY,
    PUBLIC_ACCESS,
    AccountPublicAccess,
    Bucket,
    Encryption,
    Ownership,
    PublicAccess,
)
from rolekeeper.policy.public import is_public
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Caller
from rolekeeper.store.contract import Store, Transaction

Answer = Mapping[str, Any]
Answering = Callable[[Asked, Bucket, Caller], Awaitable[Answer]]

_NOTHING: Final[Answer] = {}
_BLOCK: Final = "PublicAccessBlockConfiguration"


class BucketSettings:
    """Does those operations, after they were allowed."""

    def __init__(self, store: Store, access: BucketAccess, change: Change) -> None:
        self._store = store
        self._access = access
        self._change = change
        self._of_buckets: Mapping[str, Answering] = {
            "PutBucketPolicy": self._put_policy,
            "GetBucketPolicy": self._get_policy,
            "DeleteBucketPolicy": self._delete_policy,
            "GetBucketPolicyStatus": self._policy_status,
            "PutPublicAccessBlock": self._put_block,
            "GetPublicAccessBlock": self._get_block,
            "DeletePublicAccessBlock": self._delete_block,
            "PutBucketOwnershipControls": self._put_ownership,
            "GetBucketOwnershipControls": self._get_ownership,
            "DeleteBucketOwnershipControls": self._delete_ownership,
        }

    def does(self, asked: Asked) -> bool:
        """Whether an operation on a bucket is done here."""
        return asked.operation.name in self._of_buckets

    async def answer(self, asked: Asked, known: Bucket, caller: Caller) -> Answer:
        """Do the operation; the answer by the names of S3's model, or an AwsError."""
        theirs = msgspec.structs.replace(asked, account=known.account)
        bucket = await self._access.whole(theirs, known)
        return await self._of_buckets[asked.operation.name](asked, bucket, caller)

    # -- the policy ---------------------------------------------------------------------------------

    async def _put_policy(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        _require_own(bucket, caller)
        with self._store.read() as tx:
            text = _text(asked.members.get("Policy"))
            kept = bucket_policies.bind(tx, bucket.partition, bucket.account, bucket.name, text)
        if self._access.blocked(bucket).block_policy and is_public(document(kept)):
            raise blocked("policies", "BlockPublicPolicy", "s3:PutBucketPolicy", bucket_arn(bucket), caller)
        await self._keep(bucket, POLICY, policy=kept)
        return _NOTHING

    async def _get_policy(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        _require_own(bucket, caller)
        if bucket.policy is None:
            raise NoSuchBucketPolicy
        with self._store.read() as tx:
            return {"Policy": bucket_policies.show(tx, bucket.partition, bucket.policy)}

    async def _delete_policy(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        _require_own(bucket, caller)
        await self._keep(bucket, POLICY, policy=None)
        return _NOTHING

    async def _policy_status(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        if bucket.policy is None:
            raise NoSuchBucketPolicy
        return {"PolicyStatus": {"IsPublic": is_public(document(bucket.policy))}}

    # -- the public access block --------------------------------------------------------------------

    async def _put_block(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        await self._keep(bucket, PUBLIC_ACCESS, public_access=_block_in(asked))
        return _NOTHING

    async def _get_block(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        return _shown(bucket.public_access)

    async def _delete_block(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        await self._keep(bucket, PUBLIC_ACCESS, public_access=None)
        return _NOTHING

    async def answer_account(self, asked: Asked, caller: Caller) -> Answer | None:
        """Do an operation of S3 Control on the public access block of the caller's account; None for others.

        AccessDenied for another account's.
        """
        done = {
            "PutPublicAccessBlock": self._put_account_block,
            "GetPublicAccessBlock": self._get_account_block,
            "DeletePublicAccessBlock": self._delete_account_block,
        }.get(asked.operation.name)
        if done is None:
            return None
        if asked.members.get("AccountId") != caller.account:
            raise AccessDenied("Access Denied")
        return await done(asked, caller.account)

    async def _put_account_block(self, asked: Asked, account: str) -> Answer:
        await self._keep_account(account, _block_in(asked))
        return _NOTHING

    async def _get_account_block(self, asked: Asked, account: str) -> Answer:
        with self._store.read() as tx:
            found = tx.account(account).collection(AccountPublicAccess).find("public-access")
        return _shown(found.settings if found is not None else None)

    async def _delete_account_block(self, asked: Asked, account: str) -> Answer:
        await self._keep_account(account, None)
        return _NOTHING

    # -- ownership ----------------------------------------------------------------------------------

    async def _put_ownership(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        told = asked.members.get("OwnershipControls") or {}
        rules = told.get("Rules") or ()
        named = [rule.get("ObjectOwnership") for rule in rules]
        if len(named) != 1 or named[0] not in get_args(Ownership):
            raise MalformedXml
        if named[0] == "BucketOwnerEnforced" and bucket.grants:
            raise InvalidBucketAclWithObjectOwnership
        await self._keep(bucket, OWNERSHIP, ownership=named[0])
        return _NOTHING

    async def _get_ownership(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        if bucket.ownership is None:
            raise OwnershipControlsNotFoundError
        return {"OwnershipControls": {"Rules": [{"ObjectOwnership": bucket.ownership}]}}

    async def _delete_ownership(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        await self._keep(bucket, OWNERSHIP, ownership=None)
        return _NOTHING

    # -- encryption ---------------------------------------------------------------------------------

    async def encrypted(self, bucket: Bucket, encryption: Encryption | None) -> None:
        """Keep what the backend was told of how the bucket is encrypted: by it uploads are decided."""
        await self._keep(bucket, ENCRYPTION, encryption=encryption)

    # -- keeping ------------------------------------------------------------------------------------

    async def _keep(self, bucket: Bucket, aspect: str, **changes: Any) -> None:
        def put() -> None:
            with self._store.write() as tx:
                change(tx, bucket, aspect, **changes)

        await self._change(put)

    async def _keep_account(self, account: str, settings: PublicAccess | None) -> None:
        def put() -> None:
            with self._store.write() as tx:
                kept = tx.account(account).collection(AccountPublicAccess)
                before = kept.find("public-access")
                if before is not None:
                    kept.delete(before)
                if settings is not None:
                    kept.add(AccountPublicAccess(account=account, settings=settings))

        await self._change(put)


def change(tx: Transaction, bucket: Bucket, aspect: str, **changes: Any) -> None:
    """Set one aspect of a bucket, which is known from now on; not of one that is gone."""
    found = find(tx, bucket.partition, bucket.name)
    if found is not None and found.account == bucket.account:
        told = found.told | {aspect}
        tx.account(found.account).collection(Bucket).put(msgspec.structs.replace(found, told=told, **changes))


def bucket_arn(bucket: Bucket) -> str:
    """The ARN of a bucket."""
    return f"arn:{bucket.partition}:s3:::{bucket.name}"


def blocked(what: str, setting: str, action: str, arn: str, caller: Caller) -> AccessDenied:
    """The refusal of what a public access block does not let anybody set."""
    return AccessDenied(
        f'User: {caller.principal.arn} is not authorized to perform: {action} on resource: "{arn}" because '
        f"public {what} are prevented by the {setting} setting in S3 Block Public Access."
    )


def _require_own(bucket: Bucket, caller: Caller) -> None:
    """A bucket's policy is for its own account to see and to change, whoever else is allowed to."""
    if caller.account != bucket.account:
        raise MethodNotAllowed


def _text(policy: Any) -> str:
    return policy.decode(errors="replace") if isinstance(policy, bytes) else str(policy or "")


def _block_in(asked: Asked) -> PublicAccess:
    told = asked.members.get(_BLOCK)
    if not isinstance(told, Mapping):
        raise MalformedXml
    return public_access(told)


def _shown(block: PublicAccess | None) -> Answer:
    if block is None:
        raise NoSuchPublicAccessBlockConfiguration
    return {
        _BLOCK: {
            "BlockPublicAcls": block.block_acls,
            "IgnorePublicAcls": block.ignore_acls,
            "BlockPublicPolicy": block.block_policy,
            "RestrictPublicBuckets": block.restrict,
        }
    }

"""Everything about buckets that decides on access, in one place: whose they are, who may use them, and the
operations which say so.

Who names an account with `x-amz-expected-bucket-owner` is answered for a bucket of that account only.
Source: "Verifying bucket ownership with bucket owner condition" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied
from rolekeeper.errors.buckets import BucketAlreadyExists, NoSuchBucket
from rolekeeper.gateway import acls, shown_owners
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.bucket_access import BucketAccess
from rolekeeper.gateway.bucket_acls import FOLLOWED, BucketAcls, forget_all
from rolekeeper.gateway.bucket_settings import Answer, BucketSettings
from rolekeeper.gateway.canonical_ids import id_of
from rolekeeper.gateway.owners import Change, Owners
from rolekeeper.gateway.rules import Lookups
from rolekeeper.gateway.s3.encryption import change_of
from rolekeeper.iam.buckets import OWNERSHIP, Bucket
from rolekeeper.service.call import ANONYMOUS, Caller, Resource
from rolekeeper.store.contract import Store

KEPT_BACK: Final = acls.MEMBERS | {"ObjectOwnership", "ExpectedBucketOwner", "ExpectedSourceBucketOwner"}
"""The members of S3's requests that are seen to here, and that the backend is not told."""

_ENCRYPTION: Final = ("PutBucketEncryption", "DeleteBucketEncryption")


class Buckets:
    """The resources of S3."""

    def __init__(
        self, store: Store, lookups: Lookups, change: Change, now: Callable[[], datetime], *, home: str
    ) -> None:
        self._store = store
        self._lookups = lookups
        self._change = change
        self._owners = Owners(store, lookups, change, now, home=home)
        self._access = BucketAccess(store, lookups)
        self._settings = BucketSettings(store, self._access, change)
        self._acls = BucketAcls(store, self._access, change)

    async def resource(self, asked: Asked, wanted: Wanted, arn: Arn, caller: Caller | None) -> Resource:
        """A bucket, or an object in one. One that is not there, or is to be made, is the caller's own;
        NoSuchBucket for a caller without an account."""
        name, slash, key = arn.resource.partition("/")
        new = wanted.action == "s3:CreateBucket"
        plain = self._access.plain(wanted, asked.partition, name) if not new else None
        if plain is not None:
            return plain
        bucket = await self._owners.of(asked, name) if not new else None
        if bucket is None:
            if caller is ANONYMOUS:
                raise NoSuchBucket  # there is no account of whom it could be said to be
            return Resource(arn=str(arn), account=asked.account)
        return await self._access.resource(asked, wanted, bucket, key if slash else None, caller)

    async def answer(self, asked: Asked, caller: Caller) -> Answer | None:
        """The answer of an operation that is done here, None where the backend is to do it; AwsError where it
        must not be done. Its accesses were allowed."""
        operation = asked.operation.name
        if asked.service.name == "s3control":
            return await self._settings.answer_account(asked, caller)
        if operation == "ListBuckets":
            return await self._list(asked)
        name = asked.members.get("Bucket")
        if not isinstance(name, str):
            return None
        if operation == "CreateBucket":
            await self._check_new(asked, name)
            return None
        bucket = await self._there(asked, name, "ExpectedBucketOwner")
        if "CopySource" in asked.members:
            await self._check_source(asked)
        if self._settings.does(asked):
            return await self._settings.answer(asked, bucket, caller)
        if self._acls.does(asked):
            return await self._acls.answer(asked, bucket, caller)
        await self._acls.check(asked, bucket, caller)
        return None

    def follows(self, asked: Asked) -> bool:
        """Whether `after` has anything to keep."""
        name, operation = asked.members.get("Bucket"), asked.operation.name
        if operation in ("CreateBucket", "DeleteBucket", *_ENCRYPTION):
            return True
        if operation not in FOLLOWED or not isinstance(name, str):
            return False
        bucket = self._owners.known(asked.partition, name)
        return bucket is not None and (bucket.has_acls or bucket.objects or OWNERSHIP not in bucket.told)

    async def after(self, asked: Asked, caller: Caller, answer: Mapping[str, Any]) -> None:
        """Keep what follows from an operation that the backend has done."""
        name, operation = asked.members.get("Bucket"), asked.operation.name
        if not isinstance(name, str):
            return
        if operation == "CreateBucket":
            await self._owners.made(asked, asked.account, name, *self._acls.new_bucket(asked))
            return
        bucket = self._owners.known(asked.partition, name)
        if bucket is None:
            return
        if operation == "DeleteBucket":
            await self._gone(bucket)
        elif operation in _ENCRYPTION:
            await self._settings.encrypted(bucket, change_of(asked))
        else:
            await self._acls.written(asked, bucket, caller, answer)

    def owners_told(self, asked: Asked, body: bytes) -> bytes:
        """A listing with the owners that objects have."""
        bucket = self._owners.known(asked.partition, str(asked.members.get("Bucket")))
        if bucket is None:
            return body
        with self._store.read() as tx:
            return shown_owners.told(tx, asked, bucket, body)

    async def _there(self, asked: Asked, name: str, expected: str) -> Bucket:
        """The bucket; NoSuchBucket, and AccessDenied where the request expects it to be another account's."""
        bucket = await self._owners.of(asked, name)
        if bucket is None:
            raise NoSuchBucket
        if asked.members.get(expected, bucket.account) != bucket.account:
            raise AccessDenied("Access Denied")
        return bucket

    async def _check_source(self, asked: Asked) -> None:
        source = asked.members.get("CopySource")
        if isinstance(source, str) and "ExpectedSourceBucketOwner" in asked.members:
            await self._there(asked, source.lstrip("/").partition("/")[0], "ExpectedSourceBucketOwner")

    async def _check_new(self, asked: Asked, name: str) -> None:
        """Refuse to make a bucket that is another account's; forget one that the backend no longer has."""
        self._acls.new_bucket(asked)
        bucket = await self._owners.of(asked, name)
        if bucket is None:
            return
        if not await self._owners.is_there(asked, bucket):
            await self._gone(bucket)
        elif bucket.account != asked.account:
            raise BucketAlreadyExists

    async def _gone(self, bucket: Bucket) -> None:
        def forget() -> None:
            with self._store.write() as tx:
                forget_all(tx, bucket)

        if bucket.objects:
            await self._change(forget)
        await self._owners.gone(bucket.partition, bucket.name)

    async def _list(self, asked: Asked) -> Answer | None:
        """The buckets of the caller's account, as the backend shows them; it does not know whose they are."""
        listed = await self._lookups.ask(asked, "s3", "ListBuckets", **asked.members)
        if listed is None:
            return None
        own = []
        for each in listed.get("Buckets") or ():
            bucket = await self._owners.of(asked, each["Name"])
            if bucket is not None and bucket.account == asked.account:
                own.append(each)
        with self._store.read() as tx:
            owner = {"ID": id_of(tx, asked.account)}
        told = {name: value for name, value in listed.items() if name in ("ContinuationToken", "Prefix")}
        return {"Buckets": own, "Owner": owner, **told}

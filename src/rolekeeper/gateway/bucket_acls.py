"""ACLs of buckets and objects, and who owns an object: done and kept here, as everything on access is.

In a bucket whose owner owns all that is in it, which is every new one, there are no ACLs: a request may say
that the bucket's owner has full control, and nothing else. Otherwise who writes an object owns it, unless the
bucket's owner is preferred and is given full control.
Source: "Controlling ownership of objects and disabling ACLs for your bucket" and "Access control list (ACL)
overview" in the Amazon S3 User Guide; "PutBucketAcl" and "PutObjectAcl" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rolekeeper.errors.buckets import (
    AccessControlListNotSupported,
    InvalidBucketAclWithBlockPublicAccess,
    InvalidBucketAclWithObjectOwnership,
    MalformedAclError,
    NoSuchKey,
)
from rolekeeper.gateway import acls
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.bucket_access import BucketAccess, find_object
from rolekeeper.gateway.bucket_settings import Answer, blocked, bucket_arn, change
from rolekeeper.gateway.canonical_ids import id_of
from rolekeeper.gateway.owners import Change, find
from rolekeeper.iam.buckets import ACL, NO_VERSION, Bucket, Grants, Ownership, OwnObject, object_key
from rolekeeper.service.call import Caller
from rolekeeper.store.contract import Store, Transaction

_WRITES = frozenset({"PutObject", "CopyObject", "CompleteMultipartUpload"})
FOLLOWED = _WRITES | {"AbortMultipartUpload", "CreateMultipartUpload", "DeleteObject", "DeleteObjects"}
"""The operations after which something may have to be kept of an object."""

_OF_BUCKETS, _OF_OBJECTS = ("GetBucketAcl", "PutBucketAcl"), ("GetObjectAcl", "PutObjectAcl")
_OF_ACLS = frozenset((*_OF_BUCKETS, *_OF_OBJECTS))


class BucketAcls:
    """Sees to ACLs and to the owners of objects."""

    def __init__(self, store: Store, access: BucketAccess, change: Change) -> None:
        self._store = store
        self._access = access
        self._change = change

    def does(self, asked: Asked) -> bool:
        """Whether an operation is done here."""
        return asked.operation.name in _OF_ACLS

    async def answer(self, asked: Asked, known: Bucket, caller: Caller) -> Answer:
        """Read or set an ACL; the answer by the names of S3's model, or an AwsError."""
        bucket = await self._whole(asked, known)
        if asked.operation.name in _OF_BUCKETS:
            return await self._of_bucket(asked, bucket, caller)
        return await self._of_object(asked, bucket, caller)

    async def check(self, asked: Asked, known: Bucket, caller: Caller) -> None:
        """Refuse to write an object with an ACL that it cannot have."""
        if acls.has_acl(asked.members):
            self._checked(asked, await self._whole(asked, known), caller)

    def new_bucket(self, asked: Asked) -> tuple[Ownership, Grants]:
        """The ownership and the ACL of a bucket that is to be made; AwsError where it cannot have them."""
        ownership: Ownership = asked.members.get("ObjectOwnership") or "BucketOwnerEnforced"
        with self._store.read() as tx:
            owner = id_of(tx, asked.account)
            grants = acls.read(tx, asked.members, owner, owner)
        if grants and ownership == "BucketOwnerEnforced":
            raise InvalidBucketAclWithObjectOwnership
        if acls.is_public(grants):
            raise InvalidBucketAclWithBlockPublicAccess
        return ownership, grants

    async def written(self, asked: Asked, known: Bucket, caller: Caller, answer: Mapping[str, Any]) -> None:
        """Keep whose an object is that was written, begun or copied, and its ACL; forget a deleted one's."""
        name, bucket = asked.operation.name, await self._whole(asked, known)
        if name == "DeleteObject":
            await self._forget(asked, bucket, [{"Key": asked.members["Key"], **answer}])
        elif name == "DeleteObjects":
            await self._forget(asked, bucket, answer.get("Deleted") or ())
        elif name == "AbortMultipartUpload":
            upload = f"upload:{asked.members.get('UploadId')}"
            await self._keep(bucket, [], [object_key(bucket.name, str(asked.members["Key"]), upload)])
        elif name == "CreateMultipartUpload" and bucket.has_acls:
            own = self._own(asked, bucket, caller, f"upload:{answer.get('UploadId')}")
            await self._keep(bucket, [own], [])
        elif name in _WRITES and (bucket.has_acls or bucket.objects):
            await self._keep_written(asked, bucket, caller, answer)

    # -- reading and setting ------------------------------------------------------------------------

    async def _of_bucket(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        if asked.operation.name == "GetBucketAcl":
            with self._store.read() as tx:
                grants = bucket.grants if bucket.has_acls else ()
                return acls.shown(self._effective(bucket, grants), id_of(tx, bucket.account))
        grants = self._checked(asked, bucket, caller, required=True)
        await self._change(lambda: self._set(bucket, grants))
        return {}

    async def _of_object(self, asked: Asked, bucket: Bucket, caller: Caller) -> Answer:
        key, version = str(asked.members["Key"]), str(asked.members.get("VersionId") or "")
        found = await self._access.version_of(asked, bucket, key, version)
        if found is None:
            raise NoSuchKey
        with self._store.read() as tx:
            own = find_object(tx, bucket, key, version) if bucket.has_acls else None
            owner = own.owner if own is not None else bucket.account
            if asked.operation.name == "GetObjectAcl":
                grants = self._effective(bucket, own.grants if own is not None else ())
                return acls.shown(grants, id_of(tx, owner))
        grants = self._checked(asked, bucket, caller, required=True, owner=owner)
        kept = OwnObject(
            account=bucket.account, bucket=bucket.name, name=key, version=found, owner=owner, grants=grants
        )
        newest = found if not version else await self._access.version_of(asked, bucket, key)
        await self._keep(bucket, _in_places(kept, newest=newest == found), [])
        return {}

    def _checked(
        self,
        asked: Asked,
        bucket: Bucket,
        caller: Caller,
        *,
        required: bool = False,
        owner: str | None = None,
    ) -> Grants:
        """The ACL that a request says; AwsError where the bucket takes none, or none that is public."""
        if required and not acls.has_acl(asked.members):
            raise MalformedAclError
        with self._store.read() as tx:
            bucket_owner = id_of(tx, bucket.account)
            of_bucket = asked.operation.name in _OF_BUCKETS
            own = owner or caller.account or "anonymous"
            if of_bucket or not bucket.has_acls:
                own = bucket.account
            grants = acls.read(tx, asked.members, id_of(tx, own), bucket_owner)
        if not bucket.has_acls:
            if not acls.gives_bucket_owner_all(asked.members, grants, bucket_owner):
                raise AccessControlListNotSupported
            return ()
        if acls.is_public(grants) and self._access.blocked(bucket).block_acls:
            arn = bucket_arn(bucket) if of_bucket else f"{bucket_arn(bucket)}/{asked.members.get('Key')}"
            setting = "PutBucketAcl" if of_bucket else "PutObjectAcl"
            raise blocked("ACLs", "BlockPublicAcls", f"s3:{setting}", arn, caller)
        return grants

    def _effective(self, bucket: Bucket, grants: Grants) -> Grants:
        """An ACL as it is told: without what a public access block lets count for nothing."""
        if not self._access.blocked(bucket).ignore_acls:
            return grants
        return tuple(each for each in grants if not acls.is_public((each,)))

    async def _whole(self, asked: Asked, known: Bucket) -> Bucket:
        return await self._access.whole(msgspec.structs.replace(asked, account=known.account), known)

    # -- keeping ------------------------------------------------------------------------------------

    def _set(self, bucket: Bucket, grants: Grants) -> None:
        with self._store.write() as tx:
            change(tx, bucket, ACL, grants=grants)

    def _own(self, asked: Asked, bucket: Bucket, caller: Caller, version: str = "") -> OwnObject:
        """What is to be kept of an object that the caller writes, with the ACL that the request says."""
        writer = caller.account or "anonymous"
        with self._store.read() as tx:
            bucket_owner = id_of(tx, bucket.account)
            grants = acls.read(tx, asked.members, id_of(tx, writer), bucket_owner)
        preferred = bucket.ownership == "BucketOwnerPreferred"
        if preferred and asked.members.get("ACL") == "bucket-owner-full-control":
            writer, grants = bucket.account, ()
        return OwnObject(
            account=bucket.account,
            bucket=bucket.name,
            name=str(asked.members["Key"]),
            version=version,
            owner=writer,
            grants=grants,
        )

    async def _keep_written(
        self, asked: Asked, bucket: Bucket, caller: Caller, answer: Mapping[str, Any]
    ) -> None:
        key, version = str(asked.members["Key"]), str(answer.get("VersionId") or NO_VERSION)
        upload = asked.members.get("UploadId")
        begun = None
        if upload is not None:
            with self._store.read() as tx:
                begun = find_object(tx, bucket, key, f"upload:{upload}")
        own = begun if upload is not None else self._own(asked, bucket, caller)
        kept: list[OwnObject] = []
        if own is not None and bucket.has_acls and not _is_plain(own, bucket):
            kept = _in_places(msgspec.structs.replace(own, version=version), newest=True)
        gone = [object_key(bucket.name, key, each) for each in ("", version)]
        if begun is not None:
            gone.append(begun.key)
        await self._keep(bucket, kept, gone)

    async def _forget(self, asked: Asked, bucket: Bucket, deleted: Iterable[Mapping[str, Any]]) -> None:
        """Forget what was deleted, by the members of an answer; below a delete marker an object lives on, and
        without its newest version the one before is the newest."""
        if not bucket.objects:
            return
        kept, gone = [], []
        for each in deleted:
            if each.get("DeleteMarker"):
                continue
            key = str(each["Key"])
            gone += [object_key(bucket.name, key, at) for at in ("", each.get("VersionId") or NO_VERSION)]
            newest = await self._access.version_of(asked, bucket, key) if each.get("VersionId") else None
            with self._store.read() as tx:
                own = find_object(tx, bucket, key, newest) if newest is not None else None
            if own is not None and own.key not in gone:
                kept += _in_places(own, newest=True)
        await self._keep(bucket, kept, gone)

    async def _keep(self, bucket: Bucket, kept: list[OwnObject], gone: list[str]) -> None:
        """Keep what is to be kept of objects, in place of what was; write nothing where nothing is new."""
        with self._store.read() as tx:
            if not kept and not any(_find(tx, bucket, key) for key in gone):
                return

        def put() -> None:
            with self._store.write() as tx:
                _replace(tx, bucket, kept, gone)

        await self._change(put)


def forget_all(tx: Transaction, bucket: Bucket) -> None:
    """Forget all objects of a bucket that is gone."""
    objects = tx.account(bucket.account).collection(OwnObject)
    start, more = f"{bucket.name}/", bucket.objects
    while more:
        page, _ = objects.page(after=start)
        mine = [each for each in page if each.bucket == bucket.name]
        for each in mine:
            objects.delete(each)
        more = bool(mine)


def _find(tx: Transaction, bucket: Bucket, key: str) -> OwnObject | None:
    return tx.account(bucket.account).collection(OwnObject).find(key) if bucket.objects else None


def _replace(tx: Transaction, bucket: Bucket, kept: list[OwnObject], gone: list[str]) -> None:
    state = tx.account(bucket.account)
    objects = state.collection(OwnObject)
    for key in {*gone, *(each.key for each in kept)}:
        before = objects.find(key)
        if before is not None:
            objects.delete(before)
    for each in kept:
        objects.add(each)
    there = find(tx, bucket.partition, bucket.name)
    if kept and there is not None and not there.objects:
        state.collection(Bucket).put(msgspec.structs.replace(there, objects=True))


def _in_places(own: OwnObject, *, newest: bool) -> list[OwnObject]:
    """What is kept of one version of an object: by its version, and as the newest one where it is that."""
    return [own, msgspec.structs.replace(own, version="")] if newest else [own]


def _is_plain(own: OwnObject, bucket: Bucket) -> bool:
    """Whether nothing is to be said of the object: the bucket's owner owns it, and nobody else is let in."""
    return own.owner == bucket.account and not own.grants

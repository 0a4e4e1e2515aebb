"""Objects under a KMS key: S3 uses it as the caller, who must be allowed to.

Writing makes a data key, reading opens it again. The key is in the request, in the bucket's settings or, for
what is read, in the head of the answer. S3's own key needs no permission of anybody's; a caller without
credentials can use no key at all.
Source: "Using server-side encryption with AWS KMS keys (SSE-KMS)" and "Setting default server-side encryption
behavior for Amazon S3 buckets" in the Amazon S3 User Guide; the operations' permissions in the Amazon S3 API
Reference.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolekeeper.errors import InvalidArgument, NotImplementedByServer
from rolekeeper.gateway import used_keys
from rolekeeper.gateway.answers import Answer
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.rules import Besides, Lookups
from rolekeeper.gateway.s3.names import bucket_arn, bucket_of, key_of, object_arn, sources
from rolekeeper.gateway.services import kms
from rolekeeper.iam.buckets import ENCRYPTION, Bucket, Encryption
from rolekeeper.service.call import Resource

_HEAD = "x-amz-server-side-encryption"
_NO_KEY = (
    "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."
)


def encrypting(asked: Asked, *actions: str) -> Iterator[Wanted]:
    """The accesses to the key that a request names for what it writes."""
    key = asked.members.get("SSEKMSKeyId")
    if isinstance(key, str) and key:
        _require_signed(asked)
        whole = bool(asked.members.get("BucketKeyEnabled"))
        yield from kms.through(asked, "s3", key, actions, _context(asked, whole=whole))


# -- the bucket's settings --------------------------------------------------------------------------


async def on_upload(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of the bucket, for an object of which the request does not say how it is encrypted."""
    return await _upload(lookups, asked, resources, ("GenerateDataKey",))


async def on_upload_in_parts(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The same for an upload in parts, each of which is put to those before it."""
    return await _upload(lookups, asked, resources, used_keys.WRITING)


async def on_copy(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of what a copy reads, and that of what it writes."""
    written = await on_upload(lookups, asked, resources)
    read = await on_source(lookups, asked, resources)
    return Besides(wanted=(*read.wanted, *written.wanted), members=written.members)


def change_of(asked: Asked) -> Encryption | None:
    """What a request makes the encryption of a bucket, which PutBucketEncryption says."""
    return _default(asked.members.get("ServerSideEncryptionConfiguration") or {})


def _default(told: Mapping[str, Any]) -> Encryption | None:
    for rule in told.get("Rules") or ():
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        algorithm = str(default.get("SSEAlgorithm"))
        if algorithm.startswith("aws:kms"):
            key, whole = default.get("KMSMasterKeyID"), rule.get("BucketKeyEnabled")
            return Encryption(algorithm=algorithm, key=str(key or ""), bucket_key=bool(whole))
    return None


async def _upload(
    lookups: Lookups, asked: Asked, resources: Sequence[Resource], actions: tuple[str, ...]
) -> Besides:
    members = asked.members
    named = members.get("SSEKMSKeyId")
    if named:
        key = await used_keys.find(lookups, asked, asked, named) if not _is_whole(named) else None
        # A backend is told the key that was decided on, which another account's alias may not be.
        return Besides(members={"SSEKMSKeyId": key.arn}) if key is not None and key.known else Besides()
    if members.get("ServerSideEncryption") or members.get("SSECustomerAlgorithm"):
        return Besides()
    bucket = next((on.entity for on in resources if _is_bucket(on, members.get("Bucket"))), None)
    default = await _of_bucket(lookups, asked, bucket) if isinstance(bucket, Bucket) else None
    if default is None:
        return Besides()
    _require_signed(asked)
    key = await used_keys.find(lookups, asked, asked, default.key)
    if key is None:
        return Besides()
    wanted = key.asked(asked, "s3", actions, _context(asked, whole=default.bucket_key))
    told: dict[str, Any] = {"ServerSideEncryption": default.algorithm, "SSEKMSKeyId": key.arn}
    if default.bucket_key:
        told["BucketKeyEnabled"] = True
    return Besides(wanted=wanted, members=told if key.known else {})


async def _of_bucket(lookups: Lookups, asked: Asked, bucket: Bucket) -> Encryption | None:
    if ENCRYPTION in bucket.told:
        return bucket.encryption
    theirs = msgspec.structs.replace(asked, account=bucket.account)
    try:
        answer = await lookups.ask(theirs, "s3", "GetBucketEncryption", Bucket=bucket.name)
    except NotImplementedByServer:
        return None
    return _default((answer or {}).get("ServerSideEncryptionConfiguration") or {})


# -- what is read -----------------------------------------------------------------------------------


async def of_answer(lookups: Lookups, asked: Asked, there: Asked, answer: Answer) -> Iterable[Wanted]:
    """The key of an object that is read, or of an upload of which it is a part: the answer's head has it."""
    algorithm = answer.header(_HEAD)
    if algorithm is None or not algorithm.startswith("aws:kms"):
        return ()
    key, whole = answer.header(f"{_HEAD}-aws-kms-key-id"), answer.header(f"{_HEAD}-bucket-key-enabled")
    arn = _of_bucket_or_object(asked, bucket_of(asked), key_of(asked), whole=whole == "true")
    return await _reading(lookups, asked, there, key, arn)


async def of_checksum(lookups: Lookups, asked: Asked, there: Asked, answer: Answer) -> Iterable[Wanted]:
    """The same for the head of an object, which is open; only its checksum is not."""
    if asked.members.get("ChecksumMode") != "ENABLED":
        return ()
    return await of_answer(lookups, asked, there, answer)


async def on_source(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of what is copied, which only its head tells: the answer is about the copy."""
    wanted: list[Wanted] = []
    for source in sources(asked):
        version = {"VersionId": source.version} if source.version is not None else {}
        wanted += await reading(lookups, asked, resources, source.bucket, source.key, version)
    return Besides(wanted=tuple(wanted))


async def on_object(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """The key of an object whose answer does not tell it."""
    told = asked.members.get("ObjectAttributes")
    if told is not None and "Checksum" not in told:
        return Besides()
    version = asked.members.get("VersionId")
    named = {"VersionId": version} if version is not None else {}
    found = await reading(lookups, asked, resources, bucket_of(asked), key_of(asked), named)
    return Besides(wanted=tuple(found))


async def reading(
    lookups: Lookups,
    asked: Asked,
    resources: Sequence[Resource],
    bucket: str,
    key: str,
    version: Mapping[str, str],
) -> Iterable[Wanted]:
    """The access to the key of an object that is among what a request reads."""
    has = next((on.entity for on in resources if _is_bucket(on, bucket)), None)
    if not isinstance(has, Bucket):
        return ()
    there = msgspec.structs.replace(asked, account=has.account)
    head = await lookups.ask(there, "s3", "HeadObject", Bucket=bucket, Key=key, **version) or {}
    if not str(head.get("ServerSideEncryption") or "").startswith("aws:kms"):
        return ()
    arn = _of_bucket_or_object(asked, bucket, key, whole=bool(head.get("BucketKeyEnabled")))
    return await _reading(lookups, asked, there, head.get("SSEKMSKeyId"), arn)


async def _reading(
    lookups: Lookups, asked: Asked, there: Asked, key: str | None, arn: str
) -> tuple[Wanted, ...]:
    _require_signed(asked)
    found = await used_keys.find(lookups, asked, there, key)
    return found.asked(asked, "s3", used_keys.READING, {"aws:s3:arn": arn}) if found is not None else ()


def _require_signed(asked: Asked) -> None:
    """Refuse somebody without credentials, for whom S3 can ask for nothing."""
    if not asked.account:
        raise InvalidArgument(_NO_KEY)


# -- the encryption context -------------------------------------------------------------------------


def _context(asked: Asked, *, whole: bool) -> dict[str, str]:
    """What goes with a key: what the request says, and the ARN, which is the bucket's where one key serves
    all of that."""
    own = _of_bucket_or_object(asked, bucket_of(asked), key_of(asked), whole=whole)
    return {"aws:s3:arn": own, **_given(asked.members.get("SSEKMSEncryptionContext"))}


def _given(text: Any) -> dict[str, str]:
    if not text:
        return {}
    try:
        found = json.loads(base64.b64decode(str(text), validate=True))
    except (binascii.Error, ValueError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise InvalidArgument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded JSON"
        )
    return found


def _of_bucket_or_object(asked: Asked, bucket: str, key: str, *, whole: bool) -> str:
    return bucket_arn(asked, bucket) if whole else object_arn(asked, bucket, key)


def _is_bucket(on: Resource, name: Any) -> bool:
    return isinstance(on.entity, Bucket) and on.entity.name == name


def _is_whole(key: str) -> bool:
    """Whether what a request calls a key cannot mean another one elsewhere."""
    return ":key/" in key

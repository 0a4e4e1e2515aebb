"""S3: an operation of a bucket is asked on the bucket, one of an object on the object or on its version.

Whoever names a version of an object needs the action on versions. A copy reads its source and writes what it
makes. An upload that says tags, a lock or grants to others besides is asked for those too; a grant to the
bucket's owner comes with the upload. Configurations of a bucket have one action to put and to delete them.
Source: "Required permissions for Amazon S3 API operations" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from rolekeeper.gateway import request_tags
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.s3 import encryption, uploads
from rolekeeper.gateway.s3.encryption import encrypting
from rolekeeper.gateway.s3.keys import keys, object_tags
from rolekeeper.gateway.s3.names import (
    bucket_arn,
    bucket_of,
    checked_key,
    key_of,
    object_arn,
    sources,
    version_of,
)
from rolekeeper.gateway.s3.state import TAG_KEYS, TAGS
from rolekeeper.gateway.services.kms import RULES as KMS

Asking = Callable[[Asked], Iterable[Wanted]]

_BUCKET = {
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    **{
        name: name
        for name in (
            *("CreateBucketMetadataTableConfiguration", "DeleteBucket", "DeleteBucketPolicy"),
            *("DeleteBucketMetadataTableConfiguration", "DeleteBucketWebsite", "GetBucketAbac"),
            *("GetBucketAcl", "GetBucketLocation", "GetBucketLogging", "GetBucketNotification"),
            *("GetBucketMetadataTableConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy"),
            *("GetBucketPolicyStatus", "GetBucketRequestPayment", "GetBucketTagging"),
            *("GetBucketVersioning", "GetBucketWebsite", "PutBucketAbac", "PutBucketAcl"),
            *("PutBucketLogging", "PutBucketNotification", "PutBucketOwnershipControls"),
            *("PutBucketPolicy", "PutBucketRequestPayment", "PutBucketTagging", "PutBucketVersioning"),
            *("PutBucketWebsite", "UpdateBucketMetadataAnnotationTableConfiguration"),
            "UpdateBucketMetadataInventoryTableConfiguration",
            "UpdateBucketMetadataJournalTableConfiguration",
        )
    },
}
"""By operation: the action on its bucket."""

_OBJECT = {
    "AbortMultipartUpload": ("AbortMultipartUpload", ""),
    "CompleteMultipartUpload": ("PutObject", ""),
    "DeleteObjectAnnotation": ("DeleteObjectAnnotation", "DeleteObjectVersionAnnotation"),
    "DeleteObjectTagging": ("DeleteObjectTagging", "DeleteObjectVersionTagging"),
    "GetObject": ("GetObject", "GetObjectVersion"),
    "GetObjectAcl": ("GetObjectAcl", "GetObjectVersionAcl"),
    "GetObjectAnnotation": ("GetObjectAnnotation", "GetObjectVersionAnnotation"),
    "GetObjectLegalHold": ("GetObjectLegalHold", ""),
    "GetObjectRetention": ("GetObjectRetention", ""),
    "GetObjectTagging": ("GetObjectTagging", "GetObjectVersionTagging"),
    "GetObjectTorrent": ("GetObjectTorrent", ""),
    "HeadObject": ("GetObject", "GetObjectVersion"),
    "ListObjectAnnotations": ("ListObjectAnnotations", "ListObjectVersionAnnotations"),
    "ListParts": ("ListMultipartUploadParts", ""),
    "PutObjectAcl": ("PutObjectAcl", "PutObjectVersionAcl"),
    "PutObjectAnnotation": ("PutObjectAnnotation", "PutObjectVersionAnnotation"),
    "PutObjectLegalHold": ("PutObjectLegalHold", ""),
    "PutObjectTagging": ("PutObjectTagging", "PutObjectVersionTagging"),
    "RestoreObject": ("RestoreObject", ""),
    "SelectObjectContent": ("GetObject", ""),
    "UpdateObjectEncryption": ("UpdateObjectEncryption", ""),
    "UploadPart": ("PutObject", ""),
}
"""By operation: the action on its object, and that on a version of it, where there is one."""

_OF_UPLOADS = ("AbortMultipartUpload", "CompleteMultipartUpload", "ListParts", "UploadPart")
"""The operations on an upload in parts of an object."""

_TO_THE_OWNER = ("private", "bucket-owner-full-control", "bucket-owner-read")
"""Canned ACLs that let in nobody but who uploads and who has the bucket."""


def on_bucket(asked: Asked, action: str) -> Wanted:
    """An access to the bucket of a request."""
    name = f"s3:{action}"
    return Wanted(
        action=name, resource=bucket_arn(asked, bucket_of(asked)), type="bucket", keys=keys(asked, name)
    )


def on_object(asked: Asked, action: str, key: str | None = None) -> Wanted:
    """An access to the object of a request, or to another one in its bucket."""
    name, key = f"s3:{action}", key_of(asked) if key is None else key
    arn = object_arn(asked, bucket_of(asked), key)
    return Wanted(action=name, resource=arn, type="object", keys=keys(asked, name))


def _of_bucket(action: str) -> Asking:
    return lambda asked: (on_bucket(asked, action),)


def _of_object(action: str, of_version: str) -> Asking:
    def asking(asked: Asked) -> Iterator[Wanted]:
        named = version_of(asked.members) is not None
        yield on_object(asked, of_version if named and of_version else action)

    return asking


def _create_bucket(asked: Asked) -> Iterator[Wanted]:
    members = asked.members
    yield on_bucket(asked, "CreateBucket")
    if members.get("ACL") not in (None, "private") or _grants(asked):
        yield on_bucket(asked, "PutBucketAcl")
    if members.get("ObjectLockEnabledForBucket"):
        yield on_bucket(asked, "PutBucketObjectLockConfiguration")
        yield on_bucket(asked, "PutBucketVersioning")
    if members.get("ObjectOwnership") is not None:
        yield on_bucket(asked, "PutBucketOwnershipControls")
    tags = (members.get("CreateBucketConfiguration") or {}).get("Tags") or ()
    if tags:
        given = request_tags.keys((tag.get("Key", ""), tag.get("Value", "")) for tag in tags)
        found = on_bucket(asked, "TagResource")
        yield msgspec.structs.replace(found, keys={**found.keys, **given})


def _upload(asked: Asked) -> Iterator[Wanted]:
    """PutObject, and what CopyObject writes."""
    yield from _written(asked)
    yield from encrypting(asked, "GenerateDataKey")


def _upload_in_parts(asked: Asked) -> Iterator[Wanted]:
    yield from _written(asked)
    yield from encrypting(asked, "GenerateDataKey", "Decrypt")


def _written(asked: Asked) -> Iterator[Wanted]:
    members = asked.members
    yield on_object(asked, "PutObject")
    if members.get("ACL") not in (None, *_TO_THE_OWNER) or _grants_to_groups(asked):
        yield on_object(asked, "PutObjectAcl")
    if object_tags(asked):
        yield on_object(asked, "PutObjectTagging")
    if members.get("ObjectLockMode") is not None or members.get("ObjectLockRetainUntilDate") is not None:
        yield on_object(asked, "PutObjectRetention")
    if members.get("ObjectLockLegalHoldStatus") is not None:
        yield on_object(asked, "PutObjectLegalHold")


def _read_source(asked: Asked) -> Iterator[Wanted]:
    for source in sources(asked):
        version = source.version is not None
        action = "s3:GetObjectVersion" if version else "s3:GetObject"
        given = {key: value for key, value in keys(asked, action).items() if key != "s3:versionid"}
        if source.version is not None:
            given["s3:versionid"] = source.version
        arn = object_arn(asked, source.bucket, source.key)
        yield Wanted(action=action, resource=arn, type="object", keys=given)


def _copy(asked: Asked) -> Iterator[Wanted]:
    yield from _read_source(asked)
    yield from _upload(asked)


def _copy_part(asked: Asked) -> Iterator[Wanted]:
    yield from _read_source(asked)
    yield on_object(asked, "PutObject")


def _delete(asked: Asked) -> Iterator[Wanted]:
    return _deleting(asked, [(key_of(asked), version_of(asked.members))])


def _delete_many(asked: Asked) -> Iterator[Wanted]:
    named = (asked.members.get("Delete") or {}).get("Objects") or ()
    return _deleting(asked, [(checked_key(asked, each.get("Key")), version_of(each)) for each in named])


def _deleting(asked: Asked, objects: list[tuple[str, str | None]]) -> Iterator[Wanted]:
    bypass = bool(asked.members.get("BypassGovernanceRetention"))
    bucket, plain = bucket_of(asked), keys(asked, "s3:DeleteObject")
    versioned = keys(asked, "s3:DeleteObjectVersion")
    for key, version in objects:
        arn = object_arn(asked, bucket, key)
        if version is None:
            yield Wanted(action="s3:DeleteObject", resource=arn, type="object", keys=plain)
        else:
            given = {**versioned, "s3:versionid": version}
            yield Wanted(action="s3:DeleteObjectVersion", resource=arn, type="object", keys=given)
        if bypass:
            yield on_object(asked, "BypassGovernanceRetention", key)


def _retain(asked: Asked) -> Iterator[Wanted]:
    yield on_object(asked, "PutObjectRetention")
    if asked.members.get("BypassGovernanceRetention"):
        yield on_object(asked, "BypassGovernanceRetention")


def _attributes(asked: Asked) -> Iterator[Wanted]:
    """Reading what is known of an object is asked beside reading it."""
    version = "Version" if version_of(asked.members) is not None else ""
    yield on_object(asked, f"GetObject{version}")
    yield on_object(asked, f"GetObject{version}Attributes")


def _buckets(asked: Asked) -> Iterator[Wanted]:
    yield Wanted(action="s3:ListAllMyBuckets", resource="*", keys=keys(asked, "s3:ListAllMyBuckets"))


def _grants(asked: Asked) -> list[str]:
    names = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
    return [str(asked.members[name]) for name in names if asked.members.get(name)]


def _grants_to_groups(asked: Asked) -> bool:
    """Whether an upload lets in everybody, or people by their address: AWS's own examples let an uploader
    with s3:PutObject alone give accounts their rights, by their IDs."""
    return any(
        not part.strip().lower().startswith("id=") for grant in _grants(asked) for part in grant.split(",")
    )


RULES = Rules(
    prefix="s3",
    actions={
        **{name: (action,) for name, action in _BUCKET.items()},
        **{name: (actions[0],) for name, actions in _OBJECT.items()},
        "CopyObject": ("PutObject",),
        "CreateMultipartUpload": ("PutObject",),
        "DeleteObjects": ("DeleteObject",),
        "ListBuckets": ("ListAllMyBuckets",),
        "UploadPartCopy": ("PutObject",),
    },
    special={
        **{name: _of_bucket(action) for name, action in _BUCKET.items()},
        **{name: _of_object(*actions) for name, actions in _OBJECT.items()},
        "CopyObject": _copy,
        "CreateBucket": _create_bucket,
        "CreateMultipartUpload": _upload_in_parts,
        "DeleteObject": _delete,
        "DeleteObjects": _delete_many,
        "GetObjectAttributes": _attributes,
        "ListBuckets": _buckets,
        "PutObject": _upload,
        "PutObjectRetention": _retain,
        "UploadPartCopy": _copy_part,
    },
    besides={
        "CopyObject": encryption.on_copy,
        "CreateMultipartUpload": encryption.on_upload_in_parts,
        "GetObjectAttributes": encryption.on_object,
        "PutObject": encryption.on_upload,
        "SelectObjectContent": encryption.on_object,
        "UploadPartCopy": uploads.on_source,
        **dict.fromkeys(_OF_UPLOADS, uploads.of_object),
    },
    answered={
        "GetObject": encryption.of_answer,
        "HeadObject": encryption.of_checksum,
        "UploadPart": encryption.of_answer,
        "UploadPartCopy": encryption.of_answer,
    },
    found=KMS.found,
    completions=KMS.completions,
    tags={**TAGS, **KMS.tags},
    tag_keys=TAG_KEYS,
    policies=KMS.policies,
)

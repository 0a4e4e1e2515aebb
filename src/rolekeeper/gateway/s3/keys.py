"""S3's condition keys, from the members and the head of a request.

An action is given those that the reference has for it, and no others. What a request leaves out is absent: a
listing without a prefix has no `s3:prefix`.
Source: "Actions, resources, and condition keys for Amazon S3" in the Service Authorization Reference; "Bucket
policy examples using condition keys" in the Amazon S3 User Guide; "Amazon S3 Signature Version 4
Authentication Specific Policy Keys" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from urllib.parse import parse_qsl

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Later
from rolekeeper.gateway.s3.names import sources
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire.model import OperationModel

_MEMBERS = {
    "ACL": "s3:x-amz-acl",
    "AnnotationDirective": "s3:x-amz-object-annotation-directive",
    "BucketNamespace": "s3:x-amz-bucket-namespace",
    "Delimiter": "s3:delimiter",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "MaxKeys": "s3:max-keys",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "ObjectIfMatch": "s3:x-amz-object-if-match",
    "ObjectLockEventHold": "s3:object-lock-event-hold",
    "ObjectLockEventHoldDurationDays": "s3:object-lock-event-hold-duration-days",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "Prefix": "s3:prefix",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
}
_MORE = frozenset(
    {
        *("CopySource", "CreateBucketConfiguration", "InventoryConfiguration", "LegalHold"),
        *("ObjectEncryption", "ObjectLockRetainUntilDate", "Retention", "Tagging"),
    }
)
"""The members that tell keys in a way of their own; a request without them has none of those."""
_CREATES = {  # the parts of an upload create no object yet
    "CompleteMultipartUpload": "true",
    "CopyObject": "true",
    "CreateMultipartUpload": "false",
    "PutObject": "true",
    "UploadPart": "false",
    "UploadPartCopy": "false",
}


def keys(asked: Asked, action: str) -> Mapping[str, KeyValue]:
    """The condition keys of a request for one of its actions, such as `s3:PutObject`; ValidationError."""
    if _MORE.isdisjoint(asked.members):
        return Later(partial(_keys, asked, action))
    return _keys(asked, action)


def _keys(asked: Asked, action: str) -> dict[str, KeyValue]:
    known, members = _known(action), asked.members
    plain = {
        key: str(members[member])
        for member, key in _of_operation(asked.operation)
        if key in known and members.get(member) is not None
    }
    if not _MORE.isdisjoint(members):
        return plain | {key: value for key, value in _all(asked) if _beginning(key) in known}
    return plain | {key: value for key, value in _of_any(asked) if key in known}


def object_tags(asked: Asked) -> dict[str, str]:
    """The tags that a request puts on an object: of the header of an upload, or of the body."""
    tagging = asked.members.get("Tagging")
    if isinstance(tagging, str):
        pairs = parse_qsl(tagging, keep_blank_values=True)
    else:
        found = tagging.get("TagSet") or () if isinstance(tagging, Mapping) else ()
        pairs = [(tag.get("Key", ""), tag.get("Value", "")) for tag in found]
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise ValidationError(f"`{asked.operation.name}` has a tag twice")
    return dict(pairs)


def _of_any(asked: Asked) -> Iterator[tuple[str, KeyValue]]:
    """What any request may have, whatever its members are."""
    yield from signing(asked)
    if asked.operation.name in _CREATES:
        yield "s3:objectcreationoperation", _CREATES[asked.operation.name]


def _all(asked: Asked) -> Iterator[tuple[str, KeyValue]]:
    """What members tell that are not simply keys, and what any request may have."""
    members = asked.members
    yield from _inside(asked)
    yield from _lock(asked)
    yield from _of_any(asked)
    tags = object_tags(asked)
    if tags:
        yield from ((f"s3:requestobjecttag/{key.lower()}", value) for key, value in tags.items())
        yield "s3:requestobjecttagkeys", tuple(tags)
    if members.get("CopySource") is not None:
        source = next(sources(asked))
        yield "s3:x-amz-copy-source", f"{source.bucket}/{source.key}"


def _inside(asked: Asked) -> Iterator[tuple[str, KeyValue]]:
    """What is in a body."""
    bucket = _part(asked, "CreateBucketConfiguration")
    if bucket.get("LocationConstraint"):
        yield "s3:locationconstraint", str(bucket["LocationConstraint"])
    encryption = _part(asked, "ObjectEncryption").get("SSEKMS") or {}
    if encryption.get("KMSKeyArn"):
        yield "s3:x-amz-server-side-encryption", "aws:kms"
        yield "s3:x-amz-server-side-encryption-aws-kms-key-id", str(encryption["KMSKeyArn"])
    fields = [
        field
        for field in _part(asked, "InventoryConfiguration").get("OptionalFields") or ()
        if isinstance(field, str)
    ]
    if fields:
        yield "s3:inventoryaccessibleoptionalfields", tuple(fields)


def _lock(asked: Asked) -> Iterator[tuple[str, KeyValue]]:
    """How long an object is to be kept: an upload says it in its head, PutObjectRetention in its body."""
    retention = _part(asked, "Retention")
    if retention.get("Mode"):
        yield "s3:object-lock-mode", str(retention["Mode"])
    hold = _part(asked, "LegalHold")
    if hold.get("Status"):
        yield "s3:object-lock-legal-hold", str(hold["Status"])
    until = asked.members.get("ObjectLockRetainUntilDate") or retention.get("RetainUntilDate")
    if isinstance(until, datetime):
        yield "s3:object-lock-retain-until-date", until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if asked.now is not None:
            yield "s3:object-lock-remaining-retention-days", str(max((until - asked.now).days, 0))


def signing(asked: Asked) -> Iterator[tuple[str, KeyValue]]:
    """How the request was signed. Only where it was signed ahead does its age count; the hash of a body is a
    key only where it is a header."""
    if asked.signed is None:
        return
    yield "s3:authtype", asked.signed.way
    yield "s3:signatureversion", asked.signed.algorithm
    if asked.signed.way != "REST-HEADER":
        yield "s3:signatureage", str(asked.signed.age)
    content = asked.head.get("x-amz-content-sha256")
    if content is not None:
        yield "s3:x-amz-content-sha256", content


def _part(asked: Asked, member: str) -> Mapping[str, Any]:
    found = asked.members.get(member)
    return found if isinstance(found, Mapping) else {}


@cache
def _of_operation(operation: OperationModel) -> tuple[tuple[str, str], ...]:
    """The members of an operation's input that are keys."""
    return tuple((name, _MEMBERS[name]) for name, _ in operation.members if name in _MEMBERS)


@cache
def _known(action: str) -> frozenset[str]:
    """The condition keys of an action, lower-case, those with a name of their own by their beginning."""
    found = catalog.action(action)
    return frozenset(_beginning(key.lower()) for key in found.condition_keys) if found else frozenset()


def _beginning(key: str) -> str:
    return key.partition("/")[0]

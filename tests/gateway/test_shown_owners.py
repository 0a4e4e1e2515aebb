"""Owners in S3's listings."""

from __future__ import annotations

import pytest

from rolekeeper.gateway.canonical_ids import id_of
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.gateway.behind import S3, asked

BACKENDS = b"75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"


@pytest.fixture
def s3(local: LocalWorld) -> S3:
    """A bucket of the first account's with ACLs, and in it an object and an upload of the second one's."""
    found = S3(local)
    found.call(local.root, "CreateBucket", Bucket="photos")
    controls = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    found.call(local.root, "PutBucketOwnershipControls", Bucket="photos", OwnershipControls=controls)
    found.behind.answers[OTHER_ACCOUNT, "CreateMultipartUpload", "big"] = {"UploadId": "one"}
    found.call(local.other, "CreateMultipartUpload", Bucket="photos", Key="big")
    found.call(local.other, "PutObject", Bucket="photos", Key="a b&c")
    found.call(local.root, "PutObject", Bucket="photos", Key="mine")
    return found


def owner(s3: S3, account: str) -> bytes:
    with s3.world.server.store.read() as tx:
        return id_of(tx, account).encode()


def entry(name: bytes, key: bytes, more: bytes = b"", id: bytes = BACKENDS) -> bytes:
    own = b"<Owner><DisplayName>x</DisplayName><ID>" + id + b"</ID></Owner>"
    return b"<" + name + b"><Key>" + key + b"</Key>" + more + own + b"</" + name + b">"


@pytest.mark.parametrize(
    ("operation", "members", "name", "key", "more"),
    [
        ("ListObjects", {}, b"Contents", b"a b&amp;c", b""),
        ("ListObjects", {"EncodingType": "url"}, b"Contents", b"a%20b%26c", b""),
        ("ListObjectsV2", {"FetchOwner": True}, b"Contents", b"a b&amp;c", b""),
        ("ListObjectVersions", {}, b"Version", b"a b&amp;c", b"<VersionId>null</VersionId>"),
        ("ListMultipartUploads", {}, b"Upload", b"big", b"<UploadId>one</UploadId>"),
    ],
)
def test_each_has_its_own(
    s3: S3, operation: str, members: dict[str, object], name: bytes, key: bytes, more: bytes
) -> None:
    asking = asked("s3", operation, Bucket="photos", **members)
    assert s3.resources.shows_owners(asking)
    body = b"<List>" + entry(name, key, more) + entry(name, b"mine", more) + b"</List>"
    told = s3.resources.owners_told(asking, body)
    theirs, ours = owner(s3, OTHER_ACCOUNT), owner(s3, ACCOUNT)
    assert told == b"<List>" + entry(name, key, more, theirs) + entry(name, b"mine", more, ours) + b"</List>"


def test_in_a_bucket_without_acls_all_are_its_owners(s3: S3) -> None:
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.call(s3.world.root, "PutBucketOwnershipControls", Bucket="photos", OwnershipControls=controls)
    told = s3.resources.owners_told(
        asked("s3", "ListObjects", Bucket="photos"), entry(b"Contents", b"a b&amp;c")
    )
    assert told == entry(b"Contents", b"a b&amp;c", id=owner(s3, ACCOUNT))


def test_the_owner_of_parts_is_that_of_the_upload(s3: S3) -> None:
    asking = asked("s3", "ListParts", Bucket="photos", Key="big", UploadId="one")
    body = b"<Owner><ID>" + BACKENDS + b"</ID></Owner>"
    assert owner(s3, OTHER_ACCOUNT) in s3.resources.owners_told(asking, body)


def test_what_is_no_canonical_id_stays(s3: S3) -> None:
    asking = asked("s3", "ListObjects", Bucket="photos")
    for body in (entry(b"Contents", b"mine", id=b"minio"), b"<List/>", b"\xff<Owner><ID>"):
        assert s3.resources.owners_told(asking, body) == body
    unknown = asked("s3", "ListObjects", Bucket="none")
    assert s3.resources.owners_told(unknown, entry(b"Contents", b"x")) == entry(b"Contents", b"x")


def test_other_answers_name_no_owners(s3: S3) -> None:
    for operation in ("ListObjectsV2", "GetObject", "ListBuckets"):
        assert not s3.resources.shows_owners(asked("s3", operation, Bucket="photos"))

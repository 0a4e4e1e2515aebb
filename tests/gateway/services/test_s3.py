"""S3: what is refused first, then what operations ask for, and with which condition keys."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from rolekeeper.errors import AccessDenied, InvalidArgument, ValidationError
from rolekeeper.gateway.asked import Asked, Signed, Wanted
from rolekeeper.gateway.classify import classify, coverage, missing
from rolekeeper.gateway.rules import Besides
from rolekeeper.gateway.services.s3 import RULES
from rolekeeper.iam.buckets import ASPECTS, Bucket, Encryption
from rolekeeper.service.call import Resource
from rolekeeper.wire.signature import Signature
from tests.gateway.asking import ACCOUNT, OTHER, REGION, Behind, asked
from tests.gateway.services.classified import accesses, asks, inexact, refused, whole

ELSEWHERE = {"CreateSession", "ListDirectoryBuckets", "RenameObject", "WriteGetObjectResponse"}
OWN_TAGS = RULES.tag_keys["s3:existingobjecttag/"]
PHOTOS, CAT = "arn:aws:s3:::photos", "arn:aws:s3:::photos/cat.jpg"


def on_photos(operation: str, **members: Any) -> list[str]:
    return asks("s3", operation, Bucket="photos", **members)


def keys(operation: str, **members: Any) -> dict[str, Any]:
    """The condition keys of the first access of a request about the object or the bucket."""
    return dict(accesses("s3", operation, **{"Bucket": "photos", **members})[0].keys)


# -- refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bucket",
    [
        *(None, "", "a", "a/b", "*", "photos/cat.jpg", "..", "ph otos", "photos\n", "a:b"),
        f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/photos",
    ],
)
def test_a_bucket_without_the_name_of_one_is_refused(bucket: str | None) -> None:
    assert "no bucket" in refused("s3", "GetObject", Bucket=bucket, Key="cat.jpg")
    assert "no bucket" in refused("s3", "ListObjectsV2", Bucket=bucket)


@pytest.mark.parametrize("operation", ["GetObject", "PutObject", "DeleteObject", "HeadObject", "UploadPart"])
def test_an_object_without_a_key_is_never_the_bucket(operation: str) -> None:
    for key in ({}, {"Key": ""}, {"Key": None}):
        assert "names no object" in refused("s3", operation, Bucket="photos", **key)


def test_deleting_nothing_and_deleting_what_has_no_key_is_refused() -> None:
    refused("s3", "DeleteObjects", Bucket="photos", Delete={"Objects": []})
    refused("s3", "DeleteObjects", Bucket="photos", Delete={})
    refused("s3", "DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": "a"}, {"VersionId": "1"}]})


@pytest.mark.parametrize(
    "source",
    [
        *(None, "", "/", "cats", "/cats/", "//cats/tom", "cats/tom?versionId=1&x=y", "cats/tom?x=y"),
        *("cats/tom?versionId=", "cats/t\tom", "cats/tom\x7f"),
        *("cats/tom#a", "cats/tom;a", "cats\\tom", "http://cats/tom", "%2Fcats%2F", "../cats/tom"),
        f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/cats/object/tom",
    ],
)
def test_a_source_that_could_be_read_in_two_ways_is_refused(source: str | None) -> None:
    members = {"Bucket": "photos", "Key": "cat.jpg", "CopySource": source}
    for operation in ("CopyObject", "UploadPartCopy"):
        with pytest.raises(InvalidArgument, match="Copy Source"):
            accesses("s3", operation, **members)


@pytest.mark.parametrize("operation", sorted(ELSEWHERE))
def test_what_is_of_other_services_is_refused(operation: str) -> None:
    assert "no action" in refused("s3", operation, Bucket="photos", Key="a", RenameSource="b")


def test_a_tag_that_is_given_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="twice"):
        accesses("s3", "PutObject", Bucket="photos", Key="cat.jpg", Tagging="team=a&Team=b")


def test_another_account_of_s3_control_is_refused() -> None:
    for operation, members in {"PutPublicAccessBlock": {}, "DeleteAccessPoint": {"Name": "photos"}}.items():
        with pytest.raises(AccessDenied):  # whatever is done with what cannot be classified
            accesses("s3control", operation, AccountId=OTHER, **members)


# -- what is asked ----------------------------------------------------------------------------------


def test_buckets_are_asked_by_their_own_actions() -> None:
    assert on_photos("ListObjectsV2") == [f"s3:ListBucket {PHOTOS}"]
    assert on_photos("ListObjects") == [f"s3:ListBucket {PHOTOS}"]
    assert on_photos("HeadBucket") == [f"s3:ListBucket {PHOTOS}"]
    assert on_photos("ListObjectVersions") == [f"s3:ListBucketVersions {PHOTOS}"]
    assert on_photos("ListMultipartUploads") == [f"s3:ListBucketMultipartUploads {PHOTOS}"]
    assert on_photos("GetBucketCors") == [f"s3:GetBucketCORS {PHOTOS}"]
    assert on_photos("DeleteBucketLifecycle") == [f"s3:PutLifecycleConfiguration {PHOTOS}"]
    assert on_photos("DeleteBucketPolicy") == [f"s3:DeleteBucketPolicy {PHOTOS}"]
    assert on_photos("DeletePublicAccessBlock") == [f"s3:PutBucketPublicAccessBlock {PHOTOS}"]
    assert asks("s3", "ListBuckets") == ["s3:ListAllMyBuckets *"]


def test_objects_are_asked_by_their_own_actions() -> None:
    assert on_photos("GetObject", Key="cat.jpg") == [f"s3:GetObject {CAT}"]
    assert on_photos("HeadObject", Key="cat.jpg") == [f"s3:GetObject {CAT}"]
    assert on_photos("SelectObjectContent", Key="cat.jpg") == [f"s3:GetObject {CAT}"]
    assert on_photos("ListParts", Key="cat.jpg") == [f"s3:ListMultipartUploadParts {CAT}"]
    for operation in ("PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload"):
        assert on_photos(operation, Key="cat.jpg") == [f"s3:PutObject {CAT}"]


def test_a_version_of_an_object_needs_the_action_on_versions() -> None:
    for operation, action in {
        "DeleteObject": "DeleteObjectVersion",
        "DeleteObjectTagging": "DeleteObjectVersionTagging",
        "GetObject": "GetObjectVersion",
        "GetObjectAcl": "GetObjectVersionAcl",
        "GetObjectTagging": "GetObjectVersionTagging",
        "HeadObject": "GetObjectVersion",
        "PutObjectAcl": "PutObjectVersionAcl",
        "PutObjectTagging": "PutObjectVersionTagging",
    }.items():
        (found,) = accesses("s3", operation, Bucket="photos", Key="cat.jpg", VersionId="null")
        assert (found.action, found.resource) == (f"s3:{action}", CAT)
        assert found.keys["s3:versionid"] == "null"


def test_a_key_is_any_text() -> None:
    for key in ("a/b c", "arn:aws:s3:::cats/tom", "*", "ü", "../cats/tom", "/"):
        assert on_photos("GetObject", Key=key) == [f"s3:GetObject {PHOTOS}/{key}"]


def test_reading_what_is_known_of_an_object_is_asked_beside_reading_it() -> None:
    assert on_photos("GetObjectAttributes", Key="cat.jpg") == [
        f"s3:GetObject {CAT}",
        f"s3:GetObjectAttributes {CAT}",
    ]


def test_each_object_that_is_deleted_is_asked() -> None:
    objects = [{"Key": "cat.jpg"}, {"Key": "dog.jpg", "VersionId": "7"}]
    assert on_photos("DeleteObjects", Delete={"Objects": objects}) == [
        f"s3:DeleteObject {CAT}",
        f"s3:DeleteObjectVersion {PHOTOS}/dog.jpg",
    ]
    many = [{"Key": str(number)} for number in range(1000)]
    assert len(on_photos("DeleteObjects", Delete={"Objects": many})) == 1000


def test_what_is_locked_needs_leave_to_pass_the_lock() -> None:
    passing = {"Key": "cat.jpg", "BypassGovernanceRetention": True}
    for operation in ("DeleteObject", "PutObjectRetention"):
        assert on_photos(operation, **passing) == [
            f"s3:{operation} {CAT}",
            f"s3:BypassGovernanceRetention {CAT}",
        ]
    passing = {"Delete": {"Objects": [{"Key": "cat.jpg"}]}, "BypassGovernanceRetention": True}
    assert f"s3:BypassGovernanceRetention {CAT}" in on_photos("DeleteObjects", **passing)


# -- copies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["cats/a/tom.jpg", "/cats/a/tom.jpg", "cats/a%2Ftom%2Ejpg"])
def test_a_copy_reads_its_source_and_writes_its_own(source: str) -> None:
    for operation in ("CopyObject", "UploadPartCopy"):
        assert on_photos(operation, Key="cat.jpg", CopySource=source) == [
            "s3:GetObject arn:aws:s3:::cats/a/tom.jpg",
            f"s3:PutObject {CAT}",
        ]


def test_a_copy_of_a_version_reads_that() -> None:
    copied = {"Bucket": "photos", "Key": "cat.jpg", "CopySource": "cats/tom.jpg?versionId=7"}
    read, write = accesses("s3", "CopyObject", **copied)
    assert (read.action, read.keys["s3:versionid"]) == ("s3:GetObjectVersion", "7")
    assert write.keys["s3:x-amz-copy-source"] == "cats/tom.jpg"
    assert "s3:versionid" not in write.keys


def test_a_plus_in_a_source_is_asked_in_both_ways() -> None:
    found = on_photos("CopyObject", Key="cat.jpg", CopySource="cats/tom+1.jpg")
    assert found[:2] == [
        "s3:GetObject arn:aws:s3:::cats/tom+1.jpg",
        "s3:GetObject arn:aws:s3:::cats/tom 1.jpg",
    ]


# -- what an upload says besides ---------------------------------------------------------------------


def test_an_upload_that_lets_others_in_needs_leave_for_that() -> None:
    acl = f"s3:PutObjectAcl {CAT}"
    for given in ({"ACL": "public-read"}, {"ACL": "authenticated-read"}, {"GrantRead": 'uri="http://a"'}):
        assert acl in on_photos("PutObject", Key="cat.jpg", **given)
        assert acl in on_photos("CreateMultipartUpload", Key="cat.jpg", **given)
        assert acl in on_photos("CopyObject", Key="cat.jpg", CopySource="a0/b", **given)
    assert acl in on_photos("PutObject", Key="cat.jpg", GrantFullControl='id="a", emailAddress="b@c.d"')


@pytest.mark.requirement("SR-109")
def test_an_upload_that_gives_the_owner_of_the_bucket_his_rights_needs_no_more() -> None:
    for given in ({"ACL": "bucket-owner-full-control"}, {"ACL": "private"}, {"GrantFullControl": "id=1234"}):
        assert on_photos("PutObject", Key="cat.jpg", **given) == [f"s3:PutObject {CAT}"]


def test_tags_locks_and_holds_of_an_upload_are_asked() -> None:
    given = {"Tagging": "a=b", "ObjectLockMode": "GOVERNANCE", "ObjectLockLegalHoldStatus": "ON"}
    assert on_photos("PutObject", Key="cat.jpg", **given) == [
        f"s3:PutObject {CAT}",
        f"s3:PutObjectTagging {CAT}",
        f"s3:PutObjectRetention {CAT}",
        f"s3:PutObjectLegalHold {CAT}",
    ]
    assert on_photos("PutObject", Key="cat.jpg", Tagging="") == [f"s3:PutObject {CAT}"]


def test_a_bucket_that_is_made_with_more_is_asked_for_more() -> None:
    given = {"ACL": "public-read", "ObjectLockEnabledForBucket": True, "ObjectOwnership": "ObjectWriter"}
    assert on_photos("CreateBucket", **given) == [
        f"s3:CreateBucket {PHOTOS}",
        f"s3:PutBucketAcl {PHOTOS}",
        f"s3:PutBucketObjectLockConfiguration {PHOTOS}",
        f"s3:PutBucketVersioning {PHOTOS}",
        f"s3:PutBucketOwnershipControls {PHOTOS}",
    ]
    assert on_photos("CreateBucket", ACL="private") == [f"s3:CreateBucket {PHOTOS}"]


def test_a_bucket_that_is_made_with_tags_is_asked_for_them() -> None:
    tags = {"Tags": [{"Key": "Team", "Value": "a"}]}
    _, tagging = accesses("s3", "CreateBucket", Bucket="photos", CreateBucketConfiguration=tags)
    assert tagging.action == "s3:TagResource"
    assert tagging.keys == {"aws:requesttag/team": "a", "aws:tagkeys": ("Team",)}


def test_an_upload_under_a_key_is_asked_on_that_key() -> None:
    put, key = accesses("s3", "PutObject", Bucket="photos", Key="cat.jpg", SSEKMSKeyId="1234")
    assert (key.action, key.resource) == ("kms:GenerateDataKey", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234")
    assert key.keys["kms:viaservice"] == f"s3.{REGION}.amazonaws.com"
    assert key.keys["kms:encryptioncontext:aws:s3:arn"] == CAT
    assert put.keys["s3:x-amz-server-side-encryption-aws-kms-key-id"] == "1234"


def test_an_upload_under_an_alias_finds_out_its_key() -> None:
    request = asked("s3", "PutObject", Bucket="photos", Key="cat.jpg", SSEKMSKeyId="alias/app")
    _, wanted = classify(request)
    assert wanted.named == f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/app"
    assert wanted.type in RULES.completions
    own = asked("s3", "PutObject", Bucket="photos", Key="cat.jpg", SSEKMSKeyId="alias/aws/s3")
    assert len(classify(own)) == 1


def besides(operation: str, behind: Behind, of: Bucket, **members: Any) -> Besides:
    """What a request asks for besides, of a bucket."""
    request = asked("s3", operation, **{"Bucket": of.name, "Key": "cat.jpg", **members})
    found = [Resource(arn=f"{PHOTOS}/cat.jpg", account=of.account, entity=of)]
    return asyncio.run(RULES.besides[operation](behind, request, found))  # type: ignore[arg-type]


def encrypted(**more: Any) -> Bucket:
    whole = Bucket(account=OTHER, partition="aws", name="photos", created=datetime(2026, 1, 1, tzinfo=UTC))
    return msgspec.structs.replace(whole, **more)


def test_an_upload_to_a_bucket_of_which_all_is_known_is_asked_of_nobody() -> None:
    behind = Behind({})
    for operation in ("PutObject", "CreateMultipartUpload"):
        assert besides(operation, behind, encrypted(told=ASPECTS)) == Besides()
        assert besides(operation, behind, encrypted(), ServerSideEncryption="AES256") == Besides()
        assert besides(operation, behind, encrypted(), SSECustomerAlgorithm="AES256") == Besides()
    assert behind.calls == []


def test_the_encryption_of_another_bucket_is_asked_for_in_its_account() -> None:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:{REGION}:{OTHER}:key/1234"}
    rule = {"ApplyServerSideEncryptionByDefault": default}
    told = {"GetBucketEncryption": {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}}
    behind = Behind(told)
    (wanted,) = besides("PutObject", behind, encrypted()).wanted
    assert (wanted.action, wanted.resource) == ("kms:GenerateDataKey", default["KMSMasterKeyID"])
    assert wanted.keys["kms:calleraccount"] == ACCOUNT
    assert [call[:2] for call in behind.calls] == [(OTHER, "GetBucketEncryption"), (OTHER, "DescribeKey")]


def test_an_upload_goes_on_with_the_key_that_was_decided_on_where_that_is_known() -> None:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"
    own = encrypted(told=ASPECTS, encryption=Encryption(algorithm="aws:kms", key="1234", bucket_key=True))
    by = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn, "BucketKeyEnabled": True}
    described = {"DescribeKey": {"KeyMetadata": {"Arn": arn, "KeyManager": "CUSTOMER"}}}
    assert besides("PutObject", Behind(described), own).members == by
    (wanted,) = besides("PutObject", Behind({}), own).wanted
    assert (wanted.resource, besides("PutObject", Behind({}), own).members) == (arn, {})
    assert wanted.keys["kms:encryptioncontext:aws:s3:arn"] == PHOTOS


def test_a_key_of_aws_is_none_for_its_account_and_one_for_all_others() -> None:
    def by(account: str) -> Besides:
        arn = f"arn:aws:kms:{REGION}:{account}:key/1234"
        described = {"DescribeKey": {"KeyMetadata": {"Arn": arn, "KeyManager": "AWS"}}}
        default = Encryption(algorithm="aws:kms", key=arn)
        return besides("PutObject", Behind(described), encrypted(told=ASPECTS, encryption=default))

    assert by(ACCOUNT) == Besides()
    assert [each.action for each in by(OTHER).wanted] == ["kms:GenerateDataKey"]


@pytest.mark.parametrize(
    ("key", "resource"), [("arn:aws:kms:photos", "key/photos"), ("of_photos", "key/*"), ("a/b", "key/*")]
)
def test_a_key_with_a_name_of_its_own_is_asked_by_that_or_as_all_keys(key: str, resource: str) -> None:
    own = encrypted(told=ASPECTS, encryption=Encryption(algorithm="aws:kms", key=key))
    (wanted,) = besides("PutObject", Behind({}), own).wanted
    assert wanted.resource == f"arn:aws:kms:{REGION}:{ACCOUNT}:{resource}"


def test_what_a_request_says_of_the_encryption_goes_with_the_key() -> None:
    told = base64.b64encode(b'{"team": "cats"}').decode()
    members = {"Bucket": "photos", "Key": "cat.jpg", "SSEKMSKeyId": "1234"}
    _, key = accesses("s3", "PutObject", **members, SSEKMSEncryptionContext=told)
    assert key.keys["kms:encryptioncontext:team"] == "cats"
    for text in ("x", base64.b64encode(b"[]").decode(), base64.b64encode(b'{"a": 1}').decode()):
        with pytest.raises(InvalidArgument, match="Base64"):
            accesses("s3", "PutObject", **members, SSEKMSEncryptionContext=text)


def test_attributes_need_the_key_where_the_checksum_is_among_them() -> None:
    head = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "1234"}
    for attributes, actions in ((["ETag"], []), (["ETag", "Checksum"], ["kms:Decrypt"])):
        behind = Behind({"HeadObject": head})
        found = besides("GetObjectAttributes", behind, encrypted(), ObjectAttributes=attributes)
        assert [each.action for each in found.wanted] == actions
        assert bool(behind.calls) == bool(actions)


def test_a_copy_takes_tags_along_without_asking_for_them() -> None:
    kept = on_photos("CopyObject", Key="cat.jpg", CopySource="cats/tom", TaggingDirective="COPY")
    assert kept == ["s3:GetObject arn:aws:s3:::cats/tom", f"s3:PutObject {CAT}"]
    given = {"CopySource": "cats/tom", "TaggingDirective": "REPLACE", "Tagging": "Team=a"}
    assert f"s3:PutObjectTagging {CAT}" in on_photos("CopyObject", Key="cat.jpg", **given)


# -- condition keys ---------------------------------------------------------------------------------


def test_a_listing_says_what_it_lists() -> None:
    assert keys("ListObjectsV2") == {}
    assert keys("ListObjectsV2", Prefix="", Delimiter="/", MaxKeys=5) == {
        "s3:prefix": "",
        "s3:delimiter": "/",
        "s3:max-keys": "5",
    }
    assert keys("ListObjectVersions", Prefix="a/") == {"s3:prefix": "a/"}


def test_an_upload_says_how_it_is_kept() -> None:
    given = {
        "ACL": ("s3:x-amz-acl", "bucket-owner-full-control"),
        "GrantFullControl": ("s3:x-amz-grant-full-control", "id=1234"),
        "ServerSideEncryption": ("s3:x-amz-server-side-encryption", "aws:kms"),
        "StorageClass": ("s3:x-amz-storage-class", "GLACIER"),
        "IfNoneMatch": ("s3:if-none-match", "*"),
    }
    found = keys("PutObject", Key="cat.jpg", **{member: value for member, (_, value) in given.items()})
    assert found == {**dict(given.values()), "s3:objectcreationoperation": "true"}


def test_the_parts_of_an_upload_create_nothing() -> None:
    assert keys("UploadPart", Key="cat.jpg")["s3:objectcreationoperation"] == "false"
    assert keys("CompleteMultipartUpload", Key="cat.jpg")["s3:objectcreationoperation"] == "true"


def test_tags_of_objects_are_keys_of_s3_and_not_of_all_services() -> None:
    body = {"TagSet": [{"Key": "Team", "Value": "a"}]}
    for found in (
        keys("PutObject", Key="cat.jpg", Tagging="Team=a"),
        keys("PutObjectTagging", Key="cat.jpg", Tagging=body),
    ):
        assert found["s3:requestobjecttag/team"] == "a"
        assert found["s3:requestobjecttagkeys"] == ("Team",)
        assert "aws:tagkeys" not in found


def test_how_long_an_object_is_kept() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    until = now + timedelta(days=30)
    request = asked(
        "s3",
        "PutObject",
        Bucket="photos",
        Key="cat.jpg",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )
    found = _of(msgspec.structs.replace(request, now=now), "s3:PutObject").keys
    assert found["s3:object-lock-remaining-retention-days"] == "30"
    assert found["s3:object-lock-retain-until-date"] == "2026-01-31T00:00:00Z"


def test_how_a_request_was_signed() -> None:
    plain = asked("s3", "GetObject", Bucket="photos", Key="cat.jpg")
    assert dict(_of(plain, "s3:GetObject").keys) == {}
    signed = Signed(way="REST-QUERY-STRING", algorithm="AWS4-HMAC-SHA256", age=1500)
    ahead = msgspec.structs.replace(plain, signed=signed)
    assert dict(_of(ahead, "s3:GetObject").keys) == {
        "s3:authtype": "REST-QUERY-STRING",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:signatureage": "1500",
    }
    head = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    by_header = msgspec.structs.replace(
        plain, head=head, signed=msgspec.structs.replace(signed, way="REST-HEADER")
    )
    assert dict(_of(by_header, "s3:GetObject").keys) == {
        "s3:authtype": "REST-HEADER",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    }


def test_what_a_signature_says_of_itself() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    claimed = Signature(
        access_key_id="AKIDEXAMPLE",
        date="20260101",
        timestamp=now - timedelta(seconds=2),
        stamp="20251231T235958Z",
        region=REGION,
        service="s3",
        signed_headers=("host",),
        signature="0",
        session_token=None,
        presigned=True,
        expires=60,
    )
    assert Signed.of(claimed, now) == Signed(way="REST-QUERY-STRING", algorithm="AWS4-HMAC-SHA256", age=2000)
    assert Signed.of(msgspec.structs.replace(claimed, presigned=False), now).way == "REST-HEADER"
    assert Signed.of(claimed, now - timedelta(seconds=9)).age == 0


def _of(request: Asked, action: str) -> Wanted:
    return next(each for each in classify(request) if each.action == action)


# -- what stands behind knows -------------------------------------------------------------------------


def test_the_tags_of_an_object_are_those_of_the_version_that_is_meant() -> None:
    behind = Behind({"GetObjectTagging": {"TagSet": [{"Key": "a", "Value": "b"}]}})
    request = asked("s3", "GetObject", Bucket="photos", Key="cat.jpg", VersionId="7")
    assert asyncio.run(OWN_TAGS(behind, request, CAT)) == {"a": "b"}
    assert behind.calls[0][2] == {"Bucket": "photos", "Key": "cat.jpg", "VersionId": "7"}
    asyncio.run(OWN_TAGS(behind, request, f"{PHOTOS}/dog.jpg"))
    assert behind.calls[1][2] == {"Bucket": "photos", "Key": "dog.jpg"}
    assert asyncio.run(OWN_TAGS(behind, request, PHOTOS)) == {}


def test_tags_of_a_bucket_count_where_that_is_switched_on() -> None:
    tags = {"GetBucketTagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}
    request = asked("s3", "ListObjectsV2", Bucket="photos")
    assert asyncio.run(RULES.tags["bucket"](Behind(tags), request, PHOTOS)) == {}
    switched = {**tags, "GetBucketAbac": {"AbacStatus": {"Status": "Enabled"}}}
    for kind, arn in {"bucket": PHOTOS, "object": CAT}.items():
        assert asyncio.run(RULES.tags[kind](Behind(switched), request, arn)) == {"a": "b"}


# -- S3 Control ---------------------------------------------------------------------------------------


def test_the_block_of_public_access_is_the_account_s() -> None:
    for operation, action in {
        "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
        "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
        "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
    }.items():
        assert asks("s3control", operation, AccountId=ACCOUNT) == [f"s3:{action} *"]


def test_access_points_are_named() -> None:
    assert asks("s3control", "DeleteAccessPoint", AccountId=ACCOUNT, Name="photos") == [
        "s3:DeleteAccessPoint accesspoint/photos"
    ]
    refused("s3control", "DeleteAccessPoint", AccountId=ACCOUNT)


def test_a_multi_region_access_point_goes_by_its_alias() -> None:
    answers = {"GetMultiRegionAccessPoint": {"AccessPoint": {"Alias": "m1.mrap"}}}
    arn = f"arn:aws:s3::{ACCOUNT}:accesspoint/m1.mrap"
    named = {"AccountId": ACCOUNT, "Details": {"Name": "photos"}}
    assert whole("s3control", answers, "DeleteMultiRegionAccessPoint", **named) == ["accesspoint/m1.mrap"]
    assert whole("s3control", {}, "SubmitMultiRegionAccessPointRoutes", AccountId=ACCOUNT, Mrap=arn) == [
        "accesspoint/m1.mrap"
    ]
    assert asks("s3control", "CreateMultiRegionAccessPoint", **named) == [
        "s3:CreateMultiRegionAccessPoint accesspoint/*"
    ]
    refused("s3control", "DeleteMultiRegionAccessPoint", AccountId=ACCOUNT)


# -- all of it ----------------------------------------------------------------------------------------


def test_what_the_embedded_backend_does_is_classified() -> None:
    assert inexact("s3") == {}
    assert missing("s3").keys() == ELSEWHERE
    assert coverage("s3")["ListBuckets"] == "any"


def test_actions_are_those_of_the_reference() -> None:
    from rolekeeper.gateway.services.s3 import _BUCKET, _OBJECT
    from rolekeeper.policy import catalog

    named = {*_BUCKET.values(), *(name for pair in _OBJECT.values() for name in pair if name)}
    for name in named:
        action = catalog.action(f"s3:{name}")
        assert action is not None and action.name == f"s3:{name}", name
        kinds = {each.type for each in action.resources}
        assert ("bucket" if name in _BUCKET.values() else "object") in kinds, name

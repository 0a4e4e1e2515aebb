"""S3's requests as an unmodified SDK sends them: what is read of them is what they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.classify import classify
from rolekeeper.wire import reading
from tests.client import http_request
from tests.gateway.asking import ACCOUNT, REGION


class Sender:
    """A client of S3's that sends nothing, and tells what its request asks for."""

    def __init__(self, style: str) -> None:
        self.client: Any = boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=f"http://s3.{REGION}.localhost:4566"
            if style == "virtual"
            else "http://127.0.0.1:4566",
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
            config=Config(s3={"addressing_style": style}),
        )
        self.client.meta.events.register("before-send.s3", self._keep)
        self.sent: Any = None

    def _keep(self, request: Any, **_: Any) -> AWSResponse:
        self.sent = request
        return AWSResponse(request.url, 400, {}, _Nothing())

    def asks(self, operation: str, **members: Any) -> tuple[Wanted, ...]:
        with pytest.raises(ClientError):
            getattr(self.client, operation)(**members)
        if hasattr(self.sent.body, "read"):
            self.sent.body = self.sent.body.read()
        request = http_request(self.sent)
        route = reading.find(request)
        found = reading.read(route, request)
        return classify(
            Asked(
                service=route.service,
                operation=route.operation,
                members=found.members,
                account=ACCOUNT,
                region=REGION,
                partition="aws",
            )
        )


class _Nothing:
    content = b""

    def stream(self) -> Iterator[bytes]:
        return iter(())


@pytest.fixture(params=["path", "virtual"])
def s3(request: pytest.FixtureRequest) -> Sender:
    return Sender(request.param)


def pairs(found: tuple[Wanted, ...]) -> list[tuple[str, str]]:
    return [(each.action, each.resource.removeprefix("arn:aws:s3:::")) for each in found]


@pytest.mark.parametrize("key", ["cat.jpg", "a b/ü+%.jpg", "a//b", "?versionId=1", "a;b#c&d=e", "//"])
def test_keys_of_all_kinds(s3: Sender, key: str) -> None:
    assert pairs(s3.asks("get_object", Bucket="photos", Key=key)) == [("s3:GetObject", f"photos/{key}")]
    copied = s3.asks("copy_object", Bucket="photos", Key="x", CopySource={"Bucket": "cats", "Key": key})
    assert pairs(copied) == [("s3:GetObject", f"cats/{key}"), ("s3:PutObject", "photos/x")]
    deleted = s3.asks("delete_objects", Bucket="photos", Delete={"Objects": [{"Key": key}, {"Key": "y"}]})
    assert pairs(deleted) == [("s3:DeleteObject", f"photos/{key}"), ("s3:DeleteObject", "photos/y")]


def test_listings(s3: Sender) -> None:
    (found,) = s3.asks("list_objects_v2", Bucket="photos", Prefix="", Delimiter="/", MaxKeys=7)
    assert dict(found.keys) == {"s3:prefix": "", "s3:delimiter": "/", "s3:max-keys": "7"}
    assert pairs((found,)) == [("s3:ListBucket", "photos")]
    (found,) = s3.asks("list_object_versions", Bucket="photos", Prefix="a b/")
    assert (found.action, found.keys["s3:prefix"]) == ("s3:ListBucketVersions", "a b/")
    assert pairs(s3.asks("list_buckets")) == [("s3:ListAllMyBuckets", "*")]


def test_uploads(s3: Sender) -> None:
    put, acl, tags = s3.asks(
        "put_object",
        Bucket="photos",
        Key="cat.jpg",
        Body=b"meow",
        ACL="public-read",
        Tagging="Team=a%20b",
        ServerSideEncryption="AES256",
        StorageClass="STANDARD_IA",
    )
    assert [put.action, acl.action, tags.action] == ["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"]
    assert put.keys["s3:x-amz-acl"] == "public-read"
    assert put.keys["s3:requestobjecttag/team"] == "a b"
    assert put.keys["s3:x-amz-server-side-encryption"] == "AES256"
    assert put.keys["s3:x-amz-storage-class"] == "STANDARD_IA"


def test_bodies_of_xml(s3: Sender) -> None:
    tags = {"TagSet": [{"Key": "Team", "Value": "a"}]}
    (found,) = s3.asks("put_object_tagging", Bucket="photos", Key="cat.jpg", Tagging=tags, VersionId="7")
    assert (found.action, found.keys["s3:requestobjecttag/team"]) == ("s3:PutObjectVersionTagging", "a")
    place = {"LocationConstraint": "eu-central-1"}
    (found,) = s3.asks("create_bucket", Bucket="photos", CreateBucketConfiguration=place)
    assert dict(found.keys) == {"s3:locationconstraint": "eu-central-1"}


def test_sub_resources(s3: Sender) -> None:
    for operation, action in {
        "get_bucket_acl": "GetBucketAcl",
        "get_bucket_cors": "GetBucketCORS",
        "get_bucket_policy": "GetBucketPolicy",
        "get_bucket_versioning": "GetBucketVersioning",
        "get_public_access_block": "GetBucketPublicAccessBlock",
        "head_bucket": "ListBucket",
        "list_multipart_uploads": "ListBucketMultipartUploads",
    }.items():
        assert pairs(s3.asks(operation, Bucket="photos")) == [(f"s3:{action}", "photos")]
    upload = {"Bucket": "photos", "Key": "cat.jpg", "UploadId": "u"}
    assert pairs(s3.asks("list_parts", **upload)) == [("s3:ListMultipartUploadParts", "photos/cat.jpg")]
    assert pairs(s3.asks("abort_multipart_upload", **upload)) == [
        ("s3:AbortMultipartUpload", "photos/cat.jpg")
    ]
    parts = s3.asks("upload_part_copy", **upload, PartNumber=1, CopySource="cats/tom?versionId=7")
    assert pairs(parts) == [("s3:GetObjectVersion", "cats/tom"), ("s3:PutObject", "photos/cat.jpg")]

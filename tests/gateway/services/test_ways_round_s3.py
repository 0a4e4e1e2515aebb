"""Ways round what a policy refuses of objects, which what stands behind would go: none of them is open."""

from __future__ import annotations

import json
from typing import Any

from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user


def test_an_object_that_is_refused_is_not_imported_with_others(served: ServedWorld) -> None:
    root = served.root.client("s3")
    root.create_bucket(Bucket="mixed")
    for key in ("a/1", "b/2"):
        root.put_object(Bucket="mixed", Key=key, Body=json.dumps({"Item": {"id": {"S": key}}}).encode())
    statements = allow("dynamodb:*", "s3:*"), deny("s3:GetObject", on="arn:aws:s3:::mixed/b/*")
    person = user(served.root, "importer", *statements).client("dynamodb")

    def importing(table: str, prefix: str) -> None:
        person.import_table(
            S3BucketSource={"S3Bucket": "mixed", "S3KeyPrefix": prefix},
            InputFormat="DYNAMODB_JSON",
            TableCreationParameters={
                "TableName": table,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )

    with refused("AccessDeniedException", 400, "arn:aws:s3:::mixed/b/2"):
        importing("all", "")
    importing("some", "a/")


def test_an_upload_in_parts_is_of_its_own_object_alone(served: ServedWorld) -> None:
    """Whoever may write one prefix writes no other object by the ID of its upload."""
    root = served.root.client("s3")
    root.create_bucket(Bucket="parts")
    upload = root.create_multipart_upload(Bucket="parts", Key="theirs/x")["UploadId"]
    tag = root.upload_part(Bucket="parts", Key="theirs/x", UploadId=upload, PartNumber=1, Body=b"true")[
        "ETag"
    ]
    person = user(
        served.root, "writer", allow("s3:*", on=["arn:aws:s3:::parts/own/*", "arn:aws:s3:::parts/from/*"])
    ).client("s3")
    root.put_object(Bucket="parts", Key="from/y", Body=b"forged")
    theirs: Any = {"Bucket": "parts", "Key": "own/x", "UploadId": upload}
    with refused("NoSuchUpload", 404):
        person.upload_part(**theirs, PartNumber=1, Body=b"forged")
    with refused("NoSuchUpload", 404):
        person.upload_part_copy(**theirs, PartNumber=1, CopySource={"Bucket": "parts", "Key": "from/y"})
    with refused("NoSuchUpload", 404):
        person.list_parts(**theirs)
    with refused("NoSuchUpload", 404):
        person.complete_multipart_upload(
            **theirs, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]}
        )
    with refused("NoSuchUpload", 404):
        person.abort_multipart_upload(**theirs)
    own = person.create_multipart_upload(Bucket="parts", Key="own/x")["UploadId"]
    mine: Any = {"Bucket": "parts", "Key": "own/x", "UploadId": own}
    tag = person.upload_part(**mine, PartNumber=1, Body=b"mine")["ETag"]
    person.complete_multipart_upload(**mine, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    assert [each["Key"] for each in root.list_objects_v2(Bucket="parts")["Contents"]] == ["from/y", "own/x"]


def test_a_version_is_copied_by_its_own_tags(served: ServedWorld) -> None:
    root = served.root.client("s3")
    root.create_bucket(Bucket="tagged")
    root.put_bucket_versioning(Bucket="tagged", VersioningConfiguration={"Status": "Enabled"})
    old = root.put_object(Bucket="tagged", Key="doc", Body=b"old")["VersionId"]
    new = root.put_object(Bucket="tagged", Key="doc", Body=b"new", Tagging="public=yes")["VersionId"]
    public = {"StringEquals": {"s3:ExistingObjectTag/public": "yes"}}
    person = user(
        served.root,
        "copier",
        allow("s3:GetObject", "s3:GetObjectVersion", Condition=public),
        allow("s3:PutObject", on="arn:aws:s3:::tagged/*"),
    ).client("s3")
    for key in ("own", "doc"):
        source = {"Bucket": "tagged", "Key": "doc"}
        with refused("AccessDenied", 403, "s3:GetObjectVersion"):
            person.copy_object(Bucket="tagged", Key=key, CopySource={**source, "VersionId": old})
        person.copy_object(Bucket="tagged", Key="own", CopySource={**source, "VersionId": new})


def test_an_empty_version_is_not_the_object_itself(served: ServedWorld) -> None:
    root = served.root.client("s3")
    root.create_bucket(Bucket="versions")
    root.put_object(Bucket="versions", Key="doc", Body=b"x")
    person = user(
        served.root, "pruner", allow("s3:DeleteObjectVersion", "s3:GetObjectVersion", "s3:PutObject")
    ).client("s3")
    with refused("InvalidArgument", 400):
        person.delete_object(Bucket="versions", Key="doc", VersionId="")
    with refused("InvalidArgument", 400):
        person.delete_objects(Bucket="versions", Delete={"Objects": [{"Key": "doc", "VersionId": ""}]})
    with refused("InvalidArgument", 400):
        person.get_object(Bucket="versions", Key="doc", VersionId="")
    assert root.get_object(Bucket="versions", Key="doc")["Body"].read() == b"x"

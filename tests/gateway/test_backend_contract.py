"""Every backend does what `gateway.backends` says that it must: the embedded one, and a store at a URL.

The two have nothing in common but the protocol. What is asked here is what any object store has.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any

import pytest

from rolekeeper.config import BackendAccess, Settings
from rolekeeper.errors import ServiceUnavailable
from rolekeeper.gateway.arrangement import arrange
from rolekeeper.gateway.backends import Backends
from rolekeeper.wire.client import Refused, read_answer, write_request
from tests.gateway.objects import ACCESS_KEY_ID, SECRET_ACCESS_KEY, object_store
from tests.gateway.wires import Request, pieces, read

ACCOUNT, REGION = "111111111111", "us-east-1"
STORED = {
    "access_key_id": ACCESS_KEY_ID,
    "secret_access_key": SECRET_ACCESS_KEY,
}


def arranged(**more: Any) -> Backends:
    made = arrange(Settings(ephemeral=True, **more))
    assert made is not None
    return made


class Store:
    """What stands behind S3, and calls to it."""

    def __init__(self, backends: Backends, runner: asyncio.Runner) -> None:
        self.backends, self.runner = backends, runner

    def call(
        self, operation: str, body: Any = None, length: int | None = None, **members: Any
    ) -> dict[str, Any]:
        if isinstance(body, bytes):
            members["Body"], body = body, None
        written = write_request("s3", operation, members)
        if body is not None:
            written = Request(method=written.method, path=written.path, headers=written.headers, body=None)
        opened = self.backends.open("s3", written, body, ACCOUNT, REGION, length=length)
        return self.runner.run(_answered(operation, opened))


async def _answered(operation: str, opened: Any) -> dict[str, Any]:
    async with opened as answer:
        body = await answer.whole(100 << 20)
        return read_answer("s3", operation, answer.status, dict(answer.headers), body)


@pytest.fixture(scope="module", params=["embedded", "object store"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with asyncio.Runner() as runner:
        if request.param == "embedded":
            made = arranged(backend={"*": "embedded"})
            yield Store(made, runner)
            runner.run(made.close())
            return
        with object_store(tmp_path_factory.mktemp("objects")) as url:
            keys = (BackendAccess(backend="s3", account=ACCOUNT, **STORED),)
            made = arranged(backend={"s3": url, "*": "none"}, backend_keys=keys)
            yield Store(made, runner)
            runner.run(made.close())


@pytest.fixture(scope="module")
def bucket(store: Store) -> str:
    store.call("CreateBucket", Bucket="contract")
    return "contract"


def test_what_is_not_there_is_refused_in_the_services_words(store: Store, bucket: str) -> None:
    with pytest.raises(Refused) as refused:
        store.call("GetObject", Bucket=bucket, Key="absent")
    assert (refused.value.code, refused.value.status) == ("NoSuchKey", 404)
    with pytest.raises(Refused) as refused:
        store.call("ListObjectsV2", Bucket="no-such-bucket")
    assert (refused.value.code, refused.value.status) == ("NoSuchBucket", 404)


@pytest.mark.parametrize(
    "key", ["plain", "a/b/c", "with space", "plus+and&and=", "€/ü", "~-_.!*'()", "q?x#y"]
)
def test_an_object_comes_back_as_it_was_put(store: Store, bucket: str, key: str) -> None:
    body = key.encode() * 3
    store.call("PutObject", body, Bucket=bucket, Key=key)
    assert store.call("GetObject", Bucket=bucket, Key=key)["Body"] == body
    listed = store.call("ListObjectsV2", Bucket=bucket, Prefix=key)
    assert key in [each["Key"] for each in listed["Contents"]]
    store.call("DeleteObject", Bucket=bucket, Key=key)
    with pytest.raises(Refused):
        store.call("GetObject", Bucket=bucket, Key=key)


def test_an_empty_object_is_one(store: Store, bucket: str) -> None:
    store.call("PutObject", b"", Bucket=bucket, Key="empty")
    assert store.call("GetObject", Bucket=bucket, Key="empty")["Body"] == b""


def test_metadata_and_types_pass(store: Store, bucket: str) -> None:
    store.call(
        "PutObject", b"x", Bucket=bucket, Key="typed", ContentType="text/x-typed", Metadata={"a": "1  2"}
    )
    found = store.call("HeadObject", Bucket=bucket, Key="typed")
    assert (found["ContentType"], found["ContentLength"]) == ("text/x-typed", 1)
    assert found["Metadata"]["a"].split() == ["1", "2"]


def test_a_part_of_an_object_comes_alone(store: Store, bucket: str) -> None:
    store.call("PutObject", b"0123456789", Bucket=bucket, Key="digits")
    found = store.call("GetObject", Bucket=bucket, Key="digits", Range="bytes=2-4")
    assert (found["Body"], found["ContentRange"]) == (b"234", "bytes 2-4/10")


def test_a_large_body_streams_both_ways(store: Store, bucket: str) -> None:
    size, hashed = 12 << 20, sha256()
    source = random.Random(7)

    async def body() -> AsyncIterator[bytes]:
        left = size
        while left:
            piece = source.randbytes(min(left, 100_003))
            hashed.update(piece)
            left -= len(piece)
            yield piece

    store.call("PutObject", body(), size, Bucket=bucket, Key="large")
    assert sha256(store.call("GetObject", Bucket=bucket, Key="large")["Body"]).digest() == hashed.digest()


def test_a_body_that_breaks_off_is_not_kept(store: Store, bucket: str) -> None:
    with pytest.raises(KeyError):
        store.call("PutObject", pieces(b"abc", KeyError()), 10, Bucket=bucket, Key="broken")
    with pytest.raises(Refused):
        store.call("GetObject", Bucket=bucket, Key="broken")


def test_an_object_that_a_broken_body_would_replace_stays(store: Store, bucket: str) -> None:
    store.call("PutObject", b"old", Bucket=bucket, Key="kept")
    with pytest.raises(KeyError):
        store.call("PutObject", pieces(b"new and", KeyError()), 30, Bucket=bucket, Key="kept")
    assert store.call("GetObject", Bucket=bucket, Key="kept")["Body"] == b"old"


def test_an_upload_in_parts_is_one_object(store: Store, bucket: str) -> None:
    upload = store.call("CreateMultipartUpload", Bucket=bucket, Key="parts")["UploadId"]
    parts = []
    for number, body in ((1, b"a" * (5 << 20)), (2, b"b")):
        put = write_request("s3", "UploadPart", {"Bucket": bucket, "Key": "parts", "UploadId": upload,
                                                 "PartNumber": number, "Body": body})  # fmt: skip
        status, headers = store.runner.run(_head(store.backends.open("s3", put, None, ACCOUNT, REGION)))
        assert status == 200
        parts.append({"PartNumber": number, "ETag": headers["etag"]})
    more = {"UploadId": upload, "MultipartUpload": {"Parts": parts}}
    store.call("CompleteMultipartUpload", Bucket=bucket, Key="parts", **more)
    assert store.call("HeadObject", Bucket=bucket, Key="parts")["ContentLength"] == (5 << 20) + 1


async def _head(opened: Any) -> tuple[int, dict[str, str]]:
    async with opened as answer:
        await answer.whole(1 << 20)
        return answer.status, dict(answer.headers)


def test_the_store_at_a_url_takes_no_other_key_and_no_other_account(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    wrong = BackendAccess(account="222222222222", access_key_id=ACCESS_KEY_ID, secret_access_key="wrong")
    right = BackendAccess(account=ACCOUNT, **STORED)
    with object_store(tmp_path_factory.mktemp("objects")) as url, asyncio.Runner() as runner:
        made = arranged(backend={"s3": url}, backend_keys=(right, wrong))
        listing = write_request("s3", "ListBuckets", {})
        assert runner.run(read(made.open("s3", listing, None, ACCOUNT, REGION)))[0] == 200
        status, body = runner.run(read(made.open("s3", listing, None, "222222222222", REGION)))
        assert status == 403
        assert b"SignatureDoesNotMatch" in body
        with pytest.raises(ServiceUnavailable, match="333333333333"):
            runner.run(read(made.open("s3", listing, None, "333333333333", REGION)))
        runner.run(made.close())

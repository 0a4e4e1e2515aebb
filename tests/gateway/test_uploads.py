"""What the unmodified SDK sends to S3, in each way that it has to sign a body, is read as it was given."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from rolekeeper.errors import InvalidRequest
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.payload import Payload
from rolekeeper.gateway.post_form import PostForm
from rolekeeper.wire import model
from rolekeeper.wire.http import HttpRequest
from tests.client import LocalWorld
from tests.gateway.bodies import Packets, packets, scope
from tests.wire.forms import FORM_TYPE, form

SMALL, LARGE = b"content", bytes(range(256)) * 1024


class Seen:
    """A client, and the request that it has sent last."""

    def __init__(self, world: LocalWorld, url: str, **options: Any) -> None:
        self.world = world
        self.request = HttpRequest(method="", path="")
        self.body = b""
        self.client: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id=world.server.root_access_key_id,
            aws_secret_access_key=world.server.root_secret.reveal(),
            config=Config(**options),
        )
        self.client.meta.events.register("before-send.s3", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        body = request.body or b""
        self.body = body if isinstance(body, bytes) else body.read()
        headers |= {"host": url.netloc}
        if "transfer-encoding" not in headers:
            headers["content-length"] = str(len(self.body))
        self.request = HttpRequest(
            method=request.method, path=url.path, query=url.query, headers=tuple(headers.items())
        )
        return AWSResponse(request.url, 200, {}, _Nothing())

    def read(self) -> tuple[Payload, bytes]:
        """The body of what was sent last, verified."""
        sessions = self.world.server._service.sessions
        head = Head.of(scope(self.request))
        claimed = sessions.claimed(head.request)
        seal = None
        if claimed is not None:
            with self.world.server.store.read() as tx:
                _, seal = sessions.authenticate_ahead(head.request, claimed, model.service("s3"), tx)
        found = Payload.of(head, seal, Packets(packets(self.body, 10_000)))
        return found, asyncio.run(found.whole(1 << 20))


class _Nothing:
    """The body of an answer without one."""

    def stream(self) -> list[bytes]:
        return []


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


@pytest.mark.parametrize("content", [SMALL, LARGE, b""])
@pytest.mark.parametrize("url", ["http://s3.localhost:4566", "https://s3.localhost:4566"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"s3": {"payload_signing_enabled": True}},
        {"s3": {"addressing_style": "virtual"}},
        {"signature_version": UNSIGNED},
    ],
)
def test_an_object_comes_through(
    local: LocalWorld, url: str, options: Mapping[str, Any], content: bytes
) -> None:
    seen = Seen(local, url, **options)
    seen.client.put_object(
        Bucket="bucket",
        Key="a b/é(1)+~.txt",
        Body=io.BytesIO(content),
        Metadata={"a": "b  c"},
        ContentEncoding="gzip",
    )
    found, body = seen.read()
    assert body == content
    assert found.request.header("content-encoding") == "gzip"
    assert found.request.header("content-length") == str(len(content))


def test_trailers_are_there_at_the_end(local: LocalWorld) -> None:
    seen = Seen(local, "https://s3.localhost:4566")
    seen.client.put_object(Bucket="bucket", Key="key", Body=io.BytesIO(LARGE), ChecksumAlgorithm="SHA256")
    assert seen.request.header("x-amz-content-sha256") == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    found, body = seen.read()
    assert body == LARGE
    assert list(found.trailers) == ["x-amz-checksum-sha256"]


@pytest.mark.parametrize("key", ["key", "a//b/../c", "a b+c%20&=?#", "é", "/a", "a/"])
def test_keys_of_all_kinds_are_signed_as_they_are(local: LocalWorld, key: str) -> None:
    seen = Seen(local, "http://s3.localhost:4566")
    seen.client.get_object(Bucket="bucket", Key=key, Range="bytes=0-1", VersionId="x y")
    assert seen.read()[1] == b""


@pytest.mark.parametrize("more", [{}, {"ContentMD5": "mgNkuembtIDdJeHwKEyFVQ==", "Metadata": {"a": "b"}}])
def test_a_presigned_upload_comes_through(local: LocalWorld, more: dict[str, Any]) -> None:
    seen = Seen(local, "http://s3.localhost:4566", signature_version="s3v4")
    url = urlsplit(
        seen.client.generate_presigned_url("put_object", {"Bucket": "bucket", "Key": "a b", **more})
    )
    headers = {"host": url.netloc, "content-length": str(len(SMALL))}
    if more:
        headers |= {"content-md5": more["ContentMD5"], "x-amz-meta-a": "b"}
    seen.request = HttpRequest(method="PUT", path=url.path, query=url.query, headers=tuple(headers.items()))
    seen.body = SMALL
    assert seen.read()[1] == SMALL


def test_version_2_by_which_the_sdk_presigns_in_the_oldest_regions_is_refused(local: LocalWorld) -> None:
    seen = Seen(local, "http://s3.localhost:4566")
    url = urlsplit(seen.client.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "a"}))
    seen.request = HttpRequest(method="GET", path=url.path, query=url.query, headers=(("host", url.netloc),))
    with pytest.raises(InvalidRequest, match="Please use AWS4-HMAC-SHA256"):
        seen.read()


def test_a_presigned_form_comes_through(local: LocalWorld) -> None:
    seen = Seen(local, "http://s3.localhost:4566", signature_version="s3v4")
    made = seen.client.generate_presigned_post(
        "bucket",
        "user/${filename}",
        Fields={"acl": "private", "success_action_status": "201"},
        Conditions=[{"acl": "private"}, {"success_action_status": "201"}, ["content-length-range", 1, 10]],
    )
    url = urlsplit(made["url"])
    headers = (("host", url.netloc), ("content-type", FORM_TYPE), ("content-length", "1"))
    head = Head.of(scope(HttpRequest(method="POST", path=url.path, headers=headers)))

    async def read() -> tuple[PostForm, Any]:
        found = await PostForm.read(head, Packets(packets(form(made["fields"], SMALL), 100)))
        assert found is not None
        return found, await found.ready()

    found, body = asyncio.run(read())
    assert (found.key, body, found.request.path) == ("user/a.txt", SMALL, "/bucket/user/a.txt")
    with local.server.store.read() as tx:
        authenticated = local.server._service.sessions.authenticate_form(found.fields, "bucket", tx)
    assert authenticated is not None
    assert authenticated[0].account == local.root.account
    assert (authenticated[1].way, authenticated[1].algorithm) == ("POST", "AWS4-HMAC-SHA256")
    assert found.answer("bucket", '"etag"').status == 201

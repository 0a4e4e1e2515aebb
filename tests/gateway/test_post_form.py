"""Form uploads as the PutObject that they are, with a file that keeps to the policy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from rolekeeper.errors import (
    AwsError,
    BadDigest,
    EntityTooLarge,
    EntityTooSmall,
    InvalidArgument,
    InvalidPolicyDocument,
    MalformedPOSTRequest,
    MalformedXml,
)
from rolekeeper.gateway.head import Head
from rolekeeper.gateway.payload import Disconnected
from rolekeeper.gateway.post_form import PIECE, PostForm
from rolekeeper.wire.http import HttpRequest
from tests.gateway.bodies import Packets, packets, scope
from tests.wire.forms import FORM_TYPE, form, signed_fields

FILE = bytes(range(251)) * 1000
LONG = FILE * 5


def head(path: str = "/bucket", **changes: str) -> Head:
    headers = {"host": "s3.localhost", "content-type": FORM_TYPE, "content-length": "1"} | changes
    request = HttpRequest(method="POST", path=path, headers=tuple(headers.items()))
    return Head.of(scope(request))


def opened(body: bytes, size: int = 4096, **more: Any) -> PostForm:
    found = asyncio.run(PostForm.read(head(**more), Packets(packets(body, size))))
    assert found is not None
    return found


def read(body: bytes, size: int = 4096) -> tuple[PostForm, bytes]:
    async def both() -> tuple[PostForm, bytes]:
        found = await PostForm.read(head(), Packets(packets(body, size)))
        assert found is not None
        return found, b"".join([piece async for piece in found.stream()])

    return asyncio.run(both())


def refused(kind: type[Exception], body: bytes, size: int = 4096, **more: Any) -> bytes:
    """What is given on of the file before the error comes."""
    given: list[bytes] = []

    async def collect() -> None:
        found = await PostForm.read(head(), Packets(packets(body, size), **more))
        assert found is not None
        async for piece in found.stream():
            given.append(piece)

    with pytest.raises(kind):
        asyncio.run(collect())
    return b"".join(given)


def headers(fields: Mapping[str, str], **more: Any) -> dict[str, str]:
    return dict(opened(form({"key": "a", **fields}), **more).request.headers)


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_a_file_comes_through(size: int) -> None:
    body = form(signed_fields(), FILE[:5000] if size == 1 else FILE)
    found, file = read(body, size)
    assert file == (FILE[:5000] if size == 1 else FILE)
    assert found.key == "user/a.txt"


def test_a_short_file_is_ready_whole_and_a_long_one_in_pieces() -> None:
    async def ready(file: bytes) -> bytes | AsyncIterator[bytes]:
        found = await PostForm.read(head(), Packets(packets(form({"key": "a"}, file), 65536)))
        assert found is not None
        body = await found.ready()
        return body if isinstance(body, bytes) else b"".join([piece async for piece in body]) + b"!"

    assert len(LONG) > PIECE > len(FILE)
    assert asyncio.run(ready(FILE)) == FILE
    assert asyncio.run(ready(b"")) == b""
    assert asyncio.run(ready(LONG)) == LONG + b"!"


def test_a_form_is_a_put() -> None:
    fields = {
        "key": "user/${filename} é?&",
        "acl": "private",
        "Content-Type": "text/plain",
        "x-amz-meta-a": "é",
        "x-amz-storage-class": "STANDARD",
        "tagging": "<Tagging><TagSet><Tag><Key>a b</Key><Value>c&amp;d</Value></Tag></TagSet></Tagging>",
        "success_action_status": "201",
        "x-ignore-a": "b",
    }
    found = opened(form(signed_fields(fields=fields), FILE, filename="C:\\pictures\\a.png"))
    assert (found.request.method, found.request.query) == ("PUT", "")
    found = opened(form(fields, FILE, filename="C:\\pictures\\a.png"))
    assert found.request.path == "/bucket/user/a.png%20%C3%A9%3F%26"
    assert dict(found.request.headers) == {
        "host": "s3.localhost",
        "x-amz-acl": "private",
        "content-type": "text/plain",
        "x-amz-meta-a": "Ã©",
        "x-amz-storage-class": "STANDARD",
        "x-amz-tagging": "a%20b=c%26d",
    }
    assert opened(form({"key": "a"}), path="/").request.path == "/a"
    assert opened(form({"key": "/a/../b"}), path="/bucket/").request.path == "/bucket//a/../b"


def test_no_field_makes_another_request_of_it() -> None:
    for name in ("x-amz-copy-source", "x-amz-content-sha256", "x-amz-trailer", "x-amz-target", "x-amz-acl"):
        with pytest.raises(InvalidArgument, match=f"The field {name} is not implemented"):
            headers({name: "a"})
    assert headers({"authorization": "x", "host": "other", "transfer-encoding": "chunked"}) == {
        "host": "s3.localhost"
    }


@pytest.mark.parametrize("value", ["a\r\nx-amz-copy-source: b", "a\nb", "a\0", "\x7f"])
def test_no_field_makes_two_headers(value: str) -> None:
    with pytest.raises(InvalidArgument):
        headers({"x-amz-meta-a": value})


@pytest.mark.parametrize(
    "document",
    [
        "x",
        "<A/>",
        "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key><Key>b</Key><Value>c</Value></Tag></TagSet></Tagging>",
    ],
)
def test_what_are_no_tags(document: str) -> None:
    with pytest.raises(MalformedXml):
        headers({"tagging": document})


@pytest.mark.parametrize(
    ("least", "most", "kind"),
    [(0, len(FILE) - 1, EntityTooLarge), (len(FILE) + 1, len(FILE) * 2, EntityTooSmall)],
)
def test_a_file_is_as_long_as_its_policy_has_it(least: int, most: int, kind: type[AwsError]) -> None:
    body = form(signed_fields([["content-length-range", least, most]]), FILE)
    assert len(refused(kind, body)) < len(FILE)
    read(form(signed_fields([["content-length-range", len(FILE), len(FILE)]]), FILE))


def test_an_empty_file_is_refused_before_anything_is_sent() -> None:
    assert refused(EntityTooSmall, form(signed_fields([["content-length-range", 1, 9]]), b"")) == b""


def test_a_file_that_does_not_end_is_not_given_on_whole() -> None:
    body = form({"key": "a"}, FILE)
    assert len(refused(MalformedPOSTRequest, body[:-20])) < len(FILE)
    assert len(refused(Disconnected, body[:100_000], then="http.disconnect")) < 100_000


def test_a_files_checksum_is_checked() -> None:
    refused(BadDigest, form({"key": "a", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, FILE))
    read(form({"key": "a", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, b""))


@pytest.mark.parametrize(
    ("fields", "file", "kind"),
    [
        ({"acl": "private"}, b"x", InvalidArgument),
        ({"key": ""}, b"x", InvalidArgument),
        ({"key": "a" * 1025}, b"x", InvalidArgument),
        ({"key": "a"}, None, InvalidArgument),
        ({"key": "a", "policy": "x"}, b"x", InvalidPolicyDocument),
    ],
)
def test_forms_that_are_no_uploads(fields: dict[str, str], file: bytes | None, kind: type[AwsError]) -> None:
    with pytest.raises(kind):
        opened(form(fields, file))


def test_a_form_with_another_signature_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="Only one auth mechanism"):
        opened(form({"key": "a"}), authorization="AWS4-HMAC-SHA256 Credential=a")


def test_other_requests_are_no_forms() -> None:
    async def read(found: Head) -> PostForm | None:
        return await PostForm.read(found, Packets([b""]))

    assert asyncio.run(read(head(**{"content-type": "application/xml"}))) is None
    request = HttpRequest(method="POST", path="/b", query="delete", headers=head().request.headers)
    assert asyncio.run(read(Head.of(scope(request)))) is None
    request = HttpRequest(method="PUT", path="/b", headers=head().request.headers)
    assert asyncio.run(read(Head.of(scope(request)))) is None


# -- what a browser is told -------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "status"), [("", 204), ("200", 200), ("204", 204), ("404", 204)])
def test_what_is_answered(given: str, status: int) -> None:
    answer = opened(form({"key": "a b", "success_action_status": given})).answer("bucket", '"etag"')
    assert (answer.status, answer.body) == (status, b"")
    assert dict(answer.headers) == {"etag": '"etag"', "location": "https://s3.localhost/bucket/a%20b"}


def test_what_is_answered_in_xml() -> None:
    answer = opened(form({"key": "a<", "success_action_status": "201"})).answer("bucket", '"e"', "v1")
    assert answer.status == 201
    assert b'<Bucket>bucket</Bucket><Key>a&lt;</Key><ETag>"e"</ETag></PostResponse>' in answer.body
    assert dict(answer.headers)["x-amz-version-id"] == "v1"


def test_where_a_browser_is_sent() -> None:
    found = opened(form({"key": "a b", "success_action_redirect": "https://example.com/done?c=d#e"}))
    answer = found.answer("bucket", '"e"')
    assert answer.status == 303
    assert dict(answer.headers)["location"] == (
        "https://example.com/done?c=d&bucket=bucket&key=a+b&etag=%22e%22#e"
    )


@pytest.mark.parametrize("url", ["javascript:x", "/here", "https://a\r\nb", "https://é/", "http://[", "x"])
def test_where_no_browser_is_sent(url: str) -> None:
    answer = opened(form({"key": "a", "success_action_redirect": url})).answer("bucket", '"e"')
    assert answer.status == 204

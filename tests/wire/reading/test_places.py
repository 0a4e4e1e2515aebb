"""Members in paths, query strings and headers: each once, and each written in one way."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import AwsError
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import service
from rolekeeper.wire.reading.places import Places
from tests.wire.reading.asking import asking, read, route_of, sent


def twice(name: str, one: str, other: str) -> HttpRequest:
    asked = asking("GET", "/b/k")
    return HttpRequest(
        method="PUT", path=asked.path, headers=[*asked.headers, (name, one), (name, other)], body=b""
    )


@pytest.mark.parametrize(
    "request_",
    [
        asking("GET", "/b", "prefix=a&prefix=b"),
        asking("GET", "/b", "list-type=2&list-type=2"),
        asking("GET", "/b/k", "versionId=a&versionId=a"),
        asking("GET", "/b", "max-keys=many"),
        asking("GET", "/b", "prefix=%ff"),
        asking("GET", "/b/k", "partNumber=1.5"),
        asking("GET", "/b/k", if_modified_since="yesterday"),
        twice("x-amz-acl", "private", "public-read"),
        twice("x-amz-meta-a", "1", "2"),
        asking("PUT", "/b/k", "x-amz-meta-a%0D%0Ab:=1"),
        asking("PUT", "/b/k", "x-amz-meta-a%20b=1"),
        asking("PUT", "/b/k", "x-amz-meta-%C3%A9=1"),
        asking("PUT", "/b/k", "x-amz-meta-a=1%0D%0Ax:y"),
        asking("PUT", "/b/k", "x-amz-storage-class=1%00"),
        asking("PUT", "/b/k", "x-amz-meta-a=1&X-Amz-Meta-A=2"),
        asking("PUT", "/b/k", x_amz_meta_a="\xff"),
        asking("PUT", "/b/k", "x-amz-acl=private", x_amz_acl="public-read"),
        asking("GET", "/2015-03-31/functions/a%2Fpolicy", signed="lambda"),
        asking("GET", "/2015-03-31/functions/%2e%2e", signed="lambda"),
        asking("GET", "/2015-03-31/functions/a%2f%2e%2e", signed="lambda"),
        asking("GET", "/2015-03-31/functions/a%00", signed="lambda"),
        asking("GET", "/2015-03-31/functions/%ff", signed="lambda"),
        asking("GET", "/2015-03-31/functions/%", signed="lambda"),
        asking("GET", "/2015-03-31/functions/a b", signed="lambda"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(request_: HttpRequest) -> None:
    with pytest.raises(AwsError):
        read(request_)


@pytest.mark.parametrize(
    ("request_", "members", "target"),
    [
        (
            asking("GET", "/b", "list-type=2&prefix=a%2fb+c&max-keys=5&unknown=1&X-Amz-Date=x"),
            {"Bucket": "b", "Prefix": "a/b c", "MaxKeys": 5},
            "/b?list-type=2&prefix=a%2Fb%20c&max-keys=5",
        ),
        (asking("GET", "/b", "max-keys=&prefix="), {"Bucket": "b", "Prefix": ""}, "/b?prefix="),
        (asking("GET", "/b/", "acl="), {"Bucket": "b"}, "/b?acl"),
        (asking("GET", "/b/%6b%7E%2B/%c3%a9"), {"Bucket": "b", "Key": "k~+/é"}, "/b/k~%2B/%C3%A9"),
        (asking("GET", "/b/a%252Fb"), {"Bucket": "b", "Key": "a%2Fb"}, "/b/a%252Fb"),
        (asking("GET", "/b//a//"), {"Bucket": "b", "Key": "/a//"}, "/b//a//"),
        (asking("GET", "/k", host="b.localhost"), {"Bucket": "b", "Key": "k"}, "/b/k"),
        (
            asking("GET", "/./2015-03-31//functions/x/../f", signed="lambda"),
            {"FunctionName": "f"},
            "/2015-03-31/functions/f",
        ),
        (
            asking(
                "GET", "/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2Fa", signed="apigateway"
            ),
            {"resourceArn": "arn:aws:apigateway:eu-west-1::/restapis/a"},
            "/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2Fa",
        ),
        (
            asking("GET", "/2021-01-01/opensearch/domain/a/logs", signed="nothing"),
            None,
            "",
        ),
        (
            asking("DELETE", "/2017-03-31/tags/arn", "tagKeys=a&tagKeys=b", signed="lambda"),
            {"Resource": "arn", "TagKeys": ["a", "b"]},
            "/2017-03-31/tags/arn?tagKeys=a&tagKeys=b",
        ),
    ],
)
def test_members_are_read_and_written(
    request_: HttpRequest, members: dict[str, Any] | None, target: str
) -> None:
    if members is None:
        with pytest.raises(AwsError):
            read(request_)
        return
    found = read(request_)
    assert found.members == members
    written = found.written
    assert (f"{written.path}?{written.query}" if written.query else written.path) == target


def test_headers_of_members_go_on_and_no_others() -> None:
    asked = asking(
        "PUT",
        "/b/k",
        x_amz_acl=" private ",
        content_type="text/plain",
        x_amz_meta_name="\xc3\xa9",
        x_amz_meta_="nothing",
        x_forwarded_for="1.2.3.4",
        x_amz_date="x",
        x_amz_content_sha256="UNSIGNED-PAYLOAD",
        content_length="5",
        transfer_encoding="chunked",
        connection="close",
    )
    found = read(asked)
    assert found.members == {
        "Bucket": "b", "Key": "k", "ACL": "private", "ContentType": "text/plain", "Metadata": {"name": "é"},
        "ContentLength": 5,
    }  # fmt: skip
    assert found.written.headers == (
        ("x-amz-acl", "private"),
        ("content-type", "text/plain"),
        ("x-amz-meta-name", "\xc3\xa9"),
    )


def test_what_a_presigned_url_has_of_headers_is_read() -> None:
    found = read(asking("PUT", "/b/k", "X-Amz-Acl=private&x-amz-meta-a=%C3%A9&X-Amz-Expires=5"))
    assert found.members == {"Bucket": "b", "Key": "k", "ACL": "private", "Metadata": {"a": "é"}}
    assert found.written.query == ""
    copied = read(asking("PUT", "/b/k", "x-amz-copy-source=c%2Fd&x-id=CopyObject"))
    assert copied.members == {"Bucket": "b", "Key": "k", "CopySource": "c/d"}


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("ETag,ObjectSize", ["ETag", "ObjectSize"]),
        (' "a,b" , c', ["a,b", "c"]),
        (r'"a\"b",c', ['a"b', "c"]),
        ("", []),
    ],
)
def test_a_header_that_is_a_list_is_read(text: str, elements: list[str]) -> None:
    found = read(asking("GET", "/b/k", "attributes", x_amz_object_attributes=text))
    assert found.members["ObjectAttributes"] == elements
    again = read(sent(found.written, service("s3")))
    assert again.members == found.members or not elements


def test_a_header_that_is_no_list_is_refused() -> None:
    with pytest.raises(AwsError):
        read(asking("GET", "/b/k", "attributes", x_amz_object_attributes='"a'))


def test_a_header_cannot_begin_a_line() -> None:
    places = Places(route_of("s3", "PutObject").operation)
    with pytest.raises(AwsError, match="control character"):
        places.headers({"ContentType": "a\r\nx-amz-acl: public-read"})


@pytest.mark.parametrize("key", ["", "..", "a/../b", ".", "a/."])
def test_a_path_that_leads_elsewhere_is_not_written(key: str) -> None:
    with pytest.raises(AwsError):
        Places(route_of("s3", "GetObject").operation).path({"Bucket": "b", "Key": key})

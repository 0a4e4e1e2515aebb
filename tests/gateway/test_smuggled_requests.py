"""Requests that two readers could take for two things, as bytes on the server's own socket.

They are signed as they stand. Each is refused, or what stands behind gets just what was decided: it is asked
what it got. Bob may read and write objects of the bucket `open`, read the table and the function `open`, and
list regions, queues and topics.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.raw import RecordedWorld, signed

JSON = ("content-type", "application/x-amz-json-1.0")
FORM = ("content-type", "application/x-www-form-urlencoded")
GET_ITEM = ("x-amz-target", "DynamoDB_20120810.GetItem")
KEY = b'"Key": {"k": {"S": "a"}}'
ITEM = b'{"TableName":"open","Key":{"k":{"S":"a"}}}'
REGIONS = b"Action=DescribeRegions&Version=2016-11-15"
KILL = "Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-0123456789abcdef0"
FUNCTIONS = "/2015-03-31/functions"


@pytest.fixture(scope="module")
def world() -> Iterator[RecordedWorld]:
    found = RecordedWorld()
    yield found
    found.close()


def asked(world: RecordedWorld, *given: Any, **more: Any) -> tuple[int, bytes, list[tuple[str, bytes]]]:
    status, answer, got = world.ask(signed(world.bob, *given, **more))
    for each in got:
        assert each.header("host") == world.behind.url.partition("//")[2]
    return status, answer, [(each.line.rpartition(" ")[0], each.body) for each in got]


def is_refused(world: RecordedWorld, status: int, *given: Any, **more: Any) -> None:
    """It is refused with this status, not for its signature, and nothing is carried out."""
    found, answer, got = asked(world, *given, **more)
    assert (found, got) == (status, []), answer
    assert b"SignatureDoesNotMatch" not in answer


def is_done_as(world: RecordedWorld, done: tuple[str, bytes], *given: Any, **more: Any) -> None:
    """What stands behind gets one request, which is this one."""
    status, answer, got = asked(world, *given, **more)
    assert (status, got) == (200, [done]), answer


@pytest.mark.parametrize(
    ("given", "done"),
    [
        (("s3", "GET", "/open/a"), ("GET /open/a", b"")),
        (("s3", "PUT", "/open/a", (), b"abc"), ("PUT /open/a", b"abc")),
        (("dynamodb", "POST", "/", (JSON, GET_ITEM), ITEM), ("POST /", ITEM)),
        (("ec2", "POST", "/", (FORM,), REGIONS), ("POST /", REGIONS)),
        (("ec2", "GET", f"/?{REGIONS.decode()}"), ("POST /", REGIONS)),
        (("lambda", "GET", f"{FUNCTIONS}/open"), (f"GET {FUNCTIONS}/open", b"")),
    ],
)
def test_what_bob_may_is_done(world: RecordedWorld, given: tuple[Any, ...], done: tuple[str, bytes]) -> None:
    """So it is not for its form that the others are refused."""
    is_done_as(world, done, *given)


@pytest.mark.parametrize(
    "target", ["/shut/a", "/open/a?acl", "/open/a?%61cl", "/open/a?versionId=1", "/open"]
)
def test_what_he_may_not_is_refused(world: RecordedWorld, target: str) -> None:
    is_refused(world, 403, "s3", "GET", target)


@pytest.mark.parametrize("host", ["open.localhost", "shut.localhost", "127.0.0.1"])
@pytest.mark.parametrize("signed_too", [True, False])
def test_a_second_host(world: RecordedWorld, host: str, signed_too: bool) -> None:
    more = (("Host", host),)
    is_refused(
        world, 400, "s3", "GET", "/open/a", more if signed_too else (), unsigned=() if signed_too else more
    )


def test_the_host_names_the_bucket_and_the_path_does_not(world: RecordedWorld) -> None:
    is_done_as(world, ("GET /open/a", b""), "s3", "GET", "/a", host="open.localhost")
    is_done_as(world, ("GET /open/shut/a", b""), "s3", "GET", "/shut/a", host="open.localhost:4566")
    is_refused(world, 403, "s3", "GET", "/open/a", host="shut.localhost")
    is_refused(world, 403, "s3", "GET", "/open/a", host="shut.s3.us-east-1.amazonaws.com")


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host", "X-Rewrite-URL"]
)
def test_a_header_that_names_another_place_does_not_go_on(world: RecordedWorld, name: str) -> None:
    status, _, got = world.ask(signed(world.bob, "s3", "GET", "/open/a", [(name, "host=shut.localhost")]))
    (one,) = got
    assert (status, one.line) == (200, "GET /open/a HTTP/1.1")
    assert not [value for _, value in one.headers if "shut" in value]


@pytest.mark.parametrize(
    "more",
    [
        (("Content-Length", "15"), ("Transfer-Encoding", "chunked")),
        (("Transfer-Encoding", "chunked"), ("Content-Length", "15")),
        (("Content-Length", "0"), ("Transfer-Encoding", "chunked")),
        (("Transfer-Encoding", "identity"), ("Content-Length", "15")),
        (("Transfer-Encoding", "gzip, chunked"),),
        (("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")),
        (("Transfer-Encoding", "xchunked"),),
        (("Content-Length", "15"), ("Content-Length", "0")),
        (("Content-Length", "15, 15"),),
        (("Content-Length", "+15"),),
        (("Content-Length", "0xf"),),
    ],
)
def test_two_lengths_of_a_body(world: RecordedWorld, more: Any) -> None:
    body = b"3\r\nabc\r\n0\r\n\r\n"
    is_refused(world, 400, "s3", "PUT", "/open/a", unsigned=more, body=body)


def test_what_follows_a_body_is_a_request_of_its_own(world: RecordedWorld) -> None:
    """One that is smuggled in after the length of the first has no signature, and is nobody's."""
    more = signed(world.bob, "s3", "PUT", "/open/a", body=b"abc").replace(b"connection: close\r\n", b"")
    behind = b"GET /shut/a HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    status, answer, got = world.ask(more + behind)
    assert [(one.line, one.body) for one in got] == [("PUT /open/a HTTP/1.1", b"abc")]
    assert status == 200 and answer.count(b"HTTP/1.1 ") == 2 and b"HTTP/1.1 403" in answer


@pytest.mark.parametrize(
    "target",
    [
        *(
            "http://127.0.0.1/open/a",
            "http://shut.localhost/a",
            "https://127.0.0.1/shut/a",
            "HTTP://x/open/a",
        ),
        *("http://open.localhost/../shut/a", "http://127.0.0.1"),
    ],
)
def test_a_whole_address_for_a_path(world: RecordedWorld, target: str) -> None:
    is_refused(world, 400, "s3", "GET", target)


@pytest.mark.parametrize(
    "target",
    [
        *("/open/../shut/a", "/open/./a", "/open/%2e%2e/shut/a", "/open/%2E%2e/shut/a", "/open/.%2e/shut/a"),
        *("/open/a%2f..%2f..%2fshut/a", "/open%2fa", "/open%2f..%2fshut/a", "//open/a", "/%2e%2e/open/a"),
        *("/open/a%00", "/open/..", "/./open/a", "/open%00/a", "/open/a#/../shut/a", "/open/%zz", "/open/%2"),
        *("/.%2fopen/a", "/open%5c..%5cshut/a", "/open;shut/a", "/open/a?x-id=GetObject&tagging"),
    ],
)
def test_a_path_that_others_would_read_otherwise(world: RecordedWorld, target: str) -> None:
    is_refused(world, 400, "s3", "GET", target)


@pytest.mark.parametrize(
    ("target", "done"),
    [
        ("/open/%252e%252e/shut", "/open/%252e%252e/shut"),
        ("/open/a%252fb", "/open/a%252fb"),
        ("/open//shut/a", "/open//shut/a"),
        ("/open/a%2fb", "/open/a/b"),
        ("/%6fpen/a", "/open/a"),
        ("/open/..%5cshut%5ca", "/open/..%5Cshut%5Ca"),
        ("/open/...", "/open/..."),
        ("/open/a?ACL", "/open/a"),
        ("/open/a?x=1;acl", "/open/a"),
        ("/open/a?_method=DELETE&method=DELETE", "/open/a"),
        ("/open/a?x=%26acl", "/open/a"),
        ("/open/a%3facl", "/open/a%3Facl"),
        ("/open/a?Bucket=shut&Key=b", "/open/a"),
    ],
)
def test_a_path_with_one_meaning_goes_on_with_that(world: RecordedWorld, target: str, done: str) -> None:
    is_done_as(world, (f"GET {done}", b""), "s3", "GET", target)


@pytest.mark.parametrize("target", ["/OPEN/a", "/Open/a"])
def test_another_case_is_another_bucket(world: RecordedWorld, target: str) -> None:
    is_refused(world, 403, "s3", "GET", target)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/open/../shut", 403),
        ("/open%2f..%2fshut", 400),
        ("/open%252f..%252fshut", 400),
        ("/OPEN", 403),
        ("/open/policy", 403),
        ("/open%2fpolicy", 400),
        ("/open/.%2e/shut", 404),
        ("/open;shut", 400),
    ],
)
def test_a_path_of_another_service(world: RecordedWorld, path: str, status: int) -> None:
    is_refused(world, status, "lambda", "GET", f"{FUNCTIONS}{path}")


@pytest.mark.parametrize("path", ["/shut/../open", "//open", "/./open", "/%6fpen", "/open?FunctionName=shut"])
def test_a_path_of_another_service_with_one_meaning(world: RecordedWorld, path: str) -> None:
    is_done_as(world, (f"GET {FUNCTIONS}/open", b""), "lambda", "GET", f"{FUNCTIONS}{path}")


@pytest.mark.parametrize("signed_too", [True, False])
@pytest.mark.parametrize(
    "name",
    ["X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE", "X-Original-URL"],
)
def test_a_header_that_overrides(world: RecordedWorld, name: str, signed_too: bool) -> None:
    more = ((name, "DELETE"),)
    for method in ("GET", "PUT"):
        given = (more, b"") if signed_too else ((), b"")
        is_refused(world, 400, "s3", method, "/open/a", *given, unsigned=() if signed_too else more)
    is_refused(world, 400, "ec2", "POST", "/", (FORM, *more), REGIONS)


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Method", "X-Original-Method", "_method", "X-Original-URI", "X_HTTP_Method_Override"]
)
def test_a_header_that_would_override_elsewhere_does_not_go_on(world: RecordedWorld, name: str) -> None:
    status, _, got = world.ask(signed(world.bob, "s3", "GET", "/open/a", [(name, "/shut/DELETE")]))
    (one,) = got
    assert (status, one.line) == (200, "GET /open/a HTTP/1.1")
    assert not [value for _, value in one.headers if "DELETE" in value]


@pytest.mark.parametrize("method", ["get", "Get", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "COPY"])
def test_another_method(world: RecordedWorld, method: str) -> None:
    status, _, got = asked(world, "s3", method, "/open/a")
    assert status >= 400 and got == []


@pytest.mark.parametrize(
    "name", ["X-Amz-Copy-Source", "x-amz-copy-source", "X-Amz-Acl", "x-amz-tagging", "X-AMZ-GRANT-READ"]
)
def test_a_header_that_asks_for_more_must_be_signed(world: RecordedWorld, name: str) -> None:
    value = {"x-amz-acl": "public-read", "x-amz-tagging": "a=b", "x-amz-grant-read": 'id="1"'}
    text = value.get(name.lower(), "/shut/a")
    status, _, got = asked(world, "s3", "PUT", "/open/b", unsigned=((name, text),))
    assert (status, got) == (403, [])
    status, _, got = asked(world, "s3", "PUT", "/open/b", ((name, text),))
    assert (status >= 400, got) == (True, [])


def test_a_header_of_nearly_that_name_does_not_go_on(world: RecordedWorld) -> None:
    for name in ("X_Amz_Copy_Source", "xamzcopysource", "x-amz-copy-sources"):
        status, _, got = world.ask(signed(world.bob, "s3", "PUT", "/open/b", ((name, "/shut/a"),)))
        assert status == 200 and not [value for _, value in got[0].headers if value == "/shut/a"]


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        ("/", (FORM, GET_ITEM), b"Action=DeleteTable&TableName=shut"),
        ("/?Action=DeleteTable&TableName=shut", (JSON, GET_ITEM), ITEM),
        ("/shut", (JSON, GET_ITEM), ITEM),
        ("/", (JSON, ("x-amz-target", "dynamodb_20120810.getitem")), ITEM),
        ("/", (JSON, ("x-amz-target", "DynamoDB_20120810.getItem")), ITEM),
        ("/", (JSON, ("x-amz-target", "AmazonSQS.ListQueues")), b"{}"),
        ("/", (JSON, ("x-amz-target", "DynamoDB_20120810.GetItem,DynamoDB_20120810.DeleteTable")), ITEM),
        ("/", (JSON, GET_ITEM, ("X-Amz-Target", "DynamoDB_20120810.DeleteTable")), ITEM),
        ("/", (JSON, GET_ITEM), b'{"TableName":"open","TableName":"shut",' + KEY + b"}"),
        ("/", (JSON, GET_ITEM), b'{"TableName":"shut","TableName":"open",' + KEY + b"}"),
        ("/", (JSON, GET_ITEM), ITEM + ITEM),
        ("/", (JSON, GET_ITEM), b"\xef\xbb\xbf" + ITEM),
        ("/", (JSON, GET_ITEM), ITEM[:-1]),
        ("/", (JSON, GET_ITEM), b""),
        ("/", (JSON, GET_ITEM), b"[" + ITEM + b"]"),
    ],
)
def test_a_target_with_what_does_not_go_with_it(
    world: RecordedWorld, target: str, headers: Any, body: bytes
) -> None:
    is_refused(world, 400, "dynamodb", "POST", target, headers, body)


@pytest.mark.parametrize(
    "more",
    [
        b'"tableName":"shut",',
        b'"Item":{"k":{"S":"a"}},"RequestItems":{"shut":[]},"TransactItems":[],',
        b'"Table\\u004eam\\u0065 ":"shut",',
        b'"__type":"DeleteTable","Action":"DeleteTable","X-Amz-Target":"x.DeleteTable",',
    ],
)
def test_members_of_another_operation_do_not_go_on(world: RecordedWorld, more: bytes) -> None:
    body = b'{"TableName":"open",' + more + KEY + b"}"
    is_done_as(world, ("POST /", ITEM), "dynamodb", "POST", "/", (JSON, GET_ITEM), body)


def test_a_target_decides_and_not_the_members(world: RecordedWorld) -> None:
    other = ("x-amz-target", "DynamoDB_20120810.DeleteTable")
    is_refused(world, 400, "dynamodb", "POST", "/", (JSON, other), ITEM)
    escaped = b'{"Table\\u004eame":"\\u006fpen",' + KEY + b"}"
    is_done_as(world, ("POST /", ITEM), "dynamodb", "POST", "/", (JSON, GET_ITEM), escaped)


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        (f"/?{KILL}", (FORM,), REGIONS),
        (f"/?{REGIONS.decode()}", (FORM,), KILL.encode()),
        ("/?Action=TerminateInstances", (FORM,), REGIONS),
        ("/", (FORM,), REGIONS + b"&" + KILL.encode()),
        ("/", (FORM,), REGIONS + b"&%41ction=TerminateInstances"),
        ("/", (FORM,), REGIONS + b"&Version=2010-01-01"),
        ("/", (FORM, ("x-amz-target", "AmazonEC2.TerminateInstances")), REGIONS),
        ("/TerminateInstances", (FORM,), REGIONS),
        ("/", (FORM,), b"Action=describeregions&Version=2016-11-15"),
        ("/", (FORM,), REGIONS + b"&Action"),
        ("/", (JSON,), b'{"Action": "DescribeRegions"}'),
    ],
)
def test_two_actions_of_a_form(world: RecordedWorld, target: str, headers: Any, body: bytes) -> None:
    status, answer, got = asked(world, "ec2", "POST", target, headers, body)
    assert status in (400, 404) and got == [] and b"SignatureDoesNotMatch" not in answer


@pytest.mark.parametrize(
    "more", [b"&action=TerminateInstances", b"&InstanceId.1=i-1", b"&x=1%26Action%3DTerminateInstances"]
)
def test_parameters_that_are_none_do_not_go_on(world: RecordedWorld, more: bytes) -> None:
    is_done_as(world, ("POST /", REGIONS), "ec2", "POST", "/", (FORM,), REGIONS + more)


def test_a_version_of_another_service(world: RecordedWorld) -> None:
    body = b"Action=ListTopics&Version=2012-11-05"
    is_refused(world, 400, "sns", "POST", "/", (FORM,), body)

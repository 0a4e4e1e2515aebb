"""Whatever bytes come, what stands behind is only asked for what the caller may.

Requests are put together of pieces that two readers take for two things, signed as they stand, and sent to a
real server. What its recorder got is read here by rules of their own, and held to bob's five permissions.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.raw import Got, RecordedWorld, signed

EXAMPLES = settings(
    max_examples=6_000 if os.environ.get("RK_FUZZ") else 150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

PARTS = [
    *("open", "shut", "OPEN", "a", "policy", "functions", "2015-03-31", "Open", "", ".", ".."),
    *("%2e", "%2e%2e", "..%2f", "%2f", "%252f", "%252e%252e", "%5c", "%00", "open%2f..%2fshut", "..;", ";a"),
    *("%6fpen", "%ff", "%C0%AF", "a b", "a+b", "%20", "#", "?", "*", "$", "open.", "service", "v20180820"),
]
QUERIES = [
    *("acl", "ACL", "%61cl", "tagging", "versionId=1", "uploads", "uploadId=1&partNumber=1", "partNumber=1"),
    *(
        "delete",
        "policy",
        "list-type=2",
        "prefix=shut",
        "x-id=GetObject",
        "x-id=DeleteObject",
        "Action=DeleteTable",
    ),
    *(
        "Action=TerminateInstances",
        "Action=DescribeRegions",
        "Version=2016-11-15",
        "TableName=shut",
        "_method=PUT",
    ),
    *(
        "FunctionName=shut",
        "Qualifier=1",
        "response-content-type=a",
        "x;acl",
        "x=%26acl",
        "=",
        "acl=acl",
        "a=b&a=c",
    ),
    *("X-Amz-Copy-Source=/shut/a", "x-amz-acl=public-read", "torrent", "attributes", "restore", "select"),
]
HEADERS = [
    ("Host", "shut.localhost"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-Original-URL", "/shut/a"),
    ("X-Rewrite-URL", "/shut/a"),
    ("X-Forwarded-Host", "shut.localhost"),
    ("X-Amz-Copy-Source", "/shut/a"),
    ("x-amz-copy-source", "/open/a"),
    ("X-Amz-Copy-Source", "open/../shut/a"),
    ("x-amz-acl", "public-read"),
    ("x-amz-tagging", "a=b"),
    ("x-amz-grant-full-control", 'id="1"'),
    ("X-Amz-Target", "DynamoDB_20120810.GetItem"),
    ("x-amz-target", "DynamoDB_20120810.DeleteTable"),
    ("x-amz-target", "AmazonSQS.ListQueues"),
    ("x-amz-target", "AmazonSQS.DeleteQueue"),
    ("Content-Type", "application/x-amz-json-1.0"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("content-type", "application/cbor"),
    ("smithy-protocol", "rpc-v2-cbor"),
    ("Content-Length", "0"),
    ("Transfer-Encoding", "identity"),
    ("Content-Encoding", "gzip"),
    ("x-amz-expected-bucket-owner", "111111111111"),
    ("x-amz-account-id", "222222222222"),
    ("x-amz-bypass-governance-retention", "true"),
    ("x-amz-website-redirect-location", "/shut"),
    ("Range", "bytes=0-1"),
    ("If-Match", "*"),
    ("Expect", "100-continue"),
    ("Cookie", "a=b"),
    ("Via", "1.1 shut"),
]
BODIES = [
    b"",
    b"abc",
    b'{"TableName":"open","Key":{"k":{"S":"a"}}}',
    b'{"TableName":"open","TableName":"shut","Key":{"k":{"S":"a"}}}',
    b'{"TableName":"open","tableName":"shut","Key":{"k":{"S":"a"}}}',
    b'{"TableName":"shut","Key":{"k":{"S":"a"}}}',
    b'{"TableName":"arn:aws:dynamodb:us-east-1:222222222222:table/open","Key":{"k":{"S":"a"}}}',
    b'{"QueueUrl":"http://127.0.0.1/1/q","TableName":"open"}',
    b"{}",
    b"Action=DescribeRegions&Version=2016-11-15",
    b"Action=DescribeRegions&Version=2016-11-15&Action=TerminateInstances",
    b"Action=TerminateInstances&Version=2016-11-15&InstanceId.1=i-0123456789abcdef0",
    b"Action=ListTopics&Version=2010-03-31",
    b"Action=ListQueues&Version=2012-11-05",
    b"Action=DeleteTopic&Version=2010-03-31&TopicArn=arn:aws:sns:us-east-1:111111111111:t",
    b"Version=2016-11-15",
    b"<Delete><Object><Key>a</Key></Object></Delete>",
]
JSON, FORM = (
    ("content-type", "application/x-amz-json-1.0"),
    ("content-type", "application/x-www-form-urlencoded"),
)
USUAL: list[dict[str, Any]] = [
    {"service": "s3", "method": "GET", "target": "/open/a"},
    {"service": "s3", "method": "GET", "target": "/a", "host": "open.localhost"},
    {"service": "s3", "method": "PUT", "target": "/open/a/b", "body": b"abc"},
    {"service": "s3", "method": "POST", "target": "/open/a?uploads"},
    {"service": "dynamodb", "method": "POST", "headers": (JSON, HEADERS[11]), "body": BODIES[2]},
    {"service": "sqs", "method": "POST", "headers": (JSON, HEADERS[13]), "body": b"{}"},
    {"service": "ec2", "method": "POST", "headers": (FORM,), "body": BODIES[9]},
    {"service": "sns", "method": "POST", "headers": (FORM,), "body": BODIES[12]},
    {"service": "sns", "method": "GET", "target": "/?Action=ListTopics&Version=2010-03-31"},
    {"service": "lambda", "method": "GET", "target": "/2015-03-31/functions/open"},
]
"""What bob may, or nearly; each is then changed."""
HOSTS = [
    "127.0.0.1",
    "open.localhost",
    "shut.localhost",
    "OPEN.localhost",
    "shut.s3.amazonaws.com",
    "s3.localhost",
]
METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "get", "OPTIONS"]


def _path(target: str, at: int, part: str) -> str:
    path, mark, query = target.partition("?")
    parts = path.split("/")
    parts.insert(1 + at % len(parts), part)
    return "/".join(parts) + mark + query


def _other(target: str, at: int, part: str) -> str:
    path, mark, query = target.partition("?")
    parts = path.split("/")
    parts[-1 - at % (len(parts) - 1)] = part
    return "/".join(parts) + mark + query


_AT = st.integers(0, 3)
CHANGES = st.one_of(
    st.tuples(st.just("headers"), st.sampled_from(HEADERS).map(lambda more: lambda old: (*old, more))),
    st.tuples(st.just("unsigned"), st.sampled_from(HEADERS).map(lambda more: lambda old: (*old, more))),
    st.tuples(
        st.just("target"),
        st.builds(lambda at, part: lambda old: _path(old, at, part), _AT, st.sampled_from(PARTS)),
    ),
    st.tuples(
        st.just("target"),
        st.builds(lambda at, part: lambda old: _other(old, at, part), _AT, st.sampled_from(PARTS)),
    ),
    st.tuples(
        st.just("target"),
        st.sampled_from(QUERIES).map(lambda more: lambda old: old + ("&" if "?" in old else "?") + more),
    ),
    st.tuples(
        st.just("target"),
        st.sampled_from(["http://x", "//", "/.", "/open"]).map(lambda more: lambda old: more + old),
    ),
    st.tuples(st.just("body"), st.sampled_from(BODIES).map(lambda new: lambda old: new)),
    st.tuples(st.just("host"), st.sampled_from(HOSTS).map(lambda new: lambda old: new)),
    st.tuples(st.just("method"), st.sampled_from(METHODS).map(lambda new: lambda old: new)),
    st.tuples(
        st.just("service"), st.sampled_from(["s3", "dynamodb", "sqs", "ec2"]).map(lambda new: lambda old: new)
    ),
)
REQUESTS = st.builds(
    lambda usual, changes: _changed(_NOTHING | usual, changes),
    st.sampled_from(USUAL),
    st.lists(CHANGES, max_size=3),
)
_NOTHING: dict[str, Any] = {"target": "/", "headers": (), "unsigned": (), "body": b"", "host": "127.0.0.1"}


def _changed(asked: dict[str, Any], changes: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, change in changes:
        asked[name] = change(asked[name])
    return asked


_OBJECTS: dict[str, list[set[str]]] = {
    "GET": [set(), {"partNumber"}],
    "HEAD": [set(), {"partNumber"}],
    "PUT": [set(), {"uploadId", "partNumber"}],
    "POST": [{"uploads"}, {"uploadId"}, {"select", "select-type"}],
}
"""What s3:GetObject and s3:PutObject are on an object, by method and parameters."""
_FORMS = (
    [("Action", "DescribeRegions"), ("Version", "2016-11-15")],
    [("Action", "ListTopics"), ("Version", "2010-03-31")],
    [("Action", "ListQueues"), ("Version", "2012-11-05")],
)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def is_an_object(path: str) -> bool:
    """Whether it is one in the bucket `open`, also for who follows its dots."""
    plain = {".", ".."}.isdisjoint(unquote(path).split("/"))
    return path.startswith("/open/") and len(path) > len("/open/") and plain


def is_bobs(got: Got) -> bool:
    """Whether bob may do what this request does, by whoever reads it as loosely as can be."""
    method, target, _ = got.line.split(" ")
    path, _, query = target.partition("?")
    parameters = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    aimed = got.header("x-amz-target")
    if any(got.header(name) for name in ("x-http-method-override", "x-original-url", "x-rewrite-url")):
        return False
    if aimed:
        if (method, target) != ("POST", "/"):
            return False
        members = json.loads(got.body, object_pairs_hook=once)
        if aimed == "AmazonSQS.ListQueues":
            return not members.keys() - {"QueueNamePrefix", "MaxResults", "NextToken"}
        return aimed == "DynamoDB_20120810.GetItem" and members["TableName"] == "open"
    service = got.header("authorization").split("/")[3]
    if service in ("ec2", "sns", "sqs"):
        return target == "/" and sorted(parse_qsl(got.body.decode())) in _FORMS
    if service == "lambda":
        return (method, path) == ("GET", "/2015-03-31/functions/open") and not {*parameters} - {"Qualifier"}
    assert service == "s3", service
    if any(name.startswith(("x-amz-acl", "x-amz-grant", "x-amz-tagging")) for name, _ in got.headers):
        return False
    source = got.header("x-amz-copy-source")
    if source and not is_an_object(f"/{source}"):
        return False
    own = {name for name in parameters if not name.startswith("response-")}
    return is_an_object(path) and own in _OBJECTS.get(method, [])


@pytest.fixture(scope="module")
def world() -> Iterator[RecordedWorld]:
    found = RecordedWorld()
    yield found
    found.close()


@EXAMPLES
@given(REQUESTS)
def test_what_is_carried_out_is_what_the_caller_may(world: RecordedWorld, asked: dict[str, Any]) -> None:
    status, answer, got = world.ask(signed(world.bob, **asked))
    assert all(is_bobs(one) for one in got), got
    assert status < 500 or status in (501, 503), answer
    assert len(got) <= 1 or status >= 400
    if 200 <= status < 300 and asked["method"] != "HEAD":
        assert len(got) == 1, "an answer, and nobody was asked"


@pytest.mark.parametrize("usual", USUAL, ids=lambda usual: f"{usual['service']} {usual['method']}")
def test_what_is_changed_above_is_carried_out_as_it_is(world: RecordedWorld, usual: dict[str, Any]) -> None:
    asked = _NOTHING | usual
    status, answer, got = world.ask(signed(world.bob, **asked))
    assert (status, len(got)) == (200, 1), answer
    assert is_bobs(got[0])

"""For any request: it is refused, or what goes on is read as the same by whoever reads it next."""

from __future__ import annotations

from string import printable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import AwsError
from rolekeeper.wire import reading
from rolekeeper.wire.faults import fault
from rolekeeper.wire.http import HttpRequest
from tests.wire.reading.asking import FORM, SIGNED, sent

SERVICES = ["s3", "lambda", "sqs", "ec2", "dynamodb", "monitoring", "apigateway", "route53", "nothing", None]
PLACES = [
    ("s3", "/"), ("s3", "/b"), ("s3", "/b/k"), ("s3", "/b/a/k"), (None, "/b/k"), ("s3", "/v20180820/x"),
    ("lambda", "/2015-03-31/functions"), ("lambda", "/2015-03-31/functions/f"),
    ("route53", "/2013-04-01/hostedzone"), ("route53", "/2013-04-01/hostedzone/Z/rrset"),
    ("apigateway", "/restapis/a"), ("apigateway", "/tags/a"), ("apigateway", "/v2/apis"), ("sqs", "/"),
    ("sqs", "/1/q"), ("ec2", "/"), ("dynamodb", "/"), ("monitoring", "/"),
    ("monitoring", "/service/GraniteServiceVersion20100801/operation/PutMetricData"), ("nothing", "/"),
    (None, "/"),
]  # fmt: skip
PARTS = [
    "/", "//", "x", ".", "/..", "/../", "%2e", "%2E%2e", "%2f", "%2Fpolicy", "%252f", "%00", "%ff", "%",
    "+", "é", "\\", ";", "%20", "/policy", "/c",
]  # fmt: skip
QUERIES = [
    "acl", "tagging", "policy", "versionId=1", "uploadId=u", "partNumber=1", "list-type=2",
    "prefix=a%2F..", "uploads", "x-id=GetObject", "Action=SendMessage", "Action=PutMetricData",
    "Version=2012-11-05", "x-amz-acl=private", "delete", "mode=import", "max-keys=1",
    "X-Amz-Credential=a/20261122/eu-west-1/s3/aws4_request", "%ff", "&", "a=b",
]  # fmt: skip
HEADERS = [
    ("x-amz-target", "DynamoDB_20120810.GetItem"), ("x-amz-target", "AmazonSQS.SendMessage"),
    ("x-amz-acl", "private"), ("smithy-protocol", "rpc-v2-cbor"), ("x-http-method-override", "DELETE"),
    ("content-type", FORM), ("x-amz-copy-source", "c/d"), ("x-amz-copy-source", "c/../d"),
    ("x-amz-meta-a", "\xc3\xa9"), ("x-amz-tagging", "a=b"), ("host", "b.localhost"), ("host",
    "b.s3.eu-west-1.amazonaws.com"), ("content-encoding", "gzip"), ("range", "bytes=0-1"),
]  # fmt: skip
BODIES = [
    b"", b"{}", b"Action=SendMessage&QueueUrl=u", b"<Delete><Object><Key>a</Key></Object></Delete>",
    b"\xa0", b"\xff", b'{"TableName":"t","Key":{"a":{"B":"eA=="}}}', b"<Tagging/>",
    b"Action=RunInstances&Tag.1=x",
]  # fmt: skip


def request(
    method: str, place: tuple[str | None, str], more: list[str], query: list[str], headers: Any, body: bytes
) -> HttpRequest:
    signed, path = place
    authorization = [("authorization", SIGNED.format("eu-west-1", signed))] if signed else []
    return HttpRequest(
        method=method,
        path=(path + "".join(more)).encode().decode("latin-1"),
        query="&".join(query),
        headers=[*dict(headers).items(), *authorization],
        body=body,
    )


requests = st.builds(
    request,
    st.sampled_from(["GET", "GET", "PUT", "PUT", "POST", "POST", "DELETE", "HEAD", "PATCH", "get"]),
    st.sampled_from(PLACES),
    st.lists(st.sampled_from(PARTS), max_size=2),
    st.lists(st.sampled_from(QUERIES), max_size=2),
    st.lists(st.sampled_from(HEADERS), max_size=2),
    st.sampled_from(BODIES),
)


def read(request: HttpRequest) -> tuple[reading.Route, reading.Reading] | None:
    try:
        route = reading.find(request)
        return route, reading.read(route, request)
    except AwsError as error:
        answer = fault(request, None, error, "id-1")
        assert answer.status >= 400
        return None


@given(requests)
def test_what_goes_on_is_read_as_what_was_decided(asked: HttpRequest) -> None:
    found = read(asked)
    if found is None:
        return
    route, first = found
    again = read(sent(first.written, route.service))
    assert again is not None
    assert (again[0].service, again[0].operation) == (route.service, route.operation)
    assert _rest(again[1].members) == _rest(first.members)
    assert again[1].written == first.written


def _rest(members: Any) -> dict[str, Any]:
    """Members but for what is about the bytes of a body."""
    about = ("ContentMD5", "ContentLength", "ChecksumAlgorithm")
    return {name: value for name, value in members.items() if name not in about}


@given(requests)
def test_what_goes_on_has_one_head(asked: HttpRequest) -> None:
    found = read(asked)
    if found is None:
        return
    written = found[1].written
    names = [name for name, _ in written.headers]
    assert len(names) == len(set(names))
    assert not {"host", "authorization", "content-length", "transfer-encoding", "connection"} & set(names)
    assert set(written.path + written.query) <= set(printable) - set(' \t\r\n\x0b\x0c"<>\\^`{|}#')
    assert {".", ".."}.isdisjoint(written.path.split("/"))


@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=60), st.sampled_from(SERVICES))
def test_any_text_is_a_request_or_refused(path: str, query: str, body: bytes, signed: str | None) -> None:
    wire = [
        "/" + path.encode("utf-8", "replace").decode("latin-1"),
        query.encode("utf-8", "replace").decode("latin-1"),
    ]
    headers = [("authorization", SIGNED.format("eu-west-1", signed))] if signed else []
    for method in ("GET", "POST"):
        read(HttpRequest(method=method, path=wire[0], query=wire[1], headers=headers, body=body))

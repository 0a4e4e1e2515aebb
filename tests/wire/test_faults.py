"""An error in the form of each protocol, as botocore's own parsers read it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.parsers import create_parser

from rolekeeper.errors import (
    AccessDenied,
    AwsError,
    ExpiredToken,
    InvalidClientTokenId,
    MalformedInput,
    MissingAuthenticationToken,
    NoSuchEntity,
    ServiceFailure,
    SignatureDoesNotMatch,
)
from rolekeeper.wire import reading
from rolekeeper.wire.faults import fault
from rolekeeper.wire.http import HttpRequest, HttpResponse
from tests.wire.reading.asking import asking, form, target

DENIED = AccessDenied("User: <ana> is not authorized to perform: x & y")
RPC = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
QUERY = form("sns", "Action=Publish&Version=2010-03-31")
EC2 = form("ec2", "Action=RunInstances&Version=2016-11-15")
JSON = target("dynamodb", "DynamoDB_20120810.GetItem")
SQS = target("sqs", "AmazonSQS.SendMessage", x_amzn_query_mode="true")
CBOR = asking("POST", RPC, signed="monitoring", smithy_protocol="rpc-v2-cbor")
LAMBDA = asking("GET", "/2015-03-31/functions", signed="lambda")
ROUTE53 = asking("GET", "/2013-04-01/hostedzone", signed="route53")
OBJECT = asking("GET", "/b/k%3C", "versionId=1")


def parsed(answer: HttpResponse, protocol: str) -> dict[str, Any]:
    raw = {"status_code": answer.status, "headers": dict(answer.headers), "body": answer.body}
    found: dict[str, Any] = create_parser(protocol).parse(raw, None)
    return found


def answered(request: HttpRequest, error: AwsError) -> HttpResponse:
    return fault(request, reading.find(request), error, "id-1")


@pytest.mark.parametrize(
    ("request_", "protocol", "code", "status"),
    [
        (QUERY, "query", "AccessDenied", 403),
        (EC2, "ec2", "UnauthorizedOperation", 403),
        (JSON, "json", "AccessDeniedException", 400),
        (SQS, "json", "AccessDenied", 400),
        (CBOR, "smithy-rpc-v2-cbor", "AccessDeniedException", 400),
        (LAMBDA, "rest-json", "AccessDeniedException", 403),
        (ROUTE53, "rest-xml", "AccessDenied", 403),
        (OBJECT, "rest-xml", "AccessDenied", 403),
    ],
)
def test_a_refusal_is_what_each_protocol_has(
    request_: HttpRequest, protocol: str, code: str, status: int
) -> None:
    answer = answered(request_, DENIED)
    found = parsed(answer, protocol)
    assert (found["Error"]["Code"], answer.status) == (code, status)
    assert found["Error"]["Message"] == DENIED.message
    assert found["ResponseMetadata"]["RequestId"] == "id-1"


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ExpiredToken(), "ExpiredToken", 400),
        (InvalidClientTokenId(), "InvalidAccessKeyId", 403),
        (MalformedInput("x"), "InvalidRequest", 400),
        (MissingAuthenticationToken(), "AccessDenied", 403),
        (ServiceFailure(), "InternalError", 500),
        (SignatureDoesNotMatch(), "SignatureDoesNotMatch", 403),
        (NoSuchEntity("x"), "NoSuchEntity", 404),
    ],
)
def test_s3_has_words_of_its_own(error: AwsError, code: str, status: int) -> None:
    answer = answered(OBJECT, error)
    assert answer.status == status
    assert parsed(answer, "rest-xml")["Error"]["Code"] == code


def test_s3_says_what_was_asked_for() -> None:
    body = answered(OBJECT, DENIED).body
    assert b"<Resource>/b/k%3C</Resource><RequestId>id-1</RequestId><HostId>id-1</HostId></Error>" in body
    assert dict(answered(OBJECT, DENIED).headers)["x-amz-id-2"] == "id-1"


def test_the_answer_to_a_head_has_no_body() -> None:
    assert answered(asking("HEAD", "/b/k"), DENIED).body == b""


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (ExpiredToken(), "RequestExpired", 400),
        (SignatureDoesNotMatch(), "AuthFailure", 401),
        (ServiceFailure(), "InternalError", 500),
    ],
)
def test_ec2_has_words_of_its_own(error: AwsError, code: str, status: int) -> None:
    answer = answered(EC2, error)
    assert answer.status == status
    assert parsed(answer, "ec2")["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("request_", "protocol", "code"),
    [
        (target("dynamodb", "DynamoDB_20120810.Nothing"), "json", "AccessDeniedException"),
        (target("dynamodb", "nothing"), "json", "AccessDeniedException"),
        (form("ec2", "nothing"), "ec2", "UnauthorizedOperation"),
        (form("sns", "nothing"), "query", "AccessDenied"),
        (form("nosuchservice", "nothing"), "query", "AccessDenied"),
        (asking("GET", "/", signed=None), "query", "AccessDenied"),
        (asking("POST", "/service/x", signed="monitoring", smithy_protocol="x"), "smithy-rpc-v2-cbor",
         "AccessDeniedException"),
        (asking("GET", "/nothing", signed="lambda"), "rest-json", "AccessDeniedException"),
        (asking("BREW", "/b", signed=None), "rest-xml", "AccessDenied"),
        (asking("GET", "/b", signed=None, authorization="AWS x:y"), "rest-xml", "AccessDenied"),
        (asking("GET", "/b/../c"), "rest-xml", "AccessDenied"),
    ],
)  # fmt: skip
def test_what_names_no_operation_is_answered_in_the_form_that_it_seems_to_be_of(
    request_: HttpRequest, protocol: str, code: str
) -> None:
    assert parsed(fault(request_, None, DENIED, "id-1"), protocol)["Error"]["Code"] == code

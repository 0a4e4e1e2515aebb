"""Which operation a request names: one, or it is refused."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from rolekeeper.errors import AwsError
from rolekeeper.wire import reading
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import service
from rolekeeper.wire.reading import s3
from tests.wire.reading.asking import FORM, asking, form, named, target


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        # what would name two things
        (target("dynamodb", "DynamoDB_20120810.GetItem", query="Action=PutItem"), "MalformedInput"),
        (form("sqs", "Action=SendMessage", query="Action=DeleteQueue"), "MalformedQueryString"),
        (form("sqs", "Action=SendMessage&Action=DeleteQueue"), "MalformedQueryString"),
        (target("sqs", "DynamoDB_20120810.GetItem"), "InvalidAction"),
        (asking("GET", "/b/k", x_http_method_override="DELETE"), "MalformedInput"),
        (asking("GET", "/b/k", "acl&tagging"), "InvalidArgument"),
        (asking("GET", "/b/k", "uploadId=1&acl"), "InvalidArgument"),
        (asking("PUT", "/b/k", "tagging", x_amz_copy_source="/c/d"), "InvalidArgument"),
        (asking("GET", "/b", "x-id=PutBucketPolicy"), "InvalidRequest"),
        # what names nothing
        (asking("GET", "/", signed="nosuchservice"), "SignatureDoesNotMatch"),
        (target("dynamodb", "DynamoDB_20120810.Nothing"), "InvalidAction"),
        (target("dynamodb", "GetItem"), "InvalidAction"),
        (target("dynamodb", "DynamoDB_20120810.GetItem", path="/elsewhere"), "InvalidAction"),
        (asking("GET", signed="dynamodb", x_amz_target="DynamoDB_20120810.GetItem"), "InvalidAction"),
        (form("sqs", "QueueUrl=x"), "MissingAction"),
        (form("sns", "Action=Nothing"), "InvalidAction"),
        (form("sns", "Action=Publish&Version=2009-01-01"), "InvalidAction"),
        (asking("GET", "/nothing", signed="lambda"), "InvalidAction"),
        (asking("BREW", "/b"), "MethodNotAllowed"),
        (asking("POST", "/b"), "MethodNotAllowed"),
        (asking("PUT", "/"), "MethodNotAllowed"),
        # paths that lead elsewhere, or nowhere
        (asking("GET", "//b/k"), "InvalidURI"),
        (asking("GET", "/b/../c/k"), "InvalidURI"),
        (asking("GET", "/b/%2e%2e/c"), "InvalidURI"),
        (asking("GET", "/b/./c"), "InvalidURI"),
        (asking("GET", "/b/%zz"), "InvalidURI"),
        (asking("GET", "/b/%ff"), "InvalidURI"),
        (asking("GET", "/b/a%00b"), "InvalidURI"),
        (asking("GET", "/a%2Fb/c"), "InvalidBucketName"),
        (asking("GET", "/../c"), "InvalidBucketName"),
        (asking("GET", "/v20180820", host="127.0.0.1"), "InvalidBucketName"),
        (asking("GET", "/k", host="v20180820.localhost"), "InvalidBucketName"),
        (asking("GET", "http://elsewhere/b/k"), "InvalidURI"),
        # credentials that cannot be read
        (asking("GET", "/b", "X-Amz-Credential=A/20261122/eu-west-1/s3/aws4_request"), "IncompleteSignature"),
        (asking("GET", "/b", signed=None, authorization="AWS AKIA:abc"), "InvalidRequest"),
        (asking("GET", "/b", signed=None, authorization="Bearer x"), "IncompleteSignature"),
    ],
)
def test_a_request_that_does_not_name_one_operation_is_refused(request_: HttpRequest, code: str) -> None:
    with pytest.raises(AwsError) as caught:
        reading.find(request_)
    assert caught.value.code == code


def test_two_targets_are_refused() -> None:
    asked = target("dynamodb", "DynamoDB_20120810.GetItem")
    asked = HttpRequest(
        method="POST", path="/", headers=[*asked.headers, ("x-amz-target", "DynamoDB_20120810.PutItem")]
    )
    with pytest.raises(AwsError, match="more than one target"):
        reading.find(asked)


@pytest.mark.parametrize(
    ("request_", "operation"),
    [
        (target("dynamodb", "DynamoDB_20120810.GetItem"), "dynamodb:GetItem"),
        (target("dynamodb", "DynamoDBStreams_20120810.ListStreams"), "dynamodbstreams:ListStreams"),
        (target("sqs", "AmazonSQS.SendMessage"), "sqs:SendMessage"),
        (target("sqs", "AmazonSQS.SendMessage", path="/123456789012/q"), "sqs:SendMessage"),
        (form("sqs", "Action=SendMessage&Version=2012-11-05"), "sqs:SendMessage"),
        (form("sqs", "Action=SendMessage", path="/123456789012/q"), "sqs:SendMessage"),
        (form("sns", "Action=Publish&Version=2010-03-31"), "sns:Publish"),
        (asking("GET", "/", "Action=Publish&Version=2010-03-31", signed="sns"), "sns:Publish"),
        (form("ec2", "Action=RunInstances&Version=2016-11-15"), "ec2:RunInstances"),
        (form("elasticloadbalancing", "Action=AddTags&Version=2012-06-01"), "elb:AddTags"),
        (form("elasticloadbalancing", "Action=AddTags&Version=2015-12-01"), "elbv2:AddTags"),
        (form("rds", "Action=CreateDBInstance&Version=2014-10-31"), "rds:CreateDBInstance"),
        (form("monitoring", "Action=PutMetricData&Version=2010-08-01"), "cloudwatch:PutMetricData"),
        (target("monitoring", "GraniteServiceVersion20100801.PutMetricData"), "cloudwatch:PutMetricData"),
        (
            asking(
                "POST",
                "/service/GraniteServiceVersion20100801/operation/PutMetricData",
                signed="monitoring",
                smithy_protocol="rpc-v2-cbor",
            ),
            "cloudwatch:PutMetricData",
        ),
        (asking("GET", "/2015-03-31/functions/", signed="lambda"), "lambda:ListFunctions"),
        (asking("POST", "/2015-03-31/functions/f/invocations", signed="lambda"), "lambda:Invoke"),
        (asking("GET", "/v2/apis", signed="apigateway"), "apigatewayv2:GetApis"),
        (asking("GET", "/restapis", signed="apigateway"), "apigateway:GetRestApis"),
        (asking("GET", "/2013-04-01/hostedzone/Z1", signed="route53"), "route53:GetHostedZone"),
        (asking("GET", "/v20180820/accesspoint/a"), "s3control:GetAccessPoint"),
        # without a signature
        (form(None, "Action=ConfirmSubscription&Version=2010-03-31"), "sns:ConfirmSubscription"),
        (asking("GET", "/", "Action=Unsubscribe", signed=None, host="sns.us-east-1.localhost"),
         "sns:Unsubscribe"),
        (asking("GET", "/b/k", signed=None), "s3:GetObject"),
        (asking("GET", "/", signed=None, host="b.s3.localhost:4566"), "s3:ListObjects"),
        (asking("GET", "/b/k", "X-Amz-Credential=A%2F20261122%2Feu-west-1%2Fs3%2Faws4_request", signed=None),
         "s3:GetObject"),
    ],
)  # fmt: skip
def test_a_request_names_its_operation(request_: HttpRequest, operation: str) -> None:
    assert named(request_) == operation


@pytest.mark.parametrize(
    ("method", "path", "query", "operation"),
    [
        ("GET", "/", "", "ListBuckets"),
        ("GET", "/b", "", "ListObjects"),
        ("GET", "/b/", "list-type=2&prefix=a", "ListObjectsV2"),
        ("GET", "/b", "versions", "ListObjectVersions"),
        ("GET", "/b", "versions=", "ListObjectVersions"),
        ("GET", "/b", "uploads", "ListMultipartUploads"),
        ("GET", "/b", "lifecycle", "GetBucketLifecycleConfiguration"),
        ("GET", "/b", "analytics", "ListBucketAnalyticsConfigurations"),
        ("GET", "/b", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("HEAD", "/b", "", "HeadBucket"),
        ("HEAD", "/b/k", "versionId=1", "HeadObject"),
        ("GET", "/b/k", "versionId=1", "GetObject"),
        ("GET", "/b/k", "versionId=1&acl", "GetObjectAcl"),
        ("GET", "/b/k", "partNumber=2", "GetObject"),
        ("GET", "/b/k", "uploadId=u", "ListParts"),
        ("PUT", "/b/k", "partNumber=2&uploadId=u", "UploadPart"),
        ("PUT", "/b/k", "", "PutObject"),
        ("POST", "/b/k", "uploads", "CreateMultipartUpload"),
        ("POST", "/b/k", "uploadId=u", "CompleteMultipartUpload"),
        ("POST", "/b", "delete", "DeleteObjects"),
        ("POST", "/b/k", "select&select-type=2", "SelectObjectContent"),
        ("DELETE", "/b/k", "uploadId=u", "AbortMultipartUpload"),
        ("DELETE", "/b/k", "", "DeleteObject"),
        ("DELETE", "/b", "policy", "DeleteBucketPolicy"),
    ],
)
def test_s3s_operations_are_told_by_their_marks(method: str, path: str, query: str, operation: str) -> None:
    assert named(asking(method, path, query)) == f"s3:{operation}"


def test_a_source_makes_a_copy() -> None:
    assert named(asking("PUT", "/b/k", x_amz_copy_source="/c/d")) == "s3:CopyObject"
    both = asking("PUT", "/b/k", "partNumber=1&uploadId=u", x_amz_copy_source="/c/d")
    assert named(both) == "s3:UploadPartCopy"


def test_a_browsers_form_is_an_upload() -> None:
    route = reading.find(asking("POST", "/b", content_type="multipart/form-data; boundary=x", signed=None))
    assert (route.operation.name, route.form, route.labels) == ("PutObject", True, {"Bucket": "b"})


@pytest.mark.parametrize(
    ("host", "path", "labels"),
    [
        ("127.0.0.1:4566", "/b/k", {"Bucket": "b", "Key": "k"}),
        ("[::1]:4566", "/b/k", {"Bucket": "b", "Key": "k"}),
        ("localhost:4566", "/b/a/k", {"Bucket": "b", "Key": "a/k"}),
        ("s3.localhost:4566", "/b/k", {"Bucket": "b", "Key": "k"}),
        ("s3.eu-west-1.localhost", "/b/k", {"Bucket": "b", "Key": "k"}),
        ("b.localhost:4566", "/a/k", {"Bucket": "b", "Key": "a/k"}),
        ("b.c.localhost:4566", "/", {"Bucket": "b.c"}),
        ("b.s3.localhost", "/k", {"Bucket": "b", "Key": "k"}),
        ("b.s3.eu-west-1.localhost", "/k", {"Bucket": "b", "Key": "k"}),
        ("my.s3.b.s3.eu-west-1.amazonaws.com", "/k", {"Bucket": "my.s3.b", "Key": "k"}),
        ("b.s3.dualstack.eu-west-1.amazonaws.com", "/k", {"Bucket": "b", "Key": "k"}),
        ("b.s3-eu-west-1.amazonaws.com", "/k", {"Bucket": "b", "Key": "k"}),
        ("B.S3.Amazonaws.com.", "/k", {"Bucket": "b", "Key": "k"}),
        ("127.0.0.1", "/b/a%2Fk%252F+%C3%A9", {"Bucket": "b", "Key": "a/k%2F é"}),
        ("127.0.0.1", "/b//k/", {"Bucket": "b", "Key": "/k/"}),
    ],
)
def test_the_host_and_the_path_say_bucket_and_key(host: str, path: str, labels: dict[str, str]) -> None:
    assert reading.find(asking("GET", path, host=host)).labels == labels


@pytest.mark.parametrize(
    "host", ["a.s3-accesspoint.eu-west-1.amazonaws.com", "s3express-control.amazonaws.com"]
)
def test_other_hosts_of_s3s_are_refused(host: str) -> None:
    with pytest.raises(AwsError, match="not supported"):
        reading.find(asking("GET", "/k", host=host))


def test_the_region_is_that_of_the_scope_or_of_the_host() -> None:
    assert reading.find(asking("GET", "/b", region="ap-south-1")).region == "ap-south-1"
    anonymous = asking("GET", "/b", signed=None, host="s3.eu-central-1.amazonaws.com")
    assert reading.find(anonymous).region == "eu-central-1"
    sigv4a = (
        "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20261122/s3/aws4_request, SignedHeaders=host, Signature=0"
    )
    assert reading.find(asking("GET", "/b", signed=None, authorization=sigv4a)).region is None


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (asking("POST", signed="sns", content_type=FORM), True),
        (asking("POST", signed="monitoring", content_type=FORM), True),
        (asking("POST", signed=None, content_type=FORM), True),
        (asking("POST", signed="dynamodb", x_amz_target="DynamoDB_20120810.GetItem"), False),
        (asking("POST", "/b", "delete", signed="s3", content_type=FORM), False),
        (asking("POST", "/b", "delete", signed=None, content_type=FORM), False),
        (asking("GET", "/", "Action=Publish", signed="sns"), False),
        (asking("POST", "/2015-03-31/functions", signed="lambda", content_type=FORM), False),
    ],
)
def test_a_form_is_named_in_its_body(request_: HttpRequest, expected: bool) -> None:
    assert reading.named_in_body(request_) is expected


def test_a_host_without_a_name_says_nothing() -> None:
    empty: dict[str, Any] = {"host": ""}
    assert named(asking("GET", "/b/k", **empty)) == "s3:GetObject"


def test_all_headers_that_tell_operations_apart_are_known() -> None:
    found = service("s3")
    marks = {mark for operation in found.operations.values() for mark in s3._marks(operation)}
    told = {"x-amz-copy-source", "x-amz-object-attributes", "x-amz-rename-source"}
    of_other_hosts = {"x-amz-request-route", "x-amz-request-token"}
    assert {mark for mark in marks if mark.startswith("x-amz-")} == told | of_other_hosts


@pytest.mark.parametrize(
    ("host", "service_"),
    [
        ("123456789012.localhost", "s3control"),
        ("s3.localhost", "s3control"),
        ("123456789012.s3-control.eu-west-1.amazonaws.com", "s3control"),
        ("210987654321.localhost", "s3"),
        ("123456789012.s3.localhost", "s3"),
    ],
)
def test_s3s_control_service_is_told_by_its_host_or_its_path(host: str, service_: str) -> None:
    asked = asking("GET", "/v20180820/jobs/j", host=host, x_amz_account_id="123456789012")
    assert reading.find(asked).service.name == service_


def test_services_that_share_a_target_are_told_by_the_operation() -> None:
    assert (
        named(target("timestream", "Timestream_20181101.CreateDatabase")) == "timestream-write:CreateDatabase"
    )
    assert named(target("timestream", "Timestream_20181101.CancelQuery")) == "timestream-query:CancelQuery"


def test_services_that_share_a_path_are_told_by_the_host() -> None:
    asked = asking("GET", "/bots", signed="lex", host="models-v2-lex.eu-west-1.amazonaws.com")
    assert reading.find(asked).service.name == "lex-models"
    deleted = asking("DELETE", "/bots/b", signed="lex", host="models-v2-lex.eu-west-1.amazonaws.com")
    assert reading.find(deleted).service.name == "lexv2-models"


def test_a_packed_form_names_its_operation() -> None:
    body = gzip.compress(b"Action=PutMetricData&Version=2010-08-01")
    asked = asking("POST", signed="monitoring", body=body, content_type=FORM, content_encoding="gzip")
    assert named(asked) == "cloudwatch:PutMetricData"


def test_json_in_cbor_is_refused_and_says_so() -> None:
    with pytest.raises(AwsError, match="CBOR"):
        reading.find(
            target("kinesis", "Kinesis_20131202.PutRecord", content_type="application/x-amz-cbor-1.1")
        )


def test_the_tables_can_be_made_ahead() -> None:
    reading.warm()
    assert named(asking("GET", "/b")) == "s3:ListObjects"

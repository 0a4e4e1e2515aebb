"""What stands beside the members: few headers, and SQS's queues in the path."""

from __future__ import annotations

import pytest

from rolekeeper.errors import AwsError
from rolekeeper.wire import reading
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import service
from tests.wire.reading.asking import asking, form, read, target

QUEUE = "/123456789012/q"


@pytest.mark.parametrize(
    "request_",
    [
        form("sqs", "Action=SendMessage&QueueUrl=http://h/123456789012/other", path=QUEUE),
        target("sqs", "AmazonSQS.SendMessage", b'{"QueueUrl":"http://h/123456789012/other"}', path=QUEUE),
        target("sqs", "AmazonSQS.SendMessage", b'{"QueueUrl":"http://[/"}', path=QUEUE),
        target("sqs", "AmazonSQS.ListQueues", path=QUEUE),
    ],
)
def test_two_queues_are_refused(request_: HttpRequest) -> None:
    with pytest.raises(AwsError):
        read(request_)


def test_the_queue_of_the_path_is_the_one_that_is_meant() -> None:
    found = read(form("sqs", "Action=SendMessage&MessageBody=m", path=QUEUE))
    assert found.members == {"MessageBody": "m", "QueueUrl": f"http://127.0.0.1:4566{QUEUE}"}
    assert found.written.path == "/"
    same = target("sqs", "AmazonSQS.SendMessage", b'{"QueueUrl":"http://h%s"}' % QUEUE.encode(), path=QUEUE)
    assert read(same).members == {"QueueUrl": f"http://h{QUEUE}"}


def test_a_json_request_goes_on_with_its_target_and_its_mode() -> None:
    asked = target("sqs", "AmazonSQS.ListQueues", x_amzn_query_mode="anything", x_other="x", accept="*/*")
    assert read(asked).written.headers == (
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", "AmazonSQS.ListQueues"),
        ("x-amzn-query-mode", "true"),
    )


def test_the_origin_goes_to_s3_alone() -> None:
    assert ("origin", "http://a.example") in read(
        asking(path="/b/k", origin="http://a.example")
    ).written.headers
    asked = asking(path="/2015-03-31/functions", signed="lambda", origin="http://a.example")
    assert read(asked).written.headers == ()


@pytest.mark.parametrize(
    ("name", "operation", "expected"),
    [
        ("s3", "PutObject", True),
        ("s3", "UploadPart", True),
        ("s3", "PutBucketPolicy", False),
        ("s3", "GetObject", False),
        ("s3", "SelectObjectContent", False),
        ("lambda", "InvokeAsync", True),
        ("lambda", "Invoke", False),
        ("bedrock-runtime", "InvokeModelWithBidirectionalStream", True),
        ("dynamodb", "PutItem", False),
    ],
)
def test_bodies_of_any_size_are_streamed(name: str, operation: str, expected: bool) -> None:
    assert reading.streams(service(name).operations[operation]) is expected


def test_a_body_that_streams_is_not_looked_at() -> None:
    found = read(asking("PUT", "/b/k", body=b"anything"))
    assert found.members == {"Bucket": "b", "Key": "k"}
    assert found.written.body is None


def test_a_body_that_is_a_member_goes_on_as_it_is() -> None:
    found = read(asking("POST", "/2015-03-31/functions/f/invocations", signed="lambda", body=b"\x00\xff"))
    assert found.members == {"FunctionName": "f", "Payload": b"\x00\xff"}
    assert found.written.body == b"\x00\xff"
    policy = read(asking("PUT", "/b", "policy", body="{é}".encode()))
    assert policy.members["Policy"] == "{é}"
    with pytest.raises(AwsError):
        read(asking("PUT", "/b", "policy", body=b"\xff"))


def test_a_document_of_s3s_goes_on_with_a_digest_of_its_own() -> None:
    body = b"<Tagging><TagSet/></Tagging>"
    asked = asking("PUT", "/b", "tagging", body=body, content_md5="x", x_amz_sdk_checksum_algorithm="CRC32")
    headers = dict(read(asked).written.headers)
    assert headers.keys() == {"content-type", "content-md5"}
    assert headers["content-md5"] != "x"


def test_the_body_of_an_operation_without_one_goes_nowhere() -> None:
    assert read(asking("GET", "/2015-03-31/functions", signed="lambda", body=b"{}")).written.body == b""


def test_a_request_is_written_of_members_alone() -> None:
    sns = service("sns")
    written = reading.write(sns, sns.operations["Publish"], {"TopicArn": "a"})
    assert written.body == b"Action=Publish&Version=2010-03-31&TopicArn=a"
    sqs = service("sqs")
    assert reading.write(sqs, sqs.operations["ListQueues"], {}, "query").body == (
        b"Action=ListQueues&Version=2012-11-05"
    )
    with pytest.raises(AwsError):
        reading.write(sqs, sqs.operations["ListQueues"], {}, "soap")

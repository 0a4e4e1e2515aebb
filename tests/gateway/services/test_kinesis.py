from __future__ import annotations

import base64
from typing import Any

import pytest

from rolekeeper import errors
from rolekeeper.gateway.asked import Unclassified
from tests.gateway.asking import ACCOUNT, OTHER, completed, pairs, policy, tags

STREAM = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks"
CONSUMER = f"{STREAM}/consumer/app:1700000000"


def iterator(stream: str) -> str:
    return base64.encodebytes(f"{stream}:shardId-000000000000:0".encode()).decode()


@pytest.mark.parametrize("operation", ["PutRecord", "PutRecords", "DescribeStream", "AddTagsToStream"])
def test_a_stream_is_called_by_name_or_arn(operation: str) -> None:
    for members in (
        {"StreamName": "clicks"},
        {"StreamARN": STREAM},
        {"StreamName": "clicks", "StreamARN": STREAM},
    ):
        assert pairs("kinesis", operation, **members) == [(f"kinesis:{operation}", "stream/clicks")]


def test_a_name_and_an_arn_of_two_streams_are_both_asked() -> None:
    assert pairs("kinesis", "PutRecord", StreamName="other", StreamARN=STREAM) == [
        ("kinesis:PutRecord", "stream/clicks"),
        ("kinesis:PutRecord", "stream/other"),
    ]


def test_a_stream_of_another_account_is_that_accounts() -> None:
    theirs = STREAM.replace(ACCOUNT, OTHER)
    assert pairs("kinesis", "PutRecord", StreamARN=theirs) == [("kinesis:PutRecord", theirs)]


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"StreamName": "a/b"},
        {"StreamName": "*"},
        {"StreamARN": STREAM.replace("eu-west-1", "us-east-1")},
        {"StreamARN": CONSUMER},
        {"StreamARN": STREAM.replace("kinesis", "firehose")},
    ],
)
def test_what_names_no_stream_of_the_region_is_refused(members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("kinesis", "PutRecord", **members)


def test_an_iterator_says_its_stream() -> None:
    assert pairs("kinesis", "GetRecords", ShardIterator=iterator("clicks")) == [
        ("kinesis:GetRecords", "stream/clicks")
    ]


@pytest.mark.parametrize("hidden", ["{}", "!{}", "{}\n\n", " {}"])
def test_an_iterators_stream_is_asked_whatever_else_the_request_says(hidden: str) -> None:
    """The backend drops what is not of base 64."""
    asked_for = pairs(
        "kinesis", "GetRecords", ShardIterator=hidden.format(iterator("other")), StreamARN=STREAM
    )
    assert ("kinesis:GetRecords", "stream/other") in asked_for


def test_an_iterator_that_says_nothing_needs_a_stream() -> None:
    assert pairs("kinesis", "GetRecords", ShardIterator="AAAA", StreamARN=STREAM) == [
        ("kinesis:GetRecords", "stream/clicks")
    ]
    with pytest.raises(Unclassified):
        pairs("kinesis", "GetRecords", ShardIterator="AAAA")
    with pytest.raises(errors.ValidationError):
        pairs("kinesis", "GetRecords", ShardIterator=iterator("a/b"))


def test_an_iterator_that_was_made_for_an_arn_is_of_that_stream_unless_one_has_its_name() -> None:
    members = {"ShardIterator": iterator("None"), "StreamARN": STREAM}
    assert completed("kinesis", {}, "GetRecords", **members) == [STREAM, STREAM]
    there = {"DescribeStreamSummary": {"StreamDescriptionSummary": {}}}
    assert completed("kinesis", there, "GetRecords", **members)[1] == STREAM.replace("clicks", "None")


def test_shards_are_asked_on_their_stream_and_a_further_page_on_all() -> None:
    assert pairs("kinesis", "ListShards", StreamName="clicks") == [("kinesis:ListShards", "stream/clicks")]
    assert pairs("kinesis", "ListShards", NextToken="t") == [("kinesis:ListShards", "stream/*")]
    with pytest.raises(errors.ValidationError):
        pairs("kinesis", "ListShards")


def test_a_consumer_is_called_by_arn_or_by_its_stream_and_name() -> None:
    assert pairs("kinesis", "DescribeStreamConsumer", ConsumerARN=CONSUMER) == [
        ("kinesis:DescribeStreamConsumer", "stream/clicks/consumer/app:1700000000")
    ]
    members = {"StreamARN": STREAM, "ConsumerName": "app"}
    assert pairs("kinesis", "DeregisterStreamConsumer", **members) == [
        ("kinesis:DeregisterStreamConsumer", "stream/clicks/consumer/app:*")
    ]
    answers = {"DescribeStreamConsumer": {"ConsumerDescription": {"ConsumerARN": CONSUMER}}}
    assert completed("kinesis", answers, "DeregisterStreamConsumer", **members) == [CONSUMER]
    both = pairs(
        "kinesis", "DeregisterStreamConsumer", ConsumerARN=CONSUMER, **members | {"ConsumerName": "b"}
    )
    assert [resource for _, resource in both] == [
        "stream/clicks/consumer/app:1700000000",
        "stream/clicks/consumer/b:*",
    ]
    short = CONSUMER.rpartition(":")[0]  # as some backends have it
    assert pairs("kinesis", "DescribeStreamConsumer", ConsumerARN=short) == [
        ("kinesis:DescribeStreamConsumer", "stream/clicks/consumer/app")
    ]
    with pytest.raises(errors.ValidationError):
        pairs("kinesis", "DescribeStreamConsumer", StreamARN=STREAM, ConsumerName="a/b")


def test_encryption_is_asked_on_the_stream_and_on_its_key() -> None:
    members = {"StreamName": "clicks", "KeyId": "alias/app"}
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
    answers = {"DescribeKey": {"KeyMetadata": {"Arn": key}}}
    assert pairs("kinesis", "StartStreamEncryption", **members) == [
        ("kinesis:StartStreamEncryption", "stream/clicks"),
        ("kinesis:StartStreamEncryption", "alias/app"),
    ]
    assert completed("kinesis", answers, "StartStreamEncryption", **members) == [STREAM, key]


def test_what_is_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("kinesis", "CreateStream", StreamName="clicks", Tags={"a": "b"}) == [
        ("kinesis:CreateStream", "stream/clicks"),
        ("kinesis:AddTagsToStream", "stream/clicks"),
    ]
    assert pairs(
        "kinesis", "RegisterStreamConsumer", StreamARN=STREAM, ConsumerName="app", Tags={"a": "b"}
    ) == [
        ("kinesis:RegisterStreamConsumer", "stream/clicks"),
        ("kinesis:TagResource", "stream/clicks/consumer/app:*"),
    ]


def test_tags_and_policy_are_read() -> None:
    answers = {
        "ListTagsForStream": {"Tags": [{"Key": "a", "Value": "b"}]},
        "GetResourcePolicy": {"Policy": '{"Statement": []}'},
    }
    assert tags("kinesis", "stream", STREAM, answers) == {"a": "b"}
    assert policy("kinesis", "stream", STREAM, answers) == '{"Statement": []}'
    assert policy("kinesis", "consumer", f"{STREAM}/consumer/app:*", answers) is None


@pytest.mark.parametrize("nothing", ["", "{}"])
def test_a_stream_without_a_policy_has_none(nothing: str) -> None:
    assert policy("kinesis", "stream", STREAM, {"GetResourcePolicy": {"Policy": nothing}}) is None


# -- Firehose ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operation", ["PutRecord", "PutRecordBatch", "DeleteDeliveryStream", "UpdateDestination"]
)
def test_a_delivery_stream_is_called_by_its_name(operation: str) -> None:
    assert pairs("firehose", operation, DeliveryStreamName="logs") == [
        (f"firehose:{operation}", "deliverystream/logs")
    ]
    with pytest.raises(errors.ValidationError):
        pairs("firehose", operation, DeliveryStreamName="a/b")


def test_a_delivery_stream_made_with_tags_needs_what_tagging_needs() -> None:
    made = pairs("firehose", "CreateDeliveryStream", DeliveryStreamName="logs", Tags=[{"Key": "a"}])
    assert [action for action, _ in made] == ["firehose:CreateDeliveryStream", "firehose:TagDeliveryStream"]
    answers = {"ListTagsForDeliveryStream": {"Tags": [{"Key": "a"}]}}
    arn = f"arn:aws:firehose:eu-west-1:{ACCOUNT}:deliverystream/logs"
    assert tags("firehose", "deliverystream", arn, answers) == {"a": ""}

"""JSON bodies: what is none is refused, and what the model knows is read and written in one form."""

from __future__ import annotations

from typing import Any

import pytest

from rolekeeper.errors import Serialization
from rolekeeper.wire.reading import json
from tests.wire.reading.asking import read, target

DEEP = 400


def put(body: bytes) -> dict[str, Any]:
    return dict(read(target("dynamodb", "DynamoDB_20120810.PutItem", body)).members)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"1",
        b"null",
        b'"text"',
        b"{}{}",
        b"\xff",
        b'\xef\xbb\xbf{"TableName":"t"}',
        '{"TableName":"t"}'.encode("utf-16"),
        b'{"TableName":NaN}',
        b'{"TableName":"t","TableName":"u"}',
        b'{"Item":{"a":{"S":"1"},"a":{"S":"2"}}}',
        b'{"TableName":1}',
        b'{"TableName":["t"]}',
        b'{"Item":[]}',
        b'{"Item":{"a":"1"}}',
        b'{"Item":{"a":null}}',
        b'{"Item":{"a":{"SS":{"0":"x"}}}}',
        b'{"Item":{"a":{"SS":[null]}}}',
        b'{"Item":{"a":{"BOOL":"true"}}}',
        b'{"Item":{"a":{"BOOL":1}}}',
        b'{"Item":{"a":{"B":"!"}}}',
        b'{"Item":{"a":{"B":5}}}',
        b'{"TableName":"\\ud800"}',
        b'{"TableName":"a\x00b"}',
        b'{"Item":{"a":' + b'{"L":[' * DEEP + b"]}" * DEEP + b"}}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_such_object_is_refused(body: bytes) -> None:
    with pytest.raises(Serialization):
        put(body)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("Logs_20140328.PutRetentionPolicy", b'{"retentionInDays":1.5}'),
        ("Logs_20140328.PutRetentionPolicy", b'{"retentionInDays":true}'),
        ("Logs_20140328.PutRetentionPolicy", b'{"retentionInDays":1e30}'),
        ("Logs_20140328.PutRetentionPolicy", b'{"retentionInDays":99999999999999999999}'),
        ("Logs_20140328.PutMetricFilter", b'{"metricTransformations":[{"defaultValue":"x"}]}'),
        ("Logs_20140328.PutMetricFilter", b'{"metricTransformations":[{"defaultValue":1e999}]}'),
        ("Logs_20140328.PutMetricFilter", b'{"metricTransformations":[{"defaultValue":[]}]}'),
    ],
)
def test_a_number_is_one_of_its_type(operation: str, body: bytes) -> None:
    with pytest.raises(Serialization):
        read(target("logs", operation, body))


@pytest.mark.parametrize("moment", [b"true", b'"yesterday"', b"1e300", b"[]"])
def test_a_moment_is_one(moment: bytes) -> None:
    with pytest.raises(Serialization):
        read(target("kinesis", "Kinesis_20131202.GetShardIterator", b'{"Timestamp":%s}' % moment))


def test_what_the_model_does_not_know_is_not_read_and_goes_nowhere() -> None:
    found = read(
        target(
            "dynamodb", "DynamoDB_20120810.PutItem", b'{"tablename":"t","TableName":"u","Item":null,"x":1}'
        )
    )
    assert found.members == {"TableName": "u"}
    assert found.written.body == b'{"TableName":"u"}'


def test_no_body_is_an_empty_object() -> None:
    found = read(target("dynamodb", "DynamoDB_20120810.ListTables", b""))
    assert (found.members, found.written.body) == ({}, b"{}")


def test_bytes_and_numbers_are_written_as_they_were() -> None:
    body = b'{"Item":{"a":{"B":"/+8="},"n":{"N":"1.10"},"l":{"L":[{"NULL":true}]}}}'
    found = read(target("dynamodb", "DynamoDB_20120810.PutItem", body))
    assert found.members["Item"]["a"] == {"B": b"\xff\xef"}
    assert found.written.body == body


def test_an_item_as_deep_as_dynamodb_takes_is_read() -> None:
    body = b'{"Item":{"a":' + b'{"L":[' * 32 + b"]}" * 32 + b"}}"
    assert put(body)["Item"]["a"]["L"]


@pytest.mark.parametrize("end", [b"", b"\\", b'\\"', b'"'])
def test_a_text_that_does_not_end_costs_no_more_than_its_length(end: bytes) -> None:
    with pytest.raises(Serialization):
        put(b"[" * 200 + b'"' + b'\\"' * 500_000 + end)


def test_what_json_cannot_have_is_not_written() -> None:
    with pytest.raises(Serialization):
        json.encode({"a": "\ud800"})

"""CBOR: what is not one item is refused, and what is read is written in one form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.errors import Serialization
from rolekeeper.wire.reading import cbor
from tests.wire.reading.asking import asking, read

PUT = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
DEEP = 200


def put(body: bytes) -> dict[str, Any]:
    asked = asking("POST", PUT, signed="monitoring", body=body, smithy_protocol="rpc-v2-cbor")
    return dict(read(asked).members)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",  # a break without a beginning
        b"\xa1",  # a map without its key
        b"\xa1\x61a",  # and without its value
        b"\xa0\xa0",  # two items
        b"\xa1\x01\x02",  # a key that is no text
        b"\xa2\x61a\x01\x61a\x02",  # a key twice
        b"\xbf\x61a\x01\x61a\x02\xff",
        b"\xa1\x61\xff\x01",  # no UTF-8
        b"\x7f\x41a\xff",  # bytes in a text
        b"\x5f\x5f\xff\xff",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",  # a list of more than there is
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x1c",  # a length that is none
        b"\x3f",
        b"\xf8\x20",  # a simple value that nobody knows
        b"\xc2\x41\x01",  # a number of any size
        b"\xc1\x61a",  # a moment that is none
        b"\xc1\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00",
        b"\x81" * DEEP + b"\x01",
        b"\x9f" * DEEP,
        b"\xc1" * DEEP + b"\x01",
    ],
)
def test_what_is_no_such_item_is_refused(body: bytes) -> None:
    with pytest.raises(Serialization):
        cbor.decode(body)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"Namespace": 1},
        {"Namespace": b"x"},
        {"MetricData": {}},
        {"MetricData": [1]},
        {"MetricData": [{"Value": "1"}]},
        {"MetricData": [{"StorageResolution": 1.5}]},
        {"MetricData": [{"Timestamp": "now"}]},
        {"MetricData": [{"Dimensions": [None]}]},
        {"StrictEntityValidation": 1},
    ],
)
def test_a_value_of_another_type_is_refused(value: Any) -> None:
    with pytest.raises(Serialization):
        put(cbor.encode(value))


def test_members_are_read_and_others_are_not() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    data = {"MetricName": "m", "Value": 1, "Timestamp": moment, "Unknown": 1, "Unit": None}
    found = put(cbor.encode({"Namespace": "n", "MetricData": [data]}))
    assert found == {
        "Namespace": "n",
        "MetricData": [{"MetricName": "m", "Value": 1.0, "Timestamp": moment}],
    }


def test_no_body_is_an_empty_map() -> None:
    assert cbor.decode(b"") == {}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\xbf\x61a\x9f\x01\x20\xff\xff", {"a": [1, -1]}),
        (b"\x7f\x61a\x61b\xff", "ab"),
        (b"\x5f\x41a\x41b\xff", b"ab"),
        (b"\x18\xff", 255),
        (b"\x3b\x7f\xff\xff\xff\xff\xff\xff\xff", -(1 << 63)),
        (b"\xf9\x3c\x00", 1.0),
        (b"\xfa\x3f\x80\x00\x00", 1.0),
        (b"\xc1\x00", datetime(1970, 1, 1, tzinfo=UTC)),
        (b"\xf7", None),
    ],
)
def test_all_ways_to_write_a_value_are_read(body: bytes, value: Any) -> None:
    assert cbor.decode(body) == value


def test_what_cbor_cannot_have_is_not_written() -> None:
    with pytest.raises(Serialization):
        cbor.encode({"a": "\ud800"})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=30)
    | st.binary(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_as_the_same(value: Any) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(body: bytes) -> None:
    try:
        value = cbor.decode(body)
    except Serialization:
        return
    assert cbor.encode(value) is not None

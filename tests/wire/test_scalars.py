"""Scalars are read strictly and written in AWS's form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rolekeeper.errors import MalformedInput
from rolekeeper.wire.scalars import READ, WRITE

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1.0", "1e3", "0x1", "abc", "--1", "1_0", "١", "2147483648", DIGITS]
)
def test_what_is_no_integer_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="'maxItems' is not an integer of 32 bits"):
        READ["integer"](text, "maxItems")


def test_integers_are_read_to_their_ends() -> None:
    assert [READ["integer"](text, "") for text in ("-2147483648", "+5", "007", "2147483647")] == [
        -(2**31),
        5,
        7,
        2**31 - 1,
    ]
    assert READ["long"]("9223372036854775807", "") == 2**63 - 1


@pytest.mark.parametrize("text", ["", "1", "yes", "truee", " true"])
def test_what_is_neither_true_nor_false_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="neither true nor false"):
        READ["boolean"](text, "")


def test_booleans_are_read_in_any_case() -> None:
    assert [READ["boolean"](text, "") for text in ("true", "True", "false", "FALSE")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-13-22T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-22 10:00:00Z",
        "1763805600",
        "2026-W01-1T10:00:00Z",
        "2026-11-22T10:00:00+99:00",
    ],
)
def test_what_is_no_timestamp_is_refused_in_awss_words(text: str) -> None:
    with pytest.raises(MalformedInput, match=r"^timestamp must follow ISO8601$"):
        READ["timestamp"](text, "")


@pytest.mark.parametrize(
    "text", ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000000Z", "2026-11-22T12:00:00+02:00"]
)
def test_timestamps_are_read_with_their_zone(text: str) -> None:
    assert READ["timestamp"](text, "") == datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["a", "a===", "YQ==YQ==!", "Y Q==", "é"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="not Base64"):
        READ["blob"](text, "")


def test_blobs_are_read_and_written() -> None:
    assert READ["blob"](WRITE["blob"](b"\0\xff"), "") == b"\0\xff"


@pytest.mark.parametrize("text", ["", "1,5", "nan", "1" * 400, "1e9999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput, match="not a number"):
        READ["double"](text, "")


def test_numbers_are_read_and_written() -> None:
    assert READ["double"](WRITE["double"](-1.5), "") == -1.5


def test_timestamps_are_written_in_utc_and_whole_seconds() -> None:
    moment = datetime(2026, 11, 22, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert WRITE["timestamp"](moment) == "2026-11-22T10:00:00Z"


def test_a_moment_of_no_zone_is_a_defect() -> None:
    with pytest.raises(ValueError, match="time zone"):
        WRITE["timestamp"](datetime(2026, 11, 22))


def test_booleans_and_integers_are_written_as_words_and_digits() -> None:
    assert [WRITE["boolean"](True), WRITE["boolean"](False), WRITE["integer"](42)] == ["true", "false", "42"]

"""Moments in their three forms: what is none is refused, and what is written is read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.wire.moments import READ, WRITE

AT = datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC)
WRITTEN = {
    "unixTimestamp": AT.timestamp(),
    "iso8601": "2026-11-22T10:30:05Z",
    "rfc822": "Sun, 22 Nov 2026 10:30:05 GMT",
}
NONE: list[Any] = [
    None,
    "",
    "x",
    [],
    {},
    True,
    "2026",
    "2026-13-01T00:00:00Z",
    "NaN",
    "1e5",
    "Sun, 99 Nov 2026",
]


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("value", [*NONE, float("nan"), float("inf")])
def test_what_is_no_moment_is_refused(form: str, value: Any) -> None:
    if form == "unixTimestamp" and value == "2026":
        return
    with pytest.raises((ValueError, OverflowError, OSError)):
        READ[form](value)


@pytest.mark.parametrize(("form", "written"), WRITTEN.items())
def test_a_moment_in_its_form(form: str, written: Any) -> None:
    assert WRITE[form](AT) == written
    assert READ[form](written) == AT


def test_a_moment_without_a_time_zone_is_not_written_and_any_zone_is() -> None:
    for form in WRITE:
        with pytest.raises(ValueError, match="time zone"):
            WRITE[form](AT.replace(tzinfo=None))
    assert WRITE["iso8601"](AT.astimezone(timezone(timedelta(hours=5)))) == WRITTEN["iso8601"]


@given(st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1)), st.sampled_from(sorted(READ)))
def test_what_is_written_is_read(moment: datetime, form: str) -> None:
    at = moment.replace(microsecond=0, tzinfo=UTC)
    assert READ[form](WRITE[form](at)) == at

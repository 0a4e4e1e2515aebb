"""XML from strangers: what is read of it, and what is not even parsed."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.iam import saml_xml


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2030-01-02T03:04:05Z", datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (" 2030-01-02T03:04:05 ", datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2030-01-02T03:04:05.1234567Z", datetime(2030, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)),
        ("2030-01-02T03:04:05+02:00", datetime(2030, 1, 2, 1, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_time_is_in_utc(text: str, wanted: datetime) -> None:
    assert saml_xml.moment(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "2030-01-02", "20300102T030405Z", "2030-W01-1T00:00:00Z", "2030-13-01T00:00:00Z", "x"),
        *("0001-01-01T00:00:00+14:00", "2030-01-02T03:04:05+99:00"),
    ],
)
def test_what_is_no_time_is_refused(text: str | None) -> None:
    with pytest.raises(ValueError):
        saml_xml.moment(text)


def test_a_text_is_whole() -> None:
    root = saml_xml.parse("<a> b<!-- x -->c<?y z?>d<![CDATA[e]]><f>g</f> </a>")
    assert saml_xml.text_of(root) == "bcdeg"


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        saml_xml.parse_small(text)

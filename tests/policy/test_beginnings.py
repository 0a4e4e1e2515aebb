from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.beginnings import Beginnings, beginning

texts = st.text(alphabet="ab:", max_size=6)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("arn:aws:s3:::b/x", "arn:aws:s3:::b/x"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/"),
        ("arn:aws:s3:::b?", "arn:aws:s3:::b"),
        ("arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::"),
        ("*b", ""),
        ("", ""),
    ],
)
def test_a_pattern_is_plain_up_to_what_stands_for_something_else(pattern: str, expected: str) -> None:
    assert beginning(pattern) == expected


def test_what_begins_differently_is_not_found() -> None:
    found = Beginnings(["b", "ba", "bc"])
    assert [found.texts[found.longest(text)] for text in ("a", "c", "", "bb")] == ["", "", "", "b"]


@given(st.lists(texts, max_size=8), texts)
def test_the_longest_is_found(listed: list[str], text: str) -> None:
    found = Beginnings(listed)
    assert found.texts[found.longest(text)] == max(
        (each for each in ("", *listed) if text.startswith(each)), key=len
    )

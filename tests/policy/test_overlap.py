from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.overlap import FREE, common_arn, common_text
from rolekeeper.policy.patterns import matcher

PATTERNS = st.text(alphabet="ab*?", max_size=6)
TEXTS = ["".join(letters) for length in range(5) for letters in itertools.product("ab", repeat=length)]


@pytest.mark.parametrize(
    ("pattern", "other"),
    [("a", "b"), ("a*", "b*"), ("*a", "*b"), ("a", "a?"), ("*/*", "bucket"), ("a?c*", "abd*"), ("", "?*")],
)
def test_what_nothing_matches_has_nothing_in_common(pattern: str, other: str) -> None:
    assert common_text(pattern, other) is None
    assert common_text(other, pattern) is None


@pytest.mark.parametrize(
    ("pattern", "other", "text"),
    [
        ("a", "a", "a"),
        ("", "*", ""),
        ("a?", "ab", "ab"),
        ("?b", "a?", "ab"),
        ("*", "*", FREE),
        ("a*b", "acb", "acb"),
        ("x*", "*/*", f"x{FREE}/{FREE}"),
    ],
)
def test_a_text_in_common(pattern: str, other: str, text: str) -> None:
    assert common_text(pattern, other) == text


@given(PATTERNS, PATTERNS)
def test_both_match_what_they_have_in_common(pattern: str, other: str) -> None:
    text = common_text(pattern, other)
    if text is not None:
        assert matcher(pattern)(text)
        assert matcher(other)(text)


@given(st.text(alphabet="ab*", max_size=6), st.text(alphabet="ab*", max_size=6))
def test_where_they_have_nothing_in_common_no_text_matches_both(pattern: str, other: str) -> None:
    if common_text(pattern, other) is None:
        one, two = matcher(pattern), matcher(other)
        assert not any(one(text) and two(text) for text in TEXTS)


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("arn:aws:s3:::bucket", "arn:*:s3:::*/*"),
        ("arn:aws:iam::111111111111:user/bob", "arn:*:s3:::*"),
        ("arn:aws:s3:*:bucket", "arn:*:s3:::bucket"),
        ("*bucket", "arn:aws:s3:::trail"),
    ],
)
def test_arns_that_have_nothing_in_common(pattern: str, other: str) -> None:
    assert common_arn(pattern, other) is None


@pytest.mark.parametrize(
    ("pattern", "other", "arn"),
    [
        ("*", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ("arn:aws:s3:::a/*", "arn:*:s3:::*/*", f"arn:aws:s3:::a/{FREE}/{FREE}"),
        ("arn:aws:s3", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        (
            "arn:aws:logs:*:*:log-group:a",
            "arn:*:logs:*:*:log-group:*",
            f"arn:aws:logs:{FREE}:{FREE}:log-group:a",
        ),
    ],
)
def test_an_arn_in_common(pattern: str, other: str, arn: str) -> None:
    assert common_arn(pattern, other) == arn


def test_a_long_pattern_costs_one_look() -> None:
    pattern = "*?a" * 2000
    assert common_text(f"{pattern}*", "*/*") is not None
    assert common_text(f"{pattern}*", "b" * 100) is None

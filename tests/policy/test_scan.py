"""Patterns held against several texts at once: the same as each against each, by a table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.scan import Scan, scan, scan_arns
from rolekeeper.policy.tokens import SEGMENTS, Wildcard, tokenize


def covers(pattern: str, text: str) -> bool:
    """Row by row: which beginnings of the text the pattern's beginning covers."""
    covered = [True] + [False] * len(text)
    for symbol in pattern:
        if symbol == "*":
            first = covered.index(True) if True in covered else len(covered)
            covered = [place >= first for place in range(len(covered))]
        else:
            steps = [symbol in ("?", character) for character in text]
            covered = [False, *(before and step for before, step in zip(covered, steps, strict=False))]
    return covered[-1]


def covers_arn(pattern: str, text: str) -> bool:
    """The same, segment by segment."""
    both = [each.split(":", SEGMENTS - 1) for each in (pattern, text)]
    return all(len(parts) == SEGMENTS for parts in both) and all(map(covers, *both))


def found(
    scanned: Scan, pattern: str, alone: Callable[[tuple[str, ...]], Scan], texts: list[str]
) -> list[bool]:
    """Which of the texts match, by the bits of the whole, and that each is the same alone."""
    ends = [place for place in range(scanned.ends.bit_length()) if scanned.ends >> place & 1]
    bits = scanned.matched(tokenize(pattern))
    together = [bool(bits >> place & 1) for place in ends]
    assert bits & ~scanned.ends == 0
    assert [alone((text,)).matched(tokenize(pattern)) != 0 for text in texts] == together
    return together


@given(st.text("ab*?\n", max_size=10), st.lists(st.text("ab\n", max_size=8), min_size=1, max_size=6))
def test_texts_are_matched_as_each_is_alone(pattern: str, texts: list[str]) -> None:
    assert found(scan(tuple(texts)), pattern, scan, texts) == [covers(pattern, text) for text in texts]


ARNS = st.lists(st.text("ab", max_size=3), min_size=6, max_size=8).map(":".join)


@given(
    st.lists(st.text("ab*?", max_size=3), min_size=4, max_size=8).map(":".join),
    st.lists(ARNS, min_size=1, max_size=5),
)
def test_arns_are_matched_segment_by_segment(pattern: str, texts: list[str]) -> None:
    expected = [covers_arn(pattern, text) for text in texts]
    assert found(scan_arns(tuple(texts)), pattern, scan_arns, texts) == expected


@pytest.mark.parametrize("texts", [("",), ("", ""), ("", "a", ""), ("a" * 300, "", "b" * 300)])
def test_a_star_takes_nothing_from_a_neighbour(texts: tuple[str, ...]) -> None:
    scanned = scan(texts)
    assert scanned.matched([Wildcard.ANY]) == scanned.ends
    assert scanned.matched(["b", Wildcard.ANY]).bit_count() == sum(text.startswith("b") for text in texts)
    assert scanned.matched([Wildcard.ANY, "a"]).bit_count() == sum(text.endswith("a") for text in texts)
    assert scanned.matched([]).bit_count() == texts.count("")


def test_a_wildcard_stays_within_its_segment() -> None:
    arns = ("arn:aws:iam::1:a:b", "arn:aws:iam:1::a", "arn:aws:iam:::a")
    scanned = scan_arns(arns)
    assert scanned.matched(tokenize("arn:aws:iam::?:a*")).bit_count() == 1
    assert scanned.matched(tokenize("arn:aws:*:a")) == 0
    assert scanned.matched(tokenize("arn:*:*:*:*:a")).bit_count() == 2
    assert scanned.matched(tokenize("*")) == 0
    assert scan_arns(()).matched(tokenize("*:*:*:*:*:*")) == scan_arns(()).ends == 0

"""A piece with gaps, looked for at all places at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.bit_search import find_gapped
from rolekeeper.policy.patterns import matcher


@pytest.mark.parametrize(
    ("piece", "text", "start", "end"),
    [
        ("ab", "", 0, 0),
        ("ab", "a", 0, 1),
        ("ab", "ab", 0, 1),
        ("ab", "ab", 1, 2),
        ("a?b", "ab", 0, 2),
        ("a?b", "acccb", 0, 5),
        ("ab", "ba" * 5, 8, 10),
    ],
)
def test_what_is_not_there(piece: str, text: str, start: int, end: int) -> None:
    assert find_gapped(_texts(piece), text, start, end - len(piece)) == -1


def _texts(piece: str) -> list[tuple[int, str]]:
    return [(found.start(), found[0]) for found in re.finditer("[^?]+", piece)]


def test_the_first_place_between_two_others() -> None:
    text = "axb-axb-axb"
    assert find_gapped(_texts("a?b"), text, 0, len(text) - 3) == 0
    assert find_gapped(_texts("a?b"), text, 1, len(text) - 3) == 4
    assert find_gapped(_texts("a?b"), text, 4, 4) == 4
    assert find_gapped(_texts("?"), text, 3, 3) == 3


@given(st.text("ab?", min_size=1, max_size=6), st.text("ab\n", max_size=20), st.integers(0, 5))
def test_it_agrees_with_a_regular_expression(piece: str, text: str, start: int) -> None:
    wanted = re.compile(piece.replace("?", "."), re.DOTALL).search(text, start)
    found = find_gapped(_texts(piece), text, start, len(text) - len(piece))
    assert found == (wanted.start() if wanted else -1)


def test_a_long_text_is_matched_as_a_short_one_is() -> None:
    filler = "ab" * 4_096
    assert matcher("*x?y*")(filler + "x-y" + filler)
    assert matcher("*x?y*z")(filler + "x-y" + filler + "z")
    assert not matcher("*x?y*")(filler + "xy" + filler)
    assert not matcher("*x?y*x?y*")(filler + "x-y" + filler)

"""Many values against many patterns: the same as one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.conditions import OPERATORS
from rolekeeper.policy.crowd import FEW, FEW_OF_SIMPLE, Crowd, is_simple
from rolekeeper.policy.tokens import tokenize

WILD = sorted(name for name, row in OPERATORS.items() if row.patterns is not None)

texts = st.one_of(
    st.text("ab:", max_size=4),
    st.lists(st.text("ab", max_size=2), min_size=5, max_size=6).map(lambda parts: ":".join(["arn", *parts])),
)
patterns = st.one_of(
    st.text("ab*?:", max_size=5),
    st.lists(st.text("ab*?", max_size=2), min_size=4, max_size=6).map(
        lambda parts: ":".join(["arn", *parts])
    ),
)


@given(
    st.sampled_from(WILD),
    st.lists(patterns, min_size=1, max_size=5),
    st.lists(texts, min_size=FEW, max_size=FEW + 4),
)
def test_a_crowd_is_what_each_is_alone(operator: str, written: list[str], given_: list[str]) -> None:
    row = OPERATORS[operator]
    values = [tokenize(pattern) for pattern in (*written, "arn:aws:iam:::?~*?")]  # which is not simple
    one = row.build(values, row.negated)
    assert row.patterns is not None
    crowd = Crowd(row.patterns(values), row.negated, _not_one_by_one)
    assert crowd.any(tuple(given_)) is any(map(one, given_))
    assert crowd.all(tuple(given_)) is all(map(one, given_))


def _not_one_by_one() -> Callable[[str], bool]:
    raise AssertionError("they are held against the patterns all at once")


@given(
    st.sampled_from(WILD),
    st.lists(st.sampled_from(["a", "a*", "*a", "*", "arn:*", "arn:aws:iam:::*", ""]), min_size=1, max_size=8),
    st.lists(texts, min_size=FEW_OF_SIMPLE, max_size=FEW_OF_SIMPLE + 1),
)
def test_a_great_crowd_is_what_each_is_alone(operator: str, written: list[str], given_: list[str]) -> None:
    row = OPERATORS[operator]
    values = [tokenize(pattern) for pattern in written]
    one = row.build(values, row.negated)
    assert row.patterns is not None
    crowd = Crowd(row.patterns(values), row.negated, _not_one_by_one)
    assert crowd.any(tuple(given_)) is any(map(one, given_))
    assert crowd.all(tuple(given_)) is all(map(one, given_))


@pytest.mark.parametrize("negated", [False, True])
def test_a_few_are_tested_one_by_one(negated: bool) -> None:
    row = OPERATORS["StringNotLike" if negated else "StringLike"]
    values = [tokenize("*a?b*")]
    assert row.patterns is not None
    crowd = Crowd(row.patterns(values), negated, lambda: row.build(values, negated))
    assert crowd.any(("a", "axb")) and not crowd.all(("a", "axb"))
    assert crowd.all(()) and not crowd.any(())


@pytest.mark.parametrize("pattern", ["*a*", "a?", "?", "a*b", "*a?"])
def test_what_is_more_than_a_beginning_or_an_end_is_not_simple(pattern: str) -> None:
    assert not is_simple(tokenize(pattern))
    assert all(is_simple(tokenize(simple)) for simple in ("a", "a*", "*a", "*", ""))

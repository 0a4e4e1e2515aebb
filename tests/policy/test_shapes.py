"""One pattern as a test, and without one."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.shapes import ends_fit, in_order
from rolekeeper.policy.tokens import Token, Wildcard


@given(
    st.lists(st.sampled_from(["a", "b", "ab", Wildcard.ANY]), min_size=1, max_size=6),
    st.text("ab\n", max_size=12),
)
def test_what_stands_in_order_agrees_with_a_regular_expression(tokens: list[Token], text: str) -> None:
    side_by_side = any(isinstance(x, str) and isinstance(y, str) for x, y in pairwise(tokens))
    pattern = "".join(".*" if token is Wildcard.ANY else str(token) for token in tokens)
    wanted = re.fullmatch(pattern, text, re.DOTALL)
    if ends_fit(tokens, text):
        found = in_order(tokens, text)
        assert found == (wanted is not None) or (found is None and side_by_side)

"""A piece of a pattern that holds question marks: it has a length, but no text.

Where what is left of it, without the question marks at its ends, is plain, it is found as plain text is; else
by a regular expression, and, where that would take long, at a cost that does not depend on the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from rolekeeper.policy.bit_search import find_gapped
from rolekeeper.policy.tokens import Token, Tokens, Wildcard, plain_text

LONG_SEARCH: Final = 4_096
"""Steps that a regular expression may take at worst to find a piece with gaps."""

LONG_PIECE: Final = 64
"""Characters from which an expression takes longer to be made than to be done without."""


class Gapped:
    """A piece between stars that holds question marks, and so has a length but no text.

    Those at its ends only keep their distance. Where some are left within, the rest is found by a regular
    expression, which is made when the piece is first looked for: most never are.
    """

    __slots__ = ("_after", "_before", "_core", "_find", "length")

    def __init__(self, tokens: Tokens) -> None:
        first, last = 0, len(tokens)
        while first < last and tokens[first] is Wildcard.ONE:
            first += 1
        while first < last and tokens[last - 1] is Wildcard.ONE:
            last -= 1
        self._before = first
        self._after = len(tokens) - last
        self._core: Tokens = tokens[first:last]
        core = sum(len(token) if isinstance(token, str) else 1 for token in self._core)
        self.length = self._before + core + self._after
        self._find: Callable[[str, int, int], int] | None = None

    def matches(self, text: str, start: int) -> bool:
        """Whether the text has the piece at this place, and is long enough for it."""
        return self.find(text, start, start + self.length) >= 0

    def find(self, text: str, start: int, end: int) -> int:
        """The first place of the piece between two others; -1 if there is none."""
        if self._find is None:
            self._find = _finder(self._core)
        found = -1
        if start + self.length <= end:
            found = self._find(text, start + self._before, end - self._after)
        return found if found < 0 else found - self._before


def _finder(core: Tokens) -> Callable[[str, int, int], int]:
    text = plain_text(core)
    if text is not None:
        return lambda where, start, end: where.find(text, start, end)
    expression = "".join("." if isinstance(token, Wildcard) else re.escape(token) for token in core)
    symbols = [letter for token in core for letter in (token if isinstance(token, str) else (None,))]

    if len(symbols) > LONG_PIECE:
        return lambda where, start, end: find_gapped(symbols, where, start, end)
    near = LONG_SEARCH // len(symbols) + len(symbols)

    def find(where: str, start: int, end: int) -> int:
        found = _compiled(expression).search(where, start, min(end, start + near))
        if found is not None:
            return found.start()
        if start + near >= end:
            return -1
        return find_gapped(symbols, where, start + near - len(symbols) + 1, end)

    return find


@lru_cache(maxsize=512)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


def gapped(tokens: tuple[Token, ...]) -> Gapped:
    """The piece of these tokens; short ones are the same in many patterns."""
    return _known(tokens) if len(tokens) <= 8 else Gapped(tokens)


_known: Final = lru_cache(maxsize=512)(Gapped)

"""A piece of a pattern that holds question marks: it has a length, but no text.

It is looked for by the longest plain text in it; where that stands in many places at which the piece does
not, at a cost that does not depend on the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rolekeeper.policy.bit_search import find_gapped
from rolekeeper.policy.tokens import Token, Tokens, Wildcard

TRIES: Final = 8
"""Places at which the plain text of a piece is looked around, before all places are tried at once."""


class Gapped:
    """A piece between stars that holds question marks, and so has a length but no text.

    Its question marks only keep their distance: what it asks for is `_anchor`, its longest plain text, so
    far from its beginning, and `_others` at theirs.
    """

    __slots__ = ("_anchor", "_distance", "_others", "length")

    def __init__(self, tokens: Tokens) -> None:
        texts: list[tuple[int, str]] = []
        longest = (0, "")
        length, one = 0, Wildcard.ONE
        for token in tokens:
            if token is one:
                length += 1
                continue
            placed = (length, str(token))
            texts.append(placed)
            if len(placed[1]) > len(longest[1]):
                longest = placed
            length += len(placed[1])
        self.length = length
        self._distance, self._anchor = longest
        self._others = [text for text in texts if text is not longest]

    def matches(self, text: str, start: int) -> bool:
        """Whether the text has the piece at this place, and is long enough for it."""
        if start + self.length > len(text) or not text.startswith(self._anchor, start + self._distance):
            return False
        for distance, other in self._others:  # noqa: SIM110 - a generator costs more than the comparisons
            if not text.startswith(other, start + distance):
                return False
        return True

    def find(self, text: str, start: int, end: int) -> int:
        """The first place of the piece between two others; -1 if there is none."""
        if start + self.length > end:
            return -1
        behind = end - self.length + self._distance + len(self._anchor)
        for _ in range(TRIES if len(self._others) < TRIES else 1):
            found = text.find(self._anchor, start + self._distance, behind) - self._distance
            if found < start:
                return -1
            if not self._others or self.matches(text, found):
                return found
            start = found + 1
        texts = [(self._distance, self._anchor), *self._others]
        return find_gapped(texts, text, start, end - self.length)


@lru_cache(maxsize=512)
def _known(tokens: tuple[Token, ...]) -> Gapped:
    return Gapped(tokens)


def gapped(tokens: Tokens) -> Gapped:
    """The piece of these tokens; short ones are the same in many patterns."""
    return _known(tuple(tokens)) if len(tokens) <= 8 else Gapped(tokens)

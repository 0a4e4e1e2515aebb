"""An index of resource patterns by how they begin: up to the first `*`, `?` or `$` a pattern is plain text.

A pattern can match a resource only if the resource begins so. All beginnings that a resource has are
beginnings of the longest of them: that one names the set of patterns to look at, and is found by one search
in a sorted list, however many there are.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import Final

_PLAIN: Final = re.compile(r"[^*?$]*")


def beginning(pattern: str) -> str:
    """The text with which everything begins that the pattern matches."""
    found = _PLAIN.match(pattern)
    return found[0] if found is not None else ""


class Beginnings:
    """Texts of which the longest is asked for that begins another one."""

    __slots__ = ("_shorter", "texts")

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = sorted({"", *texts})
        self._shorter = _shorter(self.texts)

    def longest(self, text: str) -> int:
        """The place in `texts` of the longest that `text` begins with."""
        texts = self.texts
        # What begins `text` stands before it, and between the two stands only what begins alike.
        place = bisect_right(texts, text) - 1
        while not text.startswith(texts[place]):
            place = self._shorter[place]
        return place


def _shorter(texts: list[str]) -> list[int]:
    """For each of the sorted texts the place of the longest other one with which it begins."""
    found: list[int] = []
    open_: list[int] = []  # the beginnings of the text at hand, the shortest first
    for place, text in enumerate(texts):
        while open_ and not text.startswith(texts[open_[-1]]):
            open_.pop()
        found.append(open_[-1] if open_ else 0)
        open_.append(place)
    return found

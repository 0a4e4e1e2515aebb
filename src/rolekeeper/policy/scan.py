"""Patterns held against several texts at once, and nothing made of a pattern before.

The texts lie side by side in one number, a bit for each place between two characters: those bits are set at
which what has been read of the pattern can end. A character lets those go on before which it stands, a
question mark all that are not at an end, and a star fills each text from its first bit on: subtracted from
the bit behind the text, a number leaves all bits from its lowest one on, and no text takes from its
neighbour. So a pattern costs a few operations for each of its characters, whatever it is held against.

An ARN is six fields, one behind the other, whose ends are its first five colons.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rolekeeper.policy.bit_search import Places, as_bits, places_in
from rolekeeper.policy.tokens import SEGMENTS, Tokens, Wildcard


class Field(NamedTuple):
    """A segment of each of the texts, the same one.

    `starts` and `ends` are the places before its first character and behind its last one, `behind` the bit
    after that; `within` has all places, `before` those before a character.
    """

    starts: int
    ends: int
    behind: int
    within: int
    before: int


class Scan:
    """Texts of as many segments each, ready to be held against patterns."""

    __slots__ = ("_fields", "_places", "ends")

    def __init__(self, texts: Sequence[str], segments: int) -> None:
        parts: list[tuple[int, str]] = []
        start = 0
        for text in texts:
            for part in text.split(":", segments - 1):
                parts.append((start, part))
                start += len(part) + 1
            start += 1  # the bit behind the text
        self._places = places_in(texts[0]) if len(texts) == 1 else Places(parts)
        self._fields = [_field(parts[number::segments]) for number in range(segments)]
        self.ends = self._fields[-1].ends
        """What `matched` finds where all the texts match."""

    def matched(self, pattern: Tokens) -> int:
        """The ends of those texts that a pattern matches."""
        places, any_, one = self._places, Wildcard.ANY, Wildcard.ONE
        left = len(self._fields) - 1
        starts, ends, behind, within, before = self._fields[0]
        found = starts
        for token in pattern:
            if token is any_:
                found = within if found == starts else (found | (behind - found)) & within
            elif token is one:
                found = (found & before) << 1
            else:
                for character in token:  # type: ignore[union-attr]
                    if character == ":" and left:
                        found = (found & ends) << 1
                        left -= 1
                        starts, ends, behind, within, before = self._fields[-1 - left]
                    else:
                        found = (found & places[character]) << 1
                    if not found:
                        return 0
        return 0 if left else found & ends


def _field(parts: Sequence[tuple[int, str]]) -> Field:
    starts = as_bits([start for start, _ in parts])
    ends = as_bits([start + len(part) for start, part in parts])
    behind = ends << 1
    return Field(starts, ends, behind, behind - starts, ends - starts)


@lru_cache(maxsize=8)
def scan(texts: tuple[str, ...]) -> Scan:
    """The texts as they are; many patterns ask for the same ones, one after another."""
    return Scan(texts, 1)


@lru_cache(maxsize=8)
def scan_arns(texts: tuple[str, ...]) -> Scan:
    """The texts as ARNs, which they are by their colons."""
    return Scan(texts, SEGMENTS)

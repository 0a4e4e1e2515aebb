"""Where the characters of a text stand, as the bits of numbers: all places of a text are tried at once.

To look for `a?a?a?...b` in a text of `a`, place by place, costs the product of the two lengths. As bits, each
character of the piece takes from all places at once those that it does not fit, at a cost that does not
depend on how alike the two are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

SHORT: Final = 512
"""Places up to which each bit is sooner set by itself."""

SPARSE: Final = 24
"""Places for each bit from which they are sooner set one by one than all written out as digits."""


class Places(dict[str, int]):
    """Where each character stands in some texts, each of which begins at a bit of its own."""

    __slots__ = ("_places",)

    def __init__(self, texts: Iterable[tuple[int, str]]) -> None:
        super().__init__()
        places: defaultdict[str, list[int]] = defaultdict(list)
        for start, text in texts:
            for place, character in enumerate(text, start):
                places[character].append(place)
        self._places = dict(places)

    def __missing__(self, character: str) -> int:
        bits = self[character] = as_bits(self._places.get(character, ()))
        return bits


def as_bits(places: Sequence[int]) -> int:
    """The number that has these bits, of which the greatest is the last."""
    if not places:
        return 0
    size = places[-1] + 1
    if size <= SHORT:
        found = 0
        for place in places:
            found |= 1 << place
        return found
    if len(places) * SPARSE < size:
        bits = bytearray((size >> 3) + 1)
        for place in places:
            bits[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(bits, "little")
    digits = bytearray(b"0") * size
    for place in places:
        digits[-1 - place] = _ONE
    return int(digits, 2)


_ONE: Final = ord("1")


@lru_cache(maxsize=4)
def places_in(text: str) -> Places:
    """Those of one text, which many patterns are held against."""
    return Places([(0, text)])


def find_gapped(piece: Sequence[tuple[int, str]], text: str, start: int, last: int) -> int:
    """The first place, between two others, from which on the texts of a piece stand as far behind it as they
    shall; -1 if there is none."""
    if last < start:
        return -1
    places, found = places_in(text), -1
    for offset, part in piece:
        for distance, character in enumerate(part, start + offset):
            found &= places[character] >> distance
        if not found:
            return -1
    place = start + (found & -found).bit_length() - 1
    return place if place <= last else -1

"""A piece with gaps looked for in a long text, at a cost that hardly depends on how alike the two are.

A regular expression tries the piece at each place anew, so that `a?a?a?...b` in a text of `a` costs the
product of the two lengths. Here all places are tried at once: they are the bits of one number, from which
each character of the piece takes those that it does not fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

WINDOW: Final = 4
"""How many times as long as the piece the first part of the text is that is looked at."""


def find_gapped(piece: Sequence[str | None], text: str, start: int, end: int) -> int:
    """The first place, between two others, of the characters, of which None is any; -1 if there is none.

    The text is taken in parts, each twice as long as the one before, so that a piece that is found soon does
    not cost the whole of a long text.
    """
    offsets: dict[str, list[int]] = {}
    for offset, character in enumerate(piece):
        if character is not None:
            offsets.setdefault(character, []).append(offset)
    size = WINDOW * len(piece)
    while start + len(piece) <= end:
        part = text[start : min(start + size, end)]
        found = _find(offsets, part, len(part) - len(piece) + 1)
        if found >= 0:
            return start + found
        start += len(part) - len(piece) + 1
        size *= 2
    return -1


def _find(offsets: Mapping[str, Sequence[int]], text: str, places: int) -> int:
    found = (1 << places) - 1
    for character in sorted(offsets, key=text.count):  # the rarest takes most
        at = _places(character, text)
        for offset in offsets[character]:
            found &= at >> offset
            if not found:
                return -1
    return (found & -found).bit_length() - 1


def _places(character: str, text: str) -> int:
    """Where a character stands in a text, as bits."""
    digits = text[::-1].translate(_Digits(character))
    return int(digits, 2)


class _Digits(dict[int, str]):
    """A table for `str.translate`: a 1 for the character, a 0 for every other one."""

    def __init__(self, character: str) -> None:
        super().__init__({ord(character): "1"})

    def __missing__(self, character: int) -> str:
        self[character] = "0"
        return "0"

"""A piece with gaps looked for in a long text, at a cost that hardly depends on how alike the two are.

A regular expression tries the piece at each place anew, so that `a?a?a?...b` in a text of `a` costs the
product of the two lengths. Here all places are tried at once: they are the bits of one number, from which
each character of the piece takes those that it does not fit.
"""

from __future__ import annotations

from collections.abc import Sequence


def find_gapped(piece: Sequence[str | None], text: str, start: int, end: int) -> int:
    """The first place, between two others, of the characters, of which None is any; -1 if there is none."""
    text = text[start:end]
    if len(piece) > len(text):
        return -1
    found = (1 << len(text) - len(piece) + 1) - 1
    offsets: dict[str, list[int]] = {}
    for offset, character in enumerate(piece):
        if character is not None:
            offsets.setdefault(character, []).append(offset)
    for character in sorted(offsets, key=text.count):  # the rarest takes most
        places = _places(character, text)
        for offset in offsets[character]:
            found &= places >> offset
            if not found:
                return -1
    return start + (found & -found).bit_length() - 1


def _places(character: str, text: str) -> int:
    """Where a character stands in a text, as bits."""
    return int("0" + "".join("1" if found == character else "0" for found in reversed(text)), 2)

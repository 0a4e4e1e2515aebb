"""One pattern as a test: the cheapest that decides it, by what stands before, between and after its stars.

Whatever the pattern, a test is bounded by the product of the two lengths: between two stars the leftmost
place is always the right one, so that nothing is ever tried twice.
Source: "IAM JSON policy elements: Resource" and "... Condition operators" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from rolekeeper.policy.gaps import Gapped, gapped
from rolekeeper.policy.scan import scan
from rolekeeper.policy.tokens import Token, Tokens, Wildcard, plain_text

Test: TypeAlias = Callable[[str], bool]

SHORT: Final = 16
"""Tokens of a pattern that is sooner held against one text than made a test."""

STAR: Final[Tokens] = [Wildcard.ANY]
"""The pattern that matches everything."""


def test_of(tokens: Tokens) -> Test:
    """The test of a pattern that is matched as one text."""
    if tokens == STAR:
        return always
    if Wildcard.ONE in tokens:
        return _scanned_first(tokens) if len(tokens) <= SHORT else _gapped_test(_pieces(tokens))
    texts = [piece for piece in _pieces(tokens) if isinstance(piece, str)]
    if len(texts) == 1:
        return frozenset(texts).__contains__
    head, *middle, tail = texts
    if middle or (head and tail):
        return _between(head, middle, tail)
    return starts_with((head,)) if head else ends_with((tail,)) if tail else always


def always(text: str) -> bool:
    """The test of what matches everything."""
    return True


def never(text: str) -> bool:
    """The test of no patterns."""
    return False


def ends_fit(tokens: Tokens, text: str) -> bool:
    """Whether a text begins and ends with what a pattern begins and ends with, where that is plain."""
    first, last = tokens[0], tokens[-1]
    return (not isinstance(first, str) or text.startswith(first)) and (
        not isinstance(last, str) or text.endswith(last)
    )


def in_order(tokens: Tokens, text: str) -> bool | None:
    """Whether a text has what stands between the stars of a pattern, one behind the other; it begins and ends
    as the pattern does, and that has no question marks. None where two plain tokens stand side by side."""
    first, last = tokens[0], tokens[-1]
    place = len(first) if isinstance(first, str) else 0
    limit = len(text) - len(last) if isinstance(last, str) else len(text)
    if len(tokens) == 1:
        return not isinstance(first, str) or place == len(text)
    behind_star = not isinstance(first, str)
    for token in tokens[1:-1]:
        if not isinstance(token, str):
            behind_star = True
            continue
        if not behind_star:
            return None
        behind_star = False
        place = text.find(token, place, limit)
        if place < 0:
            return False
        place += len(token)
    return place <= limit if behind_star or not isinstance(last, str) else None


def starts_with(prefixes: tuple[str, ...]) -> Test:
    """The test that is true where a text begins with one of them."""
    wanted = prefixes[0] if len(prefixes) == 1 else prefixes

    def test(text: str) -> bool:
        return text.startswith(wanted)

    return test


def ends_with(suffixes: tuple[str, ...]) -> Test:
    """The test that is true where a text ends with one of them."""
    wanted = suffixes[0] if len(suffixes) == 1 else suffixes

    def test(text: str) -> bool:
        return text.endswith(wanted)

    return test


def _pieces(tokens: Tokens) -> list[str | Gapped]:
    """What stands before, between and after the stars; what is empty between two of them is left out."""
    pieces: list[str | Gapped] = []
    group: list[Token] = []
    any_, between = Wildcard.ANY, False
    for token in tokens:
        if token is not any_:
            group.append(token)
            continue
        if group or not between:
            pieces.append(_piece(group))
            group = []
        between = True
    pieces.append(_piece(group))
    return pieces


def _piece(tokens: Tokens) -> str | Gapped:
    text = plain_text(tokens)
    return gapped(tokens) if text is None else text


def _between(head: str, middle: Sequence[str], tail: str) -> Test:
    starts_at, ends_before = len(head), len(tail)

    def test(text: str) -> bool:
        limit = len(text) - ends_before
        if starts_at > limit or not text.startswith(head) or not text.endswith(tail):
            return False
        position = starts_at
        for piece in middle:
            position = text.find(piece, position, limit)
            if position < 0:
                return False
            position += len(piece)
        return True

    return test


def _scanned_first(tokens: Tokens) -> Test:
    """The test of a pattern with gaps: it is made when it is asked for again, as most patterns never are."""
    seen: list[bool] = []
    made: list[Test] = []

    def test(text: str) -> bool:
        if made:
            return made[0](text)
        if not seen:
            seen.append(True)
            return ends_fit(tokens, text) and scan((text,)).matched(tokens) != 0
        made.append(_gapped_test(_pieces(tokens)))
        return made[0](text)

    return test


def _gapped_test(pieces: Sequence[str | Gapped]) -> Test:
    all_gapped = [piece if isinstance(piece, Gapped) else gapped((piece,)) for piece in pieces]
    if len(all_gapped) == 1:
        return _fixed(all_gapped[0])
    return _between_gapped(all_gapped[0], all_gapped[1:-1], all_gapped[-1])


def _fixed(piece: Gapped) -> Test:
    return lambda text: len(text) == piece.length and piece.matches(text, 0)


def _between_gapped(head: Gapped, middle: Sequence[Gapped], tail: Gapped) -> Test:
    needed = sum(piece.length for piece in (head, *middle, tail))

    def test(text: str) -> bool:
        limit = len(text) - tail.length
        if len(text) < needed or not head.matches(text, 0) or not tail.matches(text, limit):
            return False
        position = head.length
        for piece in middle:
            position = piece.find(text, position, limit)
            if position < 0:
                return False
            position += piece.length
        return True

    return test

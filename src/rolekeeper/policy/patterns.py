"""Wildcard patterns, compiled once to the cheapest test that decides them.

`*` stands for any text, `?` for one character, everything else for itself, and a pattern covers the whole
text. Whatever the pattern, a test is bounded by the product of the two lengths: between two stars the
leftmost place is always the right one, so that nothing is ever tried twice.

A pattern is a list of tokens, so that a star which came out of a `${variable}` is an ordinary character.
An ARN pattern is six patterns, one for each segment: no wildcard reaches over a colon but in the sixth.
Source: "IAM JSON policy elements: Resource" and "... Condition operators" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from rolekeeper.policy.bit_search import find_gapped

SEGMENTS: Final = 6
"""arn, partition, service, region, account, resource."""

LONG_SEARCH: Final = 100_000
"""Steps that a regular expression may take at worst to find a piece with gaps."""


class Wildcard(Enum):
    """The two characters of a pattern that do not stand for themselves."""

    ANY = "*"
    ONE = "?"

    __hash__ = object.__hash__  # there is one of each, and an enumeration's own costs more than a look-up


Token: TypeAlias = str | Wildcard
Tokens: TypeAlias = Sequence[Token]
Test: TypeAlias = Callable[[str], bool]

_WILDCARDS: Final = {"*": Wildcard.ANY, "?": Wildcard.ONE}
_SPECIAL: Final = re.compile(r"([*?])")


def tokenize(pattern: str) -> list[Token]:
    """The tokens of a pattern without variables."""
    return [_WILDCARDS.get(part, part) for part in _SPECIAL.split(pattern) if part]


def matcher(pattern: str) -> Test:
    """The test of one pattern."""
    alternatives = Alternatives()
    alternatives.add(tokenize(pattern))
    return alternatives.test()


def any_of(patterns: Iterable[str]) -> Test:
    """The test that is true where one of the patterns matches; never, where there are none."""
    alternatives = Alternatives()
    for pattern in patterns:
        alternatives.add(tokenize(pattern))
    return alternatives.test()


class Alternatives:
    """Patterns of which one has to match, sorted by the cheapest way to decide them, and made one test."""

    __slots__ = ("_everything", "_literals", "_others", "_prefixes", "_suffixes")

    def __init__(self) -> None:
        self._everything = False
        self._literals: set[str] = set()
        self._prefixes: list[str] = []
        self._suffixes: list[str] = []
        self._others: list[Test] = []

    def add(self, tokens: Tokens) -> None:
        """Add a pattern that is matched as one text."""
        pieces = _pieces(tokens)
        first, last = pieces[0], pieces[-1]
        if len(pieces) > 2 or not isinstance(first, str) or not isinstance(last, str):
            self._others.append(_general(pieces))
        elif len(pieces) == 1:
            self._literals.add(first)
        elif first and last:
            self._others.append(_between(first, (), last))
        elif first:
            self._prefixes.append(first)
        elif last:
            self._suffixes.append(last)
        else:
            self._everything = True

    def add_segments(self, segments: Sequence[Tokens]) -> None:
        """Add a pattern of six segments, each of which is matched alone."""
        head = [plain_text(segment) for segment in segments[:-1]]
        if None in head:
            self._others.append(_segment_test(segments))
        else:
            # A text that starts with these five is cut at the same colons: the whole is one pattern.
            self.add([":".join(part for part in head if part is not None) + ":", *segments[-1]])

    def add_test(self, test: Test) -> None:
        """Add anything else that can match."""
        self._others.append(test)

    def test(self) -> Test:
        """All of them as one test."""
        if self._everything:
            return _always
        tests: list[Test] = []
        if self._literals:
            tests.append(frozenset(self._literals).__contains__)
        if self._prefixes:
            tests.append(_starts_with(tuple(self._prefixes)))
        if self._suffixes:
            tests.append(_ends_with(tuple(self._suffixes)))
        return _either([*tests, *self._others])


def split_segments(tokens: Tokens) -> list[list[Token]]:
    """A pattern cut at its first five colons, into six segments or fewer. Wildcards are no colons."""
    segments: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Wildcard) or ":" not in token:
            segments[-1].append(token)
            continue
        first, *rest = token.split(":", SEGMENTS - len(segments))
        if first:
            segments[-1].append(first)
        segments.extend([part] if part else [] for part in rest)
    return segments


def plain_text(tokens: Tokens) -> str | None:
    """The text for which the tokens stand; None if one is a wildcard."""
    if len(tokens) == 1:
        return tokens[0] if isinstance(tokens[0], str) else None
    texts = [token for token in tokens if isinstance(token, str)]
    return "".join(texts) if len(texts) == len(tokens) else None


# -- the shapes ------------------------------------------------------------------------------------


class _Gapped:
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


_known_gapped: Final = lru_cache(maxsize=512)(_Gapped)


def _finder(core: Tokens) -> Callable[[str, int, int], int]:
    text = plain_text(core)
    if text is not None:
        return lambda where, start, end: where.find(text, start, end)
    expression = "".join("." if isinstance(token, Wildcard) else re.escape(token) for token in core)
    symbols = [letter for token in core for letter in (token if isinstance(token, str) else (None,))]

    def find(where: str, start: int, end: int) -> int:
        if len(symbols) * (end - start) > LONG_SEARCH:
            return find_gapped(symbols, where, start, end)
        found = _compiled(expression).search(where, start, end)
        return -1 if found is None else found.start()

    return find


@lru_cache(maxsize=512)
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL)


def _pieces(tokens: Tokens) -> list[str | _Gapped]:
    """What stands before, between and after the stars; what is empty between two of them is left out."""
    pieces: list[str | _Gapped] = []
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


def _piece(tokens: Tokens) -> str | _Gapped:
    text = plain_text(tokens)
    return _gapped(tuple(tokens)) if text is None else text


def _gapped(tokens: tuple[Token, ...]) -> _Gapped:
    return _known_gapped(tokens) if len(tokens) <= 3 else _Gapped(tokens)


def _general(pieces: Sequence[str | _Gapped]) -> Test:
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return _between(texts[0], texts[1:-1], texts[-1])
    gapped = [piece if isinstance(piece, _Gapped) else _gapped((piece,)) for piece in pieces]
    if len(gapped) == 1:
        return _fixed(gapped[0])
    return _between_gapped(gapped[0], gapped[1:-1], gapped[-1])


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


def _fixed(piece: _Gapped) -> Test:
    return lambda text: len(text) == piece.length and piece.matches(text, 0)


def _between_gapped(head: _Gapped, middle: Sequence[_Gapped], tail: _Gapped) -> Test:
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


def _segment_test(segments: Sequence[Tokens]) -> Test:
    """Tests of the segments, each made when the ones before have matched; what is always true is left out.

    A test that two threads make at once is the same test in the same place.
    """
    places = [place for place, tokens in enumerate(segments) if tokens != _STAR]
    tests: list[Test | None] = [None] * len(segments)

    def matches(text: str) -> bool:
        parts = text.split(":", SEGMENTS - 1)
        if len(parts) != SEGMENTS:
            return False
        for place in places:
            test = tests[place]
            if test is None:
                test = tests[place] = _segment(tuple(segments[place]))
            if not test(parts[place]):
                return False
        return True

    return matches


_STAR: Final[Tokens] = [Wildcard.ANY]


def _segment(tokens: tuple[Token, ...]) -> Test:
    """The test of one segment; most are short, and the same in many patterns."""
    return _known_segment(tokens) if len(tokens) <= 3 else _segment_alone(tokens)


def _segment_alone(tokens: tuple[Token, ...]) -> Test:
    alternatives = Alternatives()
    alternatives.add(tokens)
    return alternatives.test()


_known_segment: Final = lru_cache(maxsize=512)(_segment_alone)


def _starts_with(prefixes: tuple[str, ...]) -> Test:
    wanted = prefixes[0] if len(prefixes) == 1 else prefixes

    def test(text: str) -> bool:
        return text.startswith(wanted)

    return test


def _ends_with(suffixes: tuple[str, ...]) -> Test:
    wanted = suffixes[0] if len(suffixes) == 1 else suffixes

    def test(text: str) -> bool:
        return text.endswith(wanted)

    return test


def _either(tests: Sequence[Test]) -> Test:
    if not tests:
        return _never
    if len(tests) == 1:
        return tests[0]

    def test(text: str) -> bool:
        for alternative in tests:  # noqa: SIM110 - a generator costs more than the tests
            if alternative(text):
                return True
        return False

    return test


def _always(text: str) -> bool:
    return True


def _never(text: str) -> bool:
    return False


def is_always(test: Test) -> bool:
    """Whether a test of this module is true of every text, so that a caller can leave it out."""
    return test is _always

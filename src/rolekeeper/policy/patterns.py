"""Wildcard patterns, compiled once to the cheapest test that decides them.

`*` stands for any text, `?` for one character, everything else for itself, and a pattern covers the whole
text. Whatever the pattern, a test is bounded by the product of the two lengths: between two stars the
leftmost place is always the right one, so that nothing is ever tried twice.

Of many patterns, most are out because the text does not hold what they need.
Source: "IAM JSON policy elements: Resource" and "... Condition operators" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from rolekeeper.policy.gaps import Gapped, gapped
from rolekeeper.policy.tokens import SEGMENTS, Token, Tokens, Wildcard, plain_text, tokenize

LONG_TEXT: Final = 256
"""Characters from which a look through the whole text costs more than the beginnings of the tests."""

MANY: Final = 32
"""Patterns for which it is worth to see first which characters a text has."""

Test: TypeAlias = Callable[[str], bool]


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

    __slots__ = ("_everything", "_literals", "_others", "_prefixes", "_segmented", "_suffixes")

    def __init__(self) -> None:
        self._everything = False
        self._literals: set[str] = set()
        self._prefixes: list[str] = []
        self._suffixes: list[str] = []
        self._segmented: list[_Segmented] = []
        self._others: list[tuple[str, Test]] = []

    def add(self, tokens: Tokens) -> None:
        """Add a pattern that is matched as one text."""
        pieces = _pieces(tokens)
        first, last = pieces[0], pieces[-1]
        if len(pieces) > 2 or not isinstance(first, str) or not isinstance(last, str):
            self._others.append((_needed(tokens), _general(pieces)))
        elif len(pieces) == 1:
            self._literals.add(first)
        elif first and last:
            self._others.append((_needed(tokens), _between(first, (), last)))
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
            self._segmented.append(_Segmented(segments))
        else:
            # A text that starts with these five is cut at the same colons: the whole is one pattern.
            self.add([":".join(part for part in head if part is not None) + ":", *segments[-1]])

    def add_test(self, test: Test) -> None:
        """Add anything else that can match."""
        self._others.append(("", test))

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
        if self._segmented:
            tests.append(_segments_test(self._segmented))
        if len(self._others) > 1:
            tests.append(_sifted(self._others))
        else:
            tests += [test for _, test in self._others]
        return _either(tests)


# -- the shapes ------------------------------------------------------------------------------------


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
    return gapped(tuple(tokens)) if text is None else text


def _needed(tokens: Tokens) -> str:
    """The longest plain text of a pattern: what does not hold it cannot match."""
    longest = ""
    for token in tokens:
        if isinstance(token, str) and len(token) > len(longest):
            longest = token
    return longest


def _general(pieces: Sequence[str | Gapped]) -> Test:
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return _between(texts[0], texts[1:-1], texts[-1])
    all_gapped = [piece if isinstance(piece, Gapped) else gapped((piece,)) for piece in pieces]
    if len(all_gapped) == 1:
        return _fixed(all_gapped[0])
    return _between_gapped(all_gapped[0], all_gapped[1:-1], all_gapped[-1])


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


class _Segmented:
    """A pattern of six segments: tests of each, made when those before have matched.

    What is always true is left out. A test that two threads make at once is the same test in the same place.
    """

    __slots__ = ("_places", "_segments", "_tests")

    def __init__(self, segments: Sequence[Tokens]) -> None:
        self._segments = segments
        self._places = [place for place, tokens in enumerate(segments) if tokens != _STAR]
        self._tests: list[Test | None] = [None] * len(segments)

    def matches(self, parts: Sequence[str]) -> bool:
        """Whether the six parts of a text match."""
        for place in self._places:
            test = self._tests[place]
            if test is None:
                test = self._tests[place] = _segment(tuple(self._segments[place]))
            if not test(parts[place]):
                return False
        return True


def _segments_test(patterns: Sequence[_Segmented]) -> Test:
    alternatives = tuple(pattern.matches for pattern in patterns)

    def test(text: str) -> bool:
        parts = text.split(":", SEGMENTS - 1)
        if len(parts) != SEGMENTS:
            return False
        for matches in alternatives:  # noqa: SIM110 - a generator costs more than the tests
            if matches(parts):
                return True
        return False

    return test


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


def _sifted(tests: Sequence[tuple[str, Test]]) -> Test:
    """Whether one of them matches; most are out because the text does not hold what they need."""
    if len(tests) >= MANY:
        return _sifted_twice(tests)
    alternatives = tuple(tests)
    all_of_them = _either([test for _, test in tests])

    def test(text: str) -> bool:
        if len(text) > LONG_TEXT:
            return all_of_them(text)
        for needed, alternative in alternatives:  # noqa: SIM110 - a generator costs more than the tests
            if needed in text and alternative(text):
                return True
        return False

    return test


def _sifted_twice(tests: Sequence[tuple[str, Test]]) -> Test:
    """The same of many: most are out because the text has not even the first character of what they need."""
    alternatives = tuple((needed[:1], needed, test) for needed, test in tests)
    all_of_them = _either([test for _, test in tests])

    def test(text: str) -> bool:
        if len(text) > LONG_TEXT:
            return all_of_them(text)
        present = {"", *text}
        for first, needed, alternative in alternatives:
            if first in present and needed in text and alternative(text):
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


def is_never(test: Test) -> bool:
    """Whether a test of this module is true of no text."""
    return test is _never

"""Many patterns of which one has to match: a test is made of a pattern when it is needed, a few at a time.

Most are out because the text does not hold what they need, and never get a test. What is left over when a
few have been made is held against the text as it is (`scan`): so a list that is seen for the first time costs
little, and one that is asked again and again comes to have the tests that it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Final, Generic, TypeAlias, TypeVar

from rolekeeper.policy.scan import scan, scan_arns
from rolekeeper.policy.shapes import STAR, Test, ends_fit, in_order, test_of
from rolekeeper.policy.tokens import SEGMENTS, Token, Tokens, Wildcard, split_segments

MADE_AT_ONCE: Final = 8
"""Tests that are made for one text."""

LONG_TEXT: Final = 256
"""Characters from which a look through the whole text costs more than the beginnings of the tests."""

MANY: Final = 32
"""Tokenss for which it is worth to see first which characters a text has."""

Held: TypeAlias = Callable[[Tokens, str], bool]
"""Whether a text matches a pattern of which nothing has been made; its plain ends are the pattern's."""

Subject = TypeVar("Subject")
"""What a test is asked about: a text, or the parts of an ARN."""


class _Several(Generic[Subject]):
    """Tokenss with the tests that have been made of them.

    A test that two threads make at once is the same test in the same place.
    """

    __slots__ = ("_make", "_patterns", "_tests")

    def __init__(
        self, patterns: Sequence[Tokens], make: Callable[[Tokens], Callable[[Subject], bool]]
    ) -> None:
        self._patterns = patterns
        self._make = make
        self._tests: list[Callable[[Subject], bool] | None] = [None] * len(patterns)

    def match(self, places: Iterable[int], subject: Subject, text: str, held: Held) -> bool:
        """Whether one of the patterns at these places matches the subject, which is a text or made of it."""
        tests, left = self._tests, MADE_AT_ONCE
        for place in places:
            test = tests[place]
            if test is None and left:
                left -= 1
                test = tests[place] = self._make(self._patterns[place])
            if test is not None:
                if test(subject):
                    return True
                continue
            pattern = self._patterns[place]
            if not ends_fit(pattern, text):
                continue
            if held(pattern, text):
                return True
        return False


# -- texts ------------------------------------------------------------------------------------------


def any_text(patterns: Sequence[Tokens]) -> Test:
    """The test that is true where one of the patterns matches a text; there are some."""
    if len(patterns) > MADE_AT_ONCE:
        return _Texts(patterns)
    if len(patterns) == 1:
        return test_of(patterns[0])
    tests = tuple((_needed(tokens), test_of(tokens)) for tokens in patterns)

    def test(text: str) -> bool:
        long = len(text) > LONG_TEXT
        for needed, alternative in tests:  # noqa: SIM110 - a generator costs more than the tests
            if (long or needed in text) and alternative(text):
                return True
        return False

    return test


class _Texts:
    """The test of many patterns, each of which is looked at only where the text has what it needs."""

    __slots__ = ("_patterns", "_several", "_sieve")

    def __init__(self, patterns: Sequence[Tokens]) -> None:
        self._patterns = patterns
        self._several: _Several[str] = _Several(patterns, test_of)
        self._sieve: list[tuple[int, str, str]] | None = None

    def __call__(self, text: str) -> bool:
        places = range(len(self._patterns)) if len(text) > LONG_TEXT else self._sifted(text)
        return self._several.match(places, text, text, _held)

    def _sifted(self, text: str) -> list[int]:
        sieve = self._sieve
        if sieve is None:
            needed = map(_needed, self._patterns)
            sieve = self._sieve = [(place, each[:1], each) for place, each in enumerate(needed)]
        if len(sieve) < MANY:
            return [place for place, _, needed in sieve if needed in text]
        present = {"", *text}
        return [place for place, first, needed in sieve if first in present and needed in text]


def _held(pattern: Tokens, text: str) -> bool:
    if Wildcard.ONE not in pattern and (found := in_order(pattern, text)) is not None:
        return found
    return scan((text,)).matched(pattern) != 0


def _needed(tokens: Tokens) -> str:
    """The longest plain text of a pattern: what does not hold it cannot match."""
    longest = ""
    for token in tokens:
        if isinstance(token, str) and len(token) > len(longest):
            longest = token
    return longest


# -- ARNs -------------------------------------------------------------------------------------------


def any_arn(patterns: Sequence[Tokens]) -> Test:
    """The test that is true where one of the patterns matches an ARN, each of six segments alone."""
    if len(patterns) <= MADE_AT_ONCE:
        return _any_of_few([_ArnTest(pattern).matches for pattern in patterns])
    several: _Several[Sequence[str]] = _Several(patterns, _arn_test)
    places = range(len(patterns))

    def test(text: str) -> bool:
        parts = text.split(":", SEGMENTS - 1)
        return len(parts) == SEGMENTS and several.match(places, parts, text, _held_arn)

    return test


def _held_arn(pattern: Tokens, text: str) -> bool:
    return scan_arns((text,)).matched(pattern) != 0


def _any_of_few(tests: Sequence[Callable[[Sequence[str]], bool]]) -> Test:
    def test(text: str) -> bool:
        parts = text.split(":", SEGMENTS - 1)
        if len(parts) != SEGMENTS:
            return False
        for matches in tests:  # noqa: SIM110 - a generator costs more than the tests
            if matches(parts):
                return True
        return False

    return test


class _ArnTest:
    """A pattern of six segments: tests of each, made when those before have matched.

    What is always true is left out. A test that two threads make at once is the same test in the same place.
    """

    __slots__ = ("_places", "_segments", "_tests")

    def __init__(self, pattern: Tokens) -> None:
        self._segments = segments = split_segments(pattern)
        self._places = [place for place, tokens in enumerate(segments) if tokens != STAR]
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


def _arn_test(pattern: Tokens) -> Callable[[Sequence[str]], bool]:
    return _ArnTest(pattern).matches


def _segment(tokens: tuple[Token, ...]) -> Test:
    """The test of one segment; most are short, and the same in many patterns."""
    return _known_segment(tokens) if len(tokens) <= 3 else test_of(tokens)


@lru_cache(maxsize=512)
def _known_segment(tokens: tuple[Token, ...]) -> Test:
    return test_of(tokens)

"""Wildcard patterns, compiled once to the cheapest test that decides them.

`*` stands for any text, `?` for one character, everything else for itself, and a pattern covers the whole
text. What a pattern is by itself is said in `shapes`; here they are put together: those without wildcards are
one set, those which are plain before or behind one star one look, and the rest is sifted (`several`).
Source: "IAM JSON policy elements: Resource" and "... Condition operators" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rolekeeper.policy.several import any_arn, any_text
from rolekeeper.policy.shapes import Test, always, ends_with, never, starts_with, test_of
from rolekeeper.policy.tokens import SEGMENTS, Tokens, Wildcard, plain_text, tokenize


def matcher(pattern: str) -> Test:
    """The test of one pattern."""
    return test_of(tokenize(pattern))


def any_of(patterns: Iterable[str]) -> Test:
    """The test that is true where one of the patterns matches; never, where there are none."""
    alternatives = Alternatives()
    for pattern in patterns:
        alternatives.add(tokenize(pattern))
    return alternatives.test()


class Alternatives:
    """Patterns of which one has to match, sorted by the cheapest way to decide them, and made one test."""

    __slots__ = ("_arns", "_everything", "_literals", "_others", "_prefixes", "_suffixes", "_tests")

    def __init__(self) -> None:
        self._everything = False
        self._literals: set[str] = set()
        self._prefixes: list[str] = []
        self._suffixes: list[str] = []
        self._arns: list[Tokens] = []
        self._others: list[Tokens] = []
        self._tests: list[Test] = []

    def add(self, tokens: Tokens) -> None:
        """Add a pattern that is matched as one text."""
        text = plain_text(tokens)
        if text is not None:
            self._literals.add(text)
            return
        first, last = tokens[0], tokens[-1]
        if len(tokens) == 2 and last is Wildcard.ANY and isinstance(first, str):
            self._prefixes.append(first)
        elif len(tokens) == 2 and first is Wildcard.ANY and isinstance(last, str):
            self._suffixes.append(last)
        elif tokens.count(Wildcard.ANY) == len(tokens):
            self._everything = True
        else:
            self._others.append(tokens)

    def add_arn(self, tokens: Tokens) -> None:
        """Add a pattern of six segments, each of which is matched alone."""
        first = tokens[0]
        if isinstance(first, str) and (first.count(":") >= SEGMENTS - 1 or plain_text(tokens) is not None):
            self.add(tokens)  # a text that starts with these five colons is cut at the same ones
        else:
            self._arns.append(tokens)

    def add_test(self, test: Test) -> None:
        """Add anything else that can match."""
        self._tests.append(test)

    def test(self) -> Test:
        """All of them as one test."""
        if self._everything:
            return always
        tests: list[Test] = []
        if self._literals:
            tests.append(frozenset(self._literals).__contains__)
        if self._prefixes:
            tests.append(starts_with(tuple(self._prefixes)))
        if self._suffixes:
            tests.append(ends_with(tuple(self._suffixes)))
        if self._arns:
            tests.append(any_arn(self._arns))
        if self._others:
            tests.append(any_text(self._others))
        return _either([*tests, *self._tests])


def _either(tests: Sequence[Test]) -> Test:
    if not tests:
        return never
    if len(tests) == 1:
        return tests[0]

    def test(text: str) -> bool:
        for alternative in tests:  # noqa: SIM110 - a generator costs more than the tests
            if alternative(text):
                return True
        return False

    return test


def is_always(test: Test) -> bool:
    """Whether a test of this module is true of every text, so that a caller can leave it out."""
    return test is always

"""The many values of a key, held against patterns all at once.

Fifty values and six hundred patterns are thirty thousand pairs. Where values are more than a few, each
pattern is held against all of them together (`scan`); but many texts, beginnings and ends are one look for
each value, and stay so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from rolekeeper.policy.scan import Scan
from rolekeeper.policy.shapes import Test
from rolekeeper.policy.tokens import Tokens, Wildcard

FEW: Final = 8
"""Values that are sooner tested one by one."""

FEW_OF_SIMPLE: Final = 32
"""The same where all patterns are simple; and there have to be several values for each pattern."""

Texts: TypeAlias = tuple[str, ...]


class Patterns(NamedTuple):
    """The values of a policy, and the scan of those texts which can match at all.

    Where `typed` is false, one of them is no pattern of the operator's type: negated, it lets nothing hold.
    """

    patterns: Sequence[Tokens]
    scan: Callable[[Texts], Scan]
    typed: bool = True


class Crowd:
    """The patterns of one condition with a qualifier; negated, a text holds that none of them matches."""

    __slots__ = ("_few", "_negated", "_one", "_patterns", "_test")

    def __init__(self, patterns: Patterns, negated: bool, one: Callable[[], Test]) -> None:
        self._patterns = patterns
        self._negated = negated
        self._one = one
        simple = all(map(is_simple, patterns.patterns))
        self._few = max(FEW_OF_SIMPLE, 4 * len(patterns.patterns)) if simple else FEW
        self._test: Test | None = None

    def any(self, texts: Texts) -> bool:
        """Whether the condition holds of one of the texts."""
        if len(texts) < self._few:
            return any(map(self._each(), texts))
        scan = self._patterns.scan(texts)
        if self._negated:
            return self._patterns.typed and self._matched(scan, scan.ends) != scan.ends
        return self._matched(scan, 0) != 0

    def all(self, texts: Texts) -> bool:
        """Whether it holds of all of them."""
        if len(texts) < self._few:
            return all(map(self._each(), texts))
        scan = self._patterns.scan(texts)
        if scan.ends.bit_count() < len(texts):
            return False
        if self._negated:
            return self._patterns.typed and self._matched(scan, 0) == 0
        return self._matched(scan, scan.ends) == scan.ends

    def _each(self) -> Test:
        if self._test is None:
            self._test = self._one()
        return self._test

    def _matched(self, scan: Scan, enough: int) -> int:
        """The ends of the texts that patterns match, as far as it is needed to know them: some, or all."""
        found = 0
        for pattern in self._patterns.patterns:
            found |= scan.matched(pattern)
            if found and (not enough or found == enough):
                break
        return found


def is_simple(tokens: Tokens) -> bool:
    """Whether a pattern is a text, or how one begins or ends: of those all together are one look."""
    return len(tokens) < 3 and Wildcard.ONE not in tokens

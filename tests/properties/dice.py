"""Choices read off a string of bytes: a generator that is made of them is quick, and still shrinks.

Hypothesis makes the bytes, which costs one draw however many choices are read off them. Where they have run
out every choice is the first, so the first option of a choice should be its simplest; what fails is shrunk
towards zeros and so towards simple policies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice:
    """A source of choices that gives the same ones for the same bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def below(self, limit: int) -> int:
        """A number from 0 to one below the limit."""
        number, reached = 0, 1
        while reached < limit:
            byte = self._data[self._at] if self._at < len(self._data) else 0
            self._at += 1
            number, reached = number * 256 + byte, reached * 256
        return number % limit

    def chance(self, percent: int) -> bool:
        """Whether it happens; no, where the bytes have run out."""
        return self.below(100) >= 100 - percent

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def several(self, make: Callable[[], T], least: int, most: int) -> list[T]:
        """From `least` to `most` of what the function makes."""
        return [make() for _ in range(least + self.below(most - least + 1))]


def rolled(make: Callable[[Dice], T], size: int = 600) -> st.SearchStrategy[T]:
    """What the function makes of the dice; `size` is how many bytes it may read before it gets simple."""
    return st.binary(min_size=size, max_size=size).map(lambda data: make(Dice(data)))

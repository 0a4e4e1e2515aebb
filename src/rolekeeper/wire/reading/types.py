"""What the readers and writers of all protocols share: one closure for each type of a model, made once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rolekeeper.wire.model import Shape

__all__ = ["Compiled", "same"]

T = TypeVar("T", bound=Callable[..., Any])


class Compiled(Generic[T]):
    """The closures for the types of one service: `make` makes one, and asks `of` for those of its parts."""

    def __init__(self, make: Callable[[Shape, Callable[[Shape], T]], T]) -> None:
        self._make = make
        self._made: dict[tuple[str, str | None, bool], Any] = {}

    def of(self, shape: Shape) -> T:
        """The closure for a type. A part that contains the whole gets one that asks again when it is used."""
        key = (shape.name, shape.timestamp_format, shape.flattened)
        made = self._made.get(key)
        if made is None:
            self._made[key] = lambda *given: self._made[key](*given)
            made = self._made[key] = self._make(shape, self.of)
        found: T = made
        return found


def same(value: Any) -> Any:
    """What writes a value that is the same on the wire."""
    return value

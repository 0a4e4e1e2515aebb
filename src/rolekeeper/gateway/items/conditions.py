"""The conditions of a PartiQL statement, as far as they say which items it touches.

The rule of this file: an equality counts where all that it stands behind is understood too, for backends are
known that leave out what they do not understand, and what comes after it. What a statement writes counts
whatever case its names have, as those backends have none.
Source: "PartiQL statements for DynamoDB" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from rolekeeper.gateway.naming import refuse

_SIGNS = ("=", "<", ">", "<=", ">=", "<>", "!=")
_OPEN, _CLOSE = ("(", "[", "{", "<<"), (")", "]", "}", ">>")
_VALUES = ("text", "number", "word", "quoted")


class Term(NamedTuple):
    """A piece of a statement with the value that it stands for, if it stands for one."""

    kind: str
    text: str
    value: str | None

    @property
    def is_name(self) -> bool:
        """Whether it may be the name of an attribute."""
        return self.kind in ("word", "quoted")

    @property
    def is_value(self) -> bool:
        """Whether it may be something to compare with."""
        return self.kind in _VALUES or self == self._replace(kind="mark", text="?")

    def says(self, *texts: str) -> bool:
        """Whether it is one of these keywords or marks."""
        plain = self.text.upper() if self.kind == "word" else self.text
        return self.kind in ("word", "mark") and plain in texts


Pairs = Iterator[tuple[str, str]]


def equal(terms: Sequence[Term]) -> Pairs:
    """The attributes that all touched items have, with their values, by what comes after WHERE."""
    if any(term.says("OR", "NOT") for term in terms):
        return
    end = next((at for at, term in enumerate(terms) if term.says("ORDER", "RETURNING")), len(terms))
    for condition in _conditions(terms[:end]):
        pairs = _understood(condition)
        if pairs is None:
            return
        yield from pairs


def _conditions(terms: Sequence[Term]) -> Iterator[list[Term]]:
    """What AND joins. The bounds of BETWEEN are one condition with it."""
    found: list[Term] = []
    depth = 0
    for term in terms:
        depth += term.says(*_OPEN) - term.says(*_CLOSE)
        bounds = len(found) == 3 and found[1].says("BETWEEN")
        if term.says("AND") and depth == 0 and not bounds:
            yield found
            found = []
        else:
            found.append(term)
    yield found


def _understood(condition: Sequence[Term]) -> list[tuple[str, str]] | None:
    """The pairs of a condition; None where it is not one that everybody reads alike."""
    if len(condition) < 3:
        return None
    name, sign, *rest = condition
    if sign.says("(") and name.kind == "word":  # begins_with(name, value)
        known = len(rest) == 4 and rest[0].is_name and rest[1].says(",") and rest[2].is_value
        return [] if known and rest[3].says(")") else None
    if not name.is_name:
        return None
    if sign.says(*_SIGNS) and len(rest) == 1 and rest[0].is_value:
        value = rest[0].value
        return [(name.text, value)] if sign.says("=") and value is not None else []
    if sign.says("IS") and len(rest) == 1 and rest[0].says("MISSING", "NULL"):
        return []
    if sign.says("IN") and rest[0].says("[", "("):
        values = [term.value for term in rest[1:-1:2]]
        commas = all(term.says(",") for term in rest[2:-1:2])
        whole = len(rest) % 2 == 1 and commas and rest[-1].says("]", ")")
        return (
            [(name.text, value) for value in values if value is not None] if whole and all(values) else None
        )
    return None  # also BETWEEN, after which nothing counts


def written(terms: Sequence[Term], verb: str) -> Pairs:
    """The attributes that a statement gives values to, by what comes after the table's name."""
    if verb == "INSERT":
        yield from _inserted(terms)
    if verb == "UPDATE":
        end = next((at for at, term in enumerate(terms) if term.says("WHERE")), len(terms))
        for name, sign, value in zip(terms[:end], terms[1:end], terms[2:end], strict=False):
            if sign.says("=") and value.value is not None:
                yield name.text, value.value


def _inserted(terms: Sequence[Term]) -> Pairs:
    depth = 0
    for before, term, after in zip(terms, terms[1:], chain(terms[2:], [None]), strict=False):
        depth += before.says(*_OPEN) - before.says(*_CLOSE)
        if not term.says(":"):
            continue
        if before.kind != "text":
            refuse("Statement wasn't well formed, can't be processed: the name of an attribute is no text")
        if depth == 1 and after is not None and after.value is not None:
            yield before.text, after.value

"""What a test file is made of: texts, lists and mappings, each with its place.

Every scalar is text: whoever reads it says what it means, so that no account number becomes a number, no
date a date, and no `on` a boolean. Only an empty value, `~` and `null` are something else: nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rolekeeper.errors import UsageError

RESERVED = ("who_can", "no_new_access")
"""Words for questions that a test file will be able to ask one day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A file as the reader knows it, and where in it; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class SuiteError(UsageError):
    """A file is no test file; `place` is where, `reason` what is wrong and what to write."""

    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A text, or None for nothing. `indent` is that of a literal block (`|`), whose lines begin below."""

    place: Place
    value: str | None
    indent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A mapping. `keys` says where each key stands."""

    place: Place
    values: Mapping[str, Node]
    keys: Mapping[str, Place] = field(repr=False)

    def get(self, name: str) -> Node | None:
        """The value of a key; None where it is not there."""
        return self.values.get(name)


Node: TypeAlias = "Scalar | Items | Fields"


def is_nothing(node: Node) -> bool:
    """Whether it is an empty value."""
    return isinstance(node, Scalar) and node.value is None


def text(node: Node, what: str) -> str:
    """A text that is not empty; `what` names it in the complaint."""
    if isinstance(node, Scalar) and node.value:
        return node.value
    raise SuiteError(node.place, f"{what} must be a text, not {_kind(node)}")


def texts(node: Node, what: str) -> tuple[tuple[str, Place], ...]:
    """One text or a list of them, each with its place; at least one."""
    items = node.items if isinstance(node, Items) else (node,)
    if not items:
        raise SuiteError(node.place, f"{what} must not be an empty list")
    return tuple((text(item, what), item.place) for item in items)


def items(node: Node, what: str) -> tuple[Node, ...]:
    """The members of a list."""
    if isinstance(node, Items):
        return node.items
    raise SuiteError(node.place, f"{what} must be a list, each item behind a dash, not {_kind(node)}")


def fields(node: Node, what: str) -> Fields:
    """A mapping."""
    if isinstance(node, Fields):
        return node
    raise SuiteError(node.place, f"{what} must be a mapping of names to values, not {_kind(node)}")


def only(node: Fields, known: Collection[str], what: str) -> None:
    """Refuse a key that is not known, naming the nearest, and the ones that are reserved."""
    for name, place in node.keys.items():
        if name in RESERVED:
            raise SuiteError(
                place,
                f"`{name}` is reserved for a kind of test that is not there yet; take it out, and ask with "
                "rows in `tests` or tables in `matrix` meanwhile",
            )
        if name not in known:
            raise SuiteError(place, f"{what} has no `{name}`; did you mean `{nearest(name, known)}`?")


def nearest(name: str, known: Collection[str]) -> str:
    """The known word that is most like this one."""
    synonym = _SYNONYMS.get(name.lower(), "")
    if synonym in known:
        return synonym
    lower = {word.lower(): word for word in sorted(known)}
    return lower[difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.0)[0]]


_SYNONYMS = {
    "sid": "determining",
    "layer": "by",
    "caller": "principal",
    "user": "principal",
    "expected": "expect",
    "conditions": "context",
    "condition": "context",
    "allowed": "allow",
    "denied": "deny",
    "yes": "allow",
    "no": "deny",
    "trust": "resource",
    "permissions_boundary": "boundary",
    "cases": "tests",
}


def plain(node: Node) -> Any:
    """The same as Python values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {name: plain(value) for name, value in node.values.items()}


def _kind(node: Node) -> str:
    if isinstance(node, Scalar):
        return "nothing" if not node.value else "a text"
    return "a list" if isinstance(node, Items) else "a mapping"

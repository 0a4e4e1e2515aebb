"""One element of a statement beside the request: what it wants, what the request has, and the sentence.

Sentences have one form: what the request has, then what the statement says. They are true of an element that
holds as of one that fails, so that a reader sees the same words either way. Values are quoted, and long lists
and texts cut; the fields have them whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from rolekeeper.policy.context import KeyValue
from rolekeeper.policy.document import Condition

Element = Literal["Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"]

MOST_VALUES: Final = 6
LONGEST_VALUE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementReport:
    """Whether one element lets its statement apply, with both sides of the comparison.

    `found` is the caller, the action, the resource, or the value of the condition's key (None: it has none);
    `wanted` is what the statement writes there. `noting` finds the notes, for the few who read them.
    """

    element: Element
    holds: bool
    found: KeyValue | None
    wanted: tuple[str, ...]
    condition: Condition | None = None
    noting: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False, compare=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What neither side shows."""
        return self.noting()

    @property
    def name(self) -> str:
        """The element, with operator and key where it is a condition."""
        if self.condition is None:
            return self.element
        return f"Condition {self.condition.operator} {self.condition.key}"

    @property
    def text(self) -> str:
        """The comparison as one sentence, without a full stop."""
        has = _condition_has(self.found) if self.condition else f"{_HAS[self.element]} {quoted(self.found)}"
        notes = self.notes
        more = f" ({'; '.join(notes)})" if notes else ""
        return f"{self.name}: request {has}, statement {self._says()}{more}"

    def _says(self) -> str:
        if self.condition is not None:
            return _wants(self.condition)
        if not self.wanted:
            return "names nothing"
        return f"{_SAYS[self.element]} {listed(self.wanted)}"


_HAS: Final[dict[Element, str]] = {
    "Principal": "comes from",
    "NotPrincipal": "comes from",
    "Action": "asks for",
    "NotAction": "asks for",
    "Resource": "is for",
    "NotResource": "is for",
}
_SAYS: Final[dict[Element, str]] = {
    "Principal": "names",
    "NotPrincipal": "leaves out",
    "Action": "has",
    "NotAction": "leaves out",
    "Resource": "has",
    "NotResource": "leaves out",
}

_ORDER: Final = {
    "LessThan": "less than",
    "LessThanEquals": "at most",
    "GreaterThan": "more than",
    "GreaterThanEquals": "at least",
}
_MOMENTS: Final = {
    "LessThan": "before",
    "LessThanEquals": "not after",
    "GreaterThan": "after",
    "GreaterThanEquals": "not before",
}


def _condition_has(found: KeyValue | None) -> str:
    return "has no such key" if found is None else f"has {quoted(found)}"


def _wants(condition: Condition) -> str:
    if not condition.values:
        return "wants one of no values"
    if condition.base == "Null":
        present = "false" in (value.lower() for value in condition.values)
        absent = "true" in (value.lower() for value in condition.values)
        if present is not absent:
            return "wants a value" if present else "wants no value"
        return f"wants Null {listed(condition.values)}"
    each = {"ForAllValues": "each value to be ", "ForAnyValue": "some value to be ", None: ""}
    return f"wants {each[condition.qualifier]}{_one_of(condition)}"


def _one_of(condition: Condition) -> str:
    base, values = condition.base, condition.values
    several = len(values) > 1
    if base == "IpAddress":
        return f"an address in {listed(values, ' or ')}"
    if base == "NotIpAddress":
        return f"an address outside {listed(values, ' and ')}"
    if "Not" in base:
        return f"{'none of' if several else 'anything but'} {listed(values)}"
    if base.startswith("Numeric"):
        order = _ORDER.get(base.removeprefix("Numeric"), "")
    else:
        order = _MOMENTS.get(base.removeprefix("Date"), "")
    start = f"{order} " if order else ""
    return f"{start}{'one of ' if several else ''}{listed(values)}"


def quoted(value: KeyValue | None) -> str:
    """A value of a request, in quotes, without control characters, cut where it is long."""
    if value is None:
        return "nothing"
    return _quoted(value) if isinstance(value, str) else listed(value)


def listed(values: Sequence[str], between: str = ", ") -> str:
    """Values in quotes, as many as one can read."""
    shown = between.join(map(_quoted, values[:MOST_VALUES]))
    more = len(values) - MOST_VALUES
    return f"{shown} and {more} more" if more > 0 else shown


def _quoted(value: str) -> str:
    return repr(value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 3] + "...")

"""The resources of statements where there is no request: whether there can be one, not which one is meant.

A resource is looked for by example: one that a pattern and the ARN of a kind of resource have in common, with
fillers for all that they leave open. So a Deny that does not speak of an example leaves something, and one
that does leaves nothing but what its own NotResource spares, which is looked at besides.
Source: "IAM JSON policy elements: Resource" and "... NotResource" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rolekeeper.policy.compile_resources import names_star
from rolekeeper.policy.document import Statement
from rolekeeper.policy.overlap import common_arn

VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_NOWHERE: Final = "\uffff"  # what a variable is that must not match: a character that no resource has


class Resources:
    """The resources of a statement: as many as can be of an Allow, as few as can be of a Deny."""

    __slots__ = ("_examples", "_of_vendor", "size", "spared", "star")

    def __init__(self, statement: Statement) -> None:
        wide, narrow = ("*", _NOWHERE) if statement.effect == "Allow" else (_NOWHERE, "*")
        named = _without_variables(("*",) if statement.resources is None else statement.resources, wide)
        self._of_vendor: dict[str, list[str]] = {}
        for pattern in named:
            self._of_vendor.setdefault(vendor_of(pattern), []).append(pattern)
        self._examples: dict[str, list[str]] = {}
        self.spared = _without_variables(statement.not_resources or (), narrow)
        """What NotResource takes out."""
        self.star = names_star(statement)
        """Whether `*` is among them, on which an action is asked that takes no resources."""
        self.size = len(named) + len(self.spared)
        """How many patterns there are."""

    def are_of(self, vendors: frozenset[str]) -> bool:
        """Whether one of them can be a resource of these services."""
        return not self._of_vendor.keys().isdisjoint({"", *vendors}) and "*" not in self.spared

    def include(self, resource: str) -> bool:
        """Whether this one is among them."""
        if resource == "*":
            return self.star
        return _matched(self._named(resource), resource) and not _matched(self.spared, resource)

    def cost(self, kind: str) -> int:
        """How many patterns must be compared for the examples of a kind."""
        return 1 if kind in self._examples else (1 + len(self.spared)) * len(self._named(kind))

    def examples(self, kind: str) -> list[str]:
        """For each pattern a resource of this kind, where there is one among them."""
        found = self._examples.get(kind)
        if found is None:
            met = (common_arn(pattern, kind) for pattern in self._named(kind))
            found = [one for one in met if one is not None and not _matched(self.spared, one)]
            self._examples[kind] = found
        return found

    def examples_like(self, pattern: str, kind: str) -> Iterator[str]:
        """The same among those that a further pattern matches: what that and the kind have in common, or
        that and one of ours."""
        met = (common_arn(pattern, other) for other in (kind, *self._named(kind)))
        for one in met:
            if one is not None and _matched((kind,), one) and self.include(one):
                yield one

    def _named(self, arn: str) -> list[str]:
        """The patterns of resources of the same service, and those that leave the service open."""
        vendor = vendor_of(arn)
        return self._of_vendor.get("", []) + (self._of_vendor.get(vendor, []) if vendor else [])


def vendor_of(arn: str) -> str:
    """The service that an ARN names; nothing where a pattern leaves it open."""
    parts = arn.split(":", 3)
    return parts[2] if len(parts) > 3 and "*" not in parts[2] and "?" not in parts[2] else ""


def _without_variables(patterns: Iterable[str], value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(VARIABLE.sub(lambda _: value, pattern) for pattern in patterns))


def _matched(patterns: Iterable[str], resource: str) -> bool:
    return any(common_arn(pattern, resource) is not None for pattern in patterns)

"""Where the parts of a resource's ARN are in an operation's requests: by a service's rules, or by names.

The rule of this file: what the rules say of a placeholder goes before what the members' names say; a rule for
one operation that leads nowhere is a mistake, one for all operations is left out where it leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rolekeeper.gateway import members
from rolekeeper.gateway.asked import Asked, Unclassified
from rolekeeper.gateway.members import Values
from rolekeeper.gateway.rules import Fill, Rules
from rolekeeper.gateway.templates import Template
from rolekeeper.wire.model import OperationModel


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where the values of one placeholder are."""

    values: Values
    members: frozenset[str] = frozenset()
    ruled: bool = False
    """A service's rules say where they are."""
    trusted: bool = False
    """A service's rules have made the values: they may be what a value of a request may not."""


def of_placeholder(
    rules: Rules,
    operation: OperationModel,
    kind: str,
    placeholder: str,
    *,
    last: bool,
    alone: bool = False,
) -> Source | None:
    """The source of a placeholder; None where it is not known. Unclassified."""
    fill = _fill(rules, operation, kind, placeholder)
    source = _of_fill(fill, operation) if fill is not None else None
    if source is None and f"{operation.name}.{placeholder}" in rules.fills:
        raise Unclassified(f"`{operation.name}` has no `{fill}`")
    if source is not None:
        return source
    return of_members(members.named(placeholder, kind, operation, last=last, alone=alone), operation)


def of_parents(rules: Rules, operation: OperationModel, template: Template) -> Iterator[tuple[str, Source]]:
    """The sources of what is before a resource's own name, and of a region and account by the rules."""
    for name in template.names[:-1]:
        source = of_placeholder(rules, operation, template.kind, name, last=False)
        if source is not None:
            yield name, source
    for name, has in (("Account", template.has_account), ("Region", template.has_region)):
        fill = _fill(rules, operation, template.kind, name) if has else None
        source = _of_fill(fill, operation) if fill is not None else None
        if source is not None:
            yield name, source


def of_members(names: Sequence[str], operation: OperationModel) -> Source | None:
    """All that several members say: where two name the same thing, both are asked."""
    found = (members.at(name, operation.input) for name in names)
    ways = tuple(way for way in found if way is not None)
    if not ways:
        return None
    if len(ways) == 1:
        return Source(values=ways[0], members=frozenset(names))
    return Source(
        values=lambda asked: tuple(dict.fromkeys(value for way in ways for value in way(asked))),
        members=frozenset(names),
    )


def _fill(rules: Rules, operation: OperationModel, kind: str, placeholder: str) -> Fill | None:
    """What the rules say of a placeholder: for the operation, for the kind, or for all."""
    for key in (f"{operation.name}.{placeholder}", f"{kind}.{placeholder}", placeholder):
        if key in rules.fills:
            return rules.fills[key]
    return None


def _of_fill(fill: Fill, operation: OperationModel) -> Source | None:
    if callable(fill):
        find = fill

        def made(asked: Asked) -> Sequence[str]:
            value = find(asked)
            if value is None or value == "":
                return ()
            return (value,) if isinstance(value, str) else tuple(value)

        return Source(values=made, ruled=True, trusted=True)
    paths = (fill,) if isinstance(fill, str) else fill
    found = {path: members.at(path, operation.input) for path in paths}
    there = {path: way for path, way in found.items() if way is not None}
    if not there:
        return None
    ways = tuple(there.values())
    return Source(
        values=lambda asked: next(filter(None, (way(asked) for way in ways)), ()),
        members=frozenset(path.partition(".")[0] for path in there),
        ruled=True,
    )

"""What an operation asks for, worked out once: its actions, their kinds of resource, where each is named.

The rule of this file: an action on `*` is one that the reference (or a service's rules) gives no resource at
all, or only resources which this request names none of. What must be named and is not is `Unclassified`;
what is named and cannot be is refused as not valid, whatever is done with what nobody can classify. AWS's
reference calls a kind required where an action always has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from typing import Literal

import msgspec

from rolekeeper.errors import ValidationError
from rolekeeper.gateway import members
from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.gateway.given_keys import Given, Keys
from rolekeeper.gateway.kinds import kinds
from rolekeeper.gateway.members import Values
from rolekeeper.gateway.placeholders import Kind
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.wire.model import OperationModel

Coverage = Literal["exact", "any", "not"]
"""Classified with the resources it is about, on `*`, or not at all."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How an operation's requests are classified."""

    coverage: Coverage
    wanted: Callable[[Asked], Iterable[Wanted]]
    missing: str = ""
    """What is not known, where it is not classified."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One action of an operation, with the kinds of resource it is asked on."""

    action: str
    kinds: tuple[Kind, ...]
    may_be_any: bool
    """Whether it is on `*` where the request names no resource."""
    texts: Values
    """All that the input says at its top, where an action without resources may still name one."""


def compile_plan(rules: Rules, operation: OperationModel) -> Plan:
    """The plan of one operation by a service's rules and AWS's reference."""
    try:
        return _special(rules, operation) or _general(rules, operation)
    except Unclassified as reason:
        return _refusing(str(reason))


def _general(rules: Rules, operation: OperationModel) -> Plan:
    names = rules.actions.get(operation.name, (members.DATED.sub("", operation.name),))
    steps = tuple(_step(rules, operation, name, alone=len(names) == 1) for name in names)
    if not steps:
        raise Unclassified(f"`{operation.name}` has no action")
    keys = Keys(rules, operation)

    def wanted(asked: Asked) -> Iterator[Wanted]:
        given = keys.of(asked)
        for step in steps:
            yield from _asked_by(step, asked, given)

    return Plan(coverage="exact" if any(step.kinds for step in steps) else "any", wanted=wanted)


def _special(rules: Rules, operation: OperationModel) -> Plan | None:
    """The service's own way, whose accesses are given the same keys as all others."""
    find = rules.special.get(operation.name)
    if find is None:
        return None
    keys, prefix = Keys(rules, operation), rules.prefix + ":"

    def wanted(asked: Asked) -> Iterator[Wanted]:
        given = keys.of(asked)
        for each in find(asked):
            more = given(each.action, each.type) if each.action.startswith(prefix) else None
            yield msgspec.structs.replace(each, keys={**more, **each.keys}) if more else each

    names = rules.actions.get(operation.name, (operation.name,))
    known = [action for name in names if (action := catalog.action(f"{rules.prefix}:{name}")) is not None]
    nowhere = bool(known) and not any(action.resources for action in known)
    return Plan(coverage="any" if nowhere else "exact", wanted=wanted)


def _refusing(reason: str) -> Plan:
    def wanted(asked: Asked) -> Iterable[Wanted]:
        raise Unclassified(reason)

    return Plan(coverage="not", wanted=wanted, missing=reason)


# -- compiling --------------------------------------------------------------------------------------


def _step(rules: Rules, operation: OperationModel, name: str, *, alone: bool) -> Step:
    action = catalog.action(f"{rules.prefix}:{name}")
    order = (operation.name, name) if alone else (name, operation.name)
    explicit = next((rules.types[each] for each in order if each in rules.types), None)
    if action is None and explicit is None:
        raise Unclassified(f"the reference knows no action `{rules.prefix}:{name}`")
    required = {found.type: found.required for found in action.resources} if action else {}
    types = tuple(required) if explicit is None else explicit
    found = tuple(
        kind
        for type_ in sorted(types, key=lambda each: not required.get(each, False))
        for kind in _kinds(rules, operation, type_, required=required.get(type_, False), types=types)
    )
    needed = operation.required
    return Step(
        action=f"{rules.prefix}:{name}" if action is None else action.name,
        kinds=_checked(f"{rules.prefix}:{name}", found),
        may_be_any=all(kind.reachable and not kind.required and not kind.told_by & needed for kind in found),
        texts=members.all_texts(operation),
    )


def _kinds(
    rules: Rules, operation: OperationModel, name: str, *, required: bool, types: tuple[str, ...]
) -> Iterator[Kind]:
    found = templates(rules.prefix).get(name)
    if not found:
        raise Unclassified(f"the reference knows no resource `{name}` of `{rules.prefix}`")
    only_one = len(types) == 1 and not any(each.names for each in found)
    yield from kinds(rules, operation, name, found, required=required or only_one, alone=len(types) == 1)


def _checked(action: str, found: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Refuses what no request can say: a required kind, or any kind at all."""
    for kind in found:
        others = (each for each in found if each.template.kind == kind.template.kind)
        if kind.required and not any(each.reachable for each in others):
            raise Unclassified(f"it is not known which {kind.template.kind} a request of `{action}` means")
    if found and not any(kind.reachable for kind in found):
        raise Unclassified(f"it is not known which resource a request of `{action}` means")
    return found


# -- a request --------------------------------------------------------------------------------------


def _asked_by(step: Step, asked: Asked, given: Given) -> Iterator[Wanted]:
    if not step.kinds:
        yield _on_any(step, asked, given)
        return
    taken: dict[str, list[str]] = {}
    for kind in step.kinds:
        found, name = kind.found(asked), kind.template.kind
        if found:
            keys = given(step.action, name)
            taken.setdefault(name, []).extend(raw for _, raw in found)
        for arn, raw in found:
            called = raw if kind.completed else ""
            yield Wanted(action=step.action, resource=arn, type=name, keys=keys, named=called)
    _hold_named(step, asked, {raw for raws in taken.values() for raw in raws})
    if taken:
        _hold_required(step, asked, taken.keys())
    elif step.may_be_any:
        yield _on_any(step, asked, given)
    else:
        raise Unclassified(f"`{asked.operation.name}` does not say on what `{step.action}` is asked")


def _on_any(step: Step, asked: Asked, given: Given) -> Wanted:
    """An access to no resource in particular: so it is no way to another account's."""
    service = step.action.partition(":")[0]
    for value in step.texts(asked):
        parts = value.split(":", 5) if value.startswith("arn:") else ()
        if len(parts) == 6 and parts[2] == service and parts[4] not in ("", "aws", asked.account):
            raise ValidationError(f"`{value}` is of another account, and `{step.action}` has no resources")
    return Wanted(action=step.action, resource="*", keys=given(step.action, ""))


def _hold_named(step: Step, asked: Asked, taken: Set[str]) -> None:
    """Refuses where anything that the request names was not taken for a resource."""
    for kind in step.kinds:
        for value in kind.given(asked):
            if value not in taken:
                raise ValidationError(f"`{value}` is no {kind.template.kind} that is known")
    loosely = {value for kind in step.kinds for value in kind.given_as_any(asked)}
    if loosely and (not taken or loosely & taken) and not loosely <= taken:
        unknown = min(loosely - taken)
        raise Unclassified(f"`{unknown}` is no resource that `{step.action}` is known to be asked on")


def _hold_required(step: Step, asked: Asked, found: Set[str]) -> None:
    """Refuses where a kind that every request has is not named. Of kinds that are told by one ARN, one is."""
    by_arn = any(kind.template.kind in found and not kind.told for kind in step.kinds)
    for kind in step.kinds:
        if kind.required and kind.template.kind not in found and (kind.told or not by_arn):
            raise Unclassified(f"`{asked.operation.name}` does not say which {kind.template.kind} is meant")

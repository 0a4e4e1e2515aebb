"""What an operation asks for, worked out once: its actions, their kinds of resource, where each is named.

The rule of this file: an action on `*` is one that the reference (or a service's rules) gives no resource at
all, or only resources which this request names none of. Whatever must be named and is not, or is named and
not understood, is `Unclassified`. AWS's reference calls a kind required where an action always has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from rolekeeper.gateway import members, request_tags
from rolekeeper.gateway.asked import Asked, Unclassified, Wanted
from rolekeeper.gateway.placeholders import Kind, kinds
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.catalog import Action
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire.model import OperationModel

Coverage = Literal["exact", "any", "not"]
"""Classified with the resources it is about, on `*`, or not at all."""

Keys = Callable[[Asked], Mapping[str, KeyValue]]


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
    withheld: Mapping[str, tuple[str, ...]]
    """By kind: the condition keys that AWS gives with other kinds of this action only."""
    tagged: bool
    """Whether tags in the request are given to what it asks for, and not looked for."""
    may_be_any: bool
    """Whether it is on `*` where the request names no resource."""


def compile_plan(rules: Rules, operation: OperationModel) -> Plan:
    """The plan of one operation by a service's rules and AWS's reference."""
    try:
        return _special(rules, operation) or _general(rules, operation)
    except Unclassified as reason:
        return _refusing(str(reason))


def _general(rules: Rules, operation: OperationModel) -> Plan:
    names = rules.actions.get(operation.name, (operation.name,))
    steps = tuple(_step(rules, operation, name, alone=len(names) == 1) for name in names)
    if not steps:
        raise Unclassified(f"`{operation.name}` has no action")
    given = _Keys(rules, operation)
    return Plan(
        coverage="exact" if any(step.kinds for step in steps) else "any",
        wanted=lambda asked: [wanted for step in steps for wanted in _asked_by(step, asked, given)],
    )


def _special(rules: Rules, operation: OperationModel) -> Plan | None:
    """The service's own way, whose accesses are given the same keys as all others."""
    find = rules.special.get(operation.name)
    if find is None:
        return None
    given, withheld = _Keys(rules, operation), dict[str, Mapping[str, tuple[str, ...]]]()

    def wanted(asked: Asked) -> Iterator[Wanted]:
        for each in find(asked):
            if not each.action.startswith(rules.prefix + ":"):
                yield each
                continue
            action = catalog.action(each.action)
            if each.action not in withheld:
                withheld[each.action] = _withheld(action)
            keys = given(asked, each.type, withheld[each.action], tagged=_takes_tags(action))
            yield msgspec.structs.replace(each, keys={**keys, **each.keys}) if keys else each

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
        withheld=_withheld(action),
        tagged=_takes_tags(action),
        may_be_any=all(kind.reachable and not kind.required and not kind.told_by & needed for kind in found),
    )


def _kinds(
    rules: Rules, operation: OperationModel, name: str, *, required: bool, types: tuple[str, ...]
) -> Iterator[Kind]:
    found = templates(rules.prefix).get(name)
    if not found:
        raise Unclassified(f"the reference knows no resource `{name}` of `{rules.prefix}`")
    only_one = len(types) == 1 and not any(each.names for each in found)
    yield from kinds(rules, operation, name, found, required=required or only_one)


def _checked(action: str, found: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Refuses what no request can say: a required kind, or any kind at all."""
    for kind in found:
        others = (each for each in found if each.template.kind == kind.template.kind)
        if kind.required and not any(each.reachable for each in others):
            raise Unclassified(f"it is not known which {kind.template.kind} a request of `{action}` means")
    if found and not any(kind.reachable for kind in found):
        raise Unclassified(f"it is not known which resource a request of `{action}` means")
    return found


def _takes_tags(action: Action | None) -> bool:
    """Whether tags in a request are put on something: where not, they are looked for, or S3's for objects."""
    if action is None:
        return True
    return any(key.startswith(("aws:RequestTag", "aws:TagKeys")) for key in action.condition_keys)


def _withheld(action: Action | None) -> Mapping[str, tuple[str, ...]]:
    """The keys that the reference has for other kinds of an action's resources, by kind.

    RunInstances has ec2:InstanceType with the instance and not with the image. They are told as beginnings,
    in lower case, those of whole keys with a NUL at the end.
    """
    if action is None:
        return {}
    all_keys = {key for resource in action.resources for key in resource.condition_keys}
    return {
        resource.type: tuple(sorted(_beginning(key) for key in all_keys - set(resource.condition_keys)))
        for resource in action.resources
        if all_keys - set(resource.condition_keys)
    }


def _beginning(key: str) -> str:
    for mark in ("${", "<"):
        if mark in key:
            return key[: key.index(mark)].lower()
    return key.lower() + "\0"


# -- a request --------------------------------------------------------------------------------------


class _Keys:
    """The condition keys of an operation's requests, for each kind of resource."""

    def __init__(self, rules: Rules, operation: OperationModel) -> None:
        self._own = rules.keys
        self._tags = request_tags.reader(operation)

    def __call__(
        self, asked: Asked, kind: str, withheld: Mapping[str, tuple[str, ...]], *, tagged: bool
    ) -> Mapping[str, KeyValue]:
        found: dict[str, KeyValue] = {}
        if tagged and self._tags is not None:
            found |= request_tags.keys(self._tags(asked.members, kind))
        if self._own is not None:
            found |= self._own(asked)
        without = withheld.get(kind)
        if without and found:
            return {key: value for key, value in found.items() if not f"{key}\0".startswith(without)}
        return found


def _asked_by(step: Step, asked: Asked, keys: _Keys) -> Iterator[Wanted]:
    if not step.kinds:
        yield Wanted(
            action=step.action, resource="*", keys=keys(asked, "", step.withheld, tagged=step.tagged)
        )
        return
    named, missing = False, list[Kind]()
    used: set[str] = set()
    for kind in step.kinds:
        found = kind.found(asked)
        if not found:
            missing.append(kind)
            continue
        named, used = True, used | kind.told_by | {kind.template.kind}
        given = keys(asked, kind.template.kind, step.withheld, tagged=step.tagged)
        for arn, raw in found:
            yield Wanted(
                action=step.action,
                resource=arn,
                type=kind.template.kind,
                keys=given,
                named=raw if kind.completed else "",
            )
    _hold_missing(step, asked, missing, used, named=named)
    if not named:
        yield Wanted(
            action=step.action, resource="*", keys=keys(asked, "", step.withheld, tagged=step.tagged)
        )


def _hold_missing(step: Step, asked: Asked, missing: list[Kind], used: set[str], *, named: bool) -> None:
    """Refuses where a kind that must be named is not, or one that is named was not found."""
    if not named and not (step.may_be_any and not _names_anything(step, asked)):
        raise Unclassified(f"`{asked.operation.name}` does not say on what `{step.action}` is asked")
    for kind in missing:
        if kind.template.kind in used:  # by another template of it
            continue
        alternative = not kind.told and not kind.constant  # told by an ARN, which was another kind's
        if kind.required and not (alternative and named):
            raise Unclassified(f"`{asked.operation.name}` does not say which {kind.template.kind} is meant")
        if not kind.told_by & used and kind.given(asked):
            raise Unclassified(f"`{asked.operation.name}` names no {kind.template.kind} that is known")


def _names_anything(step: Step, asked: Asked) -> bool:
    """Whether the request names a resource in a way that was not understood."""
    for kind in step.kinds:
        if kind.given(asked):
            return True
        if kind.loose is not None:
            names = (name for name in kind.loose.members if members.is_any_resource(name))
            return any(asked.members.get(name) for name in names)
    return False

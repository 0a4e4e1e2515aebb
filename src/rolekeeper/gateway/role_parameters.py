"""The parameters of operations in which roles are handed over, by the services' models.

The rule of this file: a parameter counts if its name says that it takes a role, or if the table of
`passed_to` does; what an operation has of them is looked for once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from rolekeeper.gateway.passed_to import ATTRIBUTES, BY_NAME, EXCEPTIONS, NEVER, OWN, PROFILES
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.shapes import Shape

EACH = "*"

_ROLE = re.compile("role", re.IGNORECASE)


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A place in an operation's input at which a role is handed over."""

    path: tuple[str, ...]
    """The members that lead there, and `EACH` for the values of a map; a list stands for each of its own."""
    principal: str
    """`ec2.amazonaws.com`."""
    profile: bool = False
    """Whether it names an instance profile."""
    by_name: bool = False
    """Whether a role may be called by its name there."""
    keys: bool = False
    """Whether it is a map in which a role stands under a key that says so."""


def principal(service: Service) -> str:
    """The principal to which a service's parameters hand roles where nothing else is known of them."""
    return OWN.get(service.name, f"{service.signing_name}.amazonaws.com")


@cache
def parameters(service: Service, operation: OperationModel) -> tuple[Parameter, ...]:
    """The parameters of an operation that take a role."""
    if operation.input is None:
        return ()
    told = EXCEPTIONS.get(f"{service.name}.{operation.name}")
    if told == "" or (told is None and operation.name.startswith(NEVER)):
        return ()
    return tuple(
        parameter
        for path, shape in _leaves(operation.input, (), frozenset())
        if (parameter := _parameter(service, operation, path, shape)) is not None
    )


def _leaves(
    shape: Shape, path: tuple[str, ...], above: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], Shape]]:
    """The texts in a structure, and its maps of texts, with the members that lead there."""
    if shape.type == "structure":
        if shape.name not in above:
            for member in shape.members:
                yield from _leaves(member.shape, (*path, member.name), above | {shape.name})
    elif shape.type == "list":
        yield from _leaves(shape.element, path, above)
    elif shape.type == "map":
        yield path, shape
        yield from _leaves(shape.value, (*path, EACH), above)
    elif shape.type == "string" and path:
        yield path, shape


def _parameter(
    service: Service, operation: OperationModel, path: tuple[str, ...], shape: Shape
) -> Parameter | None:
    named = [each for each in path if each != EACH]
    name, last = service.name, named[-1]
    outer = named[-2] if len(named) > 1 else ""
    told = _exception(
        f"{name}.{operation.name}.{last}",
        f"{name}.{outer}.{last}",
        f"{name}.{last}",
        f"{name}.{operation.name}",
    )
    if told == "":
        return None
    to = told or principal(service)
    if shape.type == "map":
        return Parameter(path=path, principal=to, keys=True) if f"{name}.{last}" in ATTRIBUTES else None
    inside = f"{name}.{outer}" in PROFILES and last in ("Arn", "Name")
    profile = inside or f"{name}.{last}" in PROFILES
    if not (profile or f"{name}.{last}" in EXCEPTIONS or _ROLE.search(last)):
        return None
    by_name = f"{name}.{last}" in BY_NAME
    return Parameter(path=path, principal=to, profile=profile, by_name=by_name)


def _exception(*names: str) -> str | None:
    return next((EXCEPTIONS[name] for name in names if name in EXCEPTIONS), None)


def values(members: Any, parameter: Parameter) -> Iterator[str]:
    """What a request has at a place."""
    for found in _at(members, parameter.path):
        if parameter.keys:
            if isinstance(found, dict):
                yield from _texts(value for key, value in found.items() if _ROLE.search(key))
        else:
            yield from _texts((found,))


def _at(found: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(found, list):
        for each in found:
            yield from _at(each, path)
    elif not path:
        yield found
    elif isinstance(found, dict):
        for each in found.values() if path[0] == EACH else (found.get(path[0]),):
            yield from _at(each, path[1:])


def _texts(found: Any) -> Iterator[str]:
    for each in found:
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            yield from _texts(each)
        elif isinstance(each, dict):
            yield from _texts(each.values())

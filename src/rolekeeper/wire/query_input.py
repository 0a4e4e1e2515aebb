"""The input side of the query protocol: a flat table of parameters to an operation's members.

A list is `Tags.member.1.Key`, a map `Names.entry.1.key`, a structure `Outer.Inner`. Each type of a model
becomes one closure. A structure's closure looks each parameter up, reads those which are scalars, and hands
the others on to the closures of the members that they start with, without that start: so the work follows
the request, and neither the model's size nor an index of a thousand million costs anything.
Unknown parameters are ignored, as AWS does. Indexes may have gaps: their order counts, not their values.
Source: the "query protocol" page of the Smithy specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from rolekeeper.errors import MalformedInput
from rolekeeper.wire.constraints import (
    MUST_NOT_BE_NULL,
    Violations,
    check_size,
    check_text,
    rules,
    validation_error,
    violation,
)
from rolekeeper.wire.model import OperationModel, Shape
from rolekeeper.wire.scalars import READ

__all__ = ["input_parser"]

Pairs = Iterable[tuple[str, str]]
"""(rest of a parameter's name, text): the part of the name that led here is gone."""
Reader = Callable[[Pairs, str, Violations], Any]
"""(parameters, path, violations) -> value. The path is where a violation is said to be."""
TextReader = Callable[[str, str, Violations], Any]
"""The same for the text of one parameter."""

_INDEX = re.compile("0|[1-9][0-9]{0,9}")


@cache
def input_parser(operation: OperationModel) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    """The parser of one operation's parameters, compiled once.

    It returns the members that the request has, by their names in the model. All constraints that are not
    satisfied are in one ValidationError; text that is no number, date ... raises MalformedInput at once.
    """
    if operation.input is None:
        return lambda form: {}
    read_members = _structure(operation.input)

    def parse(form: Mapping[str, str]) -> dict[str, Any]:
        found: Violations = []
        values: dict[str, Any] = read_members(form.items(), "", found)
        if found:
            raise validation_error(found)
        return values

    return parse


def _structure(shape: Shape) -> Reader:
    members = shape.members
    scalars = {
        m.wire_name: (m.name, _label(m.name), _scalar(m.shape)) for m in members if m.shape.type in READ
    }
    nested = {
        m.wire_name: (m.name, _label(m.name), _any(m.shape)) for m in members if m.shape.type not in READ
    }
    required = tuple((name, _label(name)) for name in shape.required)

    def read(pairs: Pairs, path: str, found: Violations) -> dict[str, Any]:
        values: dict[str, Any] = {}
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, text in pairs:
            if (scalar := scalars.get(name)) is not None:
                member, label, read_text = scalar
                values[member] = read_text(text, path + label, found)
            elif nested:
                head, _, rest = name.partition(".")
                if head in groups:
                    groups[head].append((rest, text))
                elif head in nested:
                    groups[head] = [(rest, text)]
        for head, group in groups.items():
            member, label, read_group = nested[head]
            values[member] = read_group(group, path + label, found)
        for member, label in required:
            if member not in values:
                found.append(violation("null", path + label, MUST_NOT_BE_NULL))
        return values

    return read


def _inner_structure(shape: Shape) -> Reader:
    read_members, union = _structure(shape), shape.union

    def read(pairs: Pairs, path: str, found: Violations) -> dict[str, Any]:
        values: dict[str, Any] = read_members(pairs, path + ".", found)
        if union and len(values) != 1:
            raise MalformedInput(f"Value at '{path}' must have exactly one member")
        return values

    return read


def _list(shape: Shape) -> Reader:
    element = shape.element
    prefix = "" if shape.flattened else f"{shape.element_name}."
    read_element, plain = _any(element), element.type in READ
    hidden = not plain or element.sensitive
    check, words = check_size(shape), f"Member must satisfy constraint: [{', '.join(rules(element))}]"

    def read(pairs: Pairs, path: str, found: Violations) -> list[Any]:
        # AWS blames a list of plain values as a whole, once; a structure in a list for its own members.
        bad: Violations = [] if plain else found
        groups = _by_index(pairs, prefix, path)
        values = [
            read_element(group, f"{path}.{number}.member", bad) for number, group in enumerate(groups, 1)
        ]
        broken = [*check(len(values)), *([words] if plain and bad else ())]
        if broken:
            shown = None if hidden else f"'[{', '.join(map(str, values))}]'"
            found.extend(violation(shown, path, rule) for rule in broken)
        return values

    return read


def _map(shape: Shape) -> Reader:
    prefix = "" if shape.flattened else "entry."
    read_entry, plain = _entry(shape), shape.value.type in READ
    hidden = not plain or shape.key.sensitive or shape.value.sensitive
    check = check_size(shape)
    key_words = f"Map keys must satisfy constraint: [{', '.join(rules(shape.key))}]"
    value_words = f"Map value must satisfy constraint: [{', '.join(rules(shape.value))}]"

    def read(pairs: Pairs, path: str, found: Violations) -> dict[str, Any]:
        bad_keys: Violations = []
        bad: Violations = [] if plain else found
        entries = [read_entry(group, path, bad_keys, bad) for group in _by_index(pairs, prefix, path)]
        values = dict(entries)
        if len(values) != len(entries):
            raise MalformedInput(f"Value at '{path}' has a key more than once")
        broken = [
            *check(len(values)),
            *([key_words] if bad_keys else ()),
            *([value_words] if plain and bad else ()),
        ]
        if broken:
            shown = None if hidden else "'{" + ", ".join(f"{key}={value}" for key, value in entries) + "}'"
            found.extend(violation(shown, path, rule) for rule in broken)
        return values

    return read


def _entry(shape: Shape) -> Callable[[Pairs, str, Violations, Violations], tuple[str, Any]]:
    key_name, value_name = shape.entry_names
    read_key, read_value = _any(shape.key), _any(shape.value)

    def read(pairs: Pairs, path: str, bad_keys: Violations, bad: Violations) -> tuple[str, Any]:
        keys, inner = _starting_with(key_name, pairs), _starting_with(value_name, pairs)
        if not keys or not inner:
            raise MalformedInput(f"Value at '{path}' has an entry without a key or without a value")
        key: str = read_key(keys, path, bad_keys)
        return key, read_value(inner, f"{path}.{key}.member", bad)

    return read


def _any(shape: Shape) -> Reader:
    """The reader of a type as part of something: it gets what follows the part's own name."""
    if shape.type == "structure":
        return _inner_structure(shape)
    if shape.type == "list":
        return _list(shape)
    if shape.type == "map":
        return _map(shape)
    read_text = _scalar(shape)

    def read(pairs: Pairs, path: str, found: Violations) -> Any:
        (rest, text), *others = pairs
        if rest or others:
            raise MalformedInput(f"Value at '{path}' must be text")
        return read_text(text, path, found)

    return read


def _scalar(shape: Shape) -> TextReader:
    read_text = READ[shape.type]
    sensitive = shape.sensitive
    if not rules(shape):
        return lambda text, path, found: read_text(text, path)
    if shape.type == "string":
        check_string = check_text(shape)

        def read_string(text: str, path: str, found: Violations) -> str:
            for rule in check_string(text):
                found.append(violation(None if sensitive else f"'{text}'", path, rule))
            return text

        return read_string
    check, is_blob = check_size(shape), shape.type == "blob"

    def read(text: str, path: str, found: Violations) -> Any:
        value = read_text(text, path)
        for rule in check(len(value) if is_blob else value):
            found.append(violation(None if sensitive else f"'{text}'", path, rule))
        return value

    return read


def _by_index(pairs: Pairs, prefix: str, path: str) -> list[list[tuple[str, str]]]:
    """The parameters of each element of a list (or entry of a map), in the order of the indexes."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for rest, text in pairs:
        if rest and rest.startswith(prefix):
            index, _, inner = rest[len(prefix) :].partition(".")
            group = groups.get(index)
            if group is None:
                if not _INDEX.fullmatch(index):
                    raise MalformedInput(f"Value at '{path}' has an index that is not a number")
                group = groups[index] = []
            group.append((inner, text))
        elif text and not rest:  # `Tags=` is how an empty list is sent
            raise MalformedInput(f"Value at '{path}' must be a list or a map")
    return [groups[index] for index in sorted(groups, key=int)]


def _starting_with(name: str, pairs: Pairs) -> list[tuple[str, str]]:
    split = [(*rest.partition("."), text) for rest, text in pairs]
    return [(rest, text) for head, _, rest, text in split if head == name]


def _label(name: str) -> str:
    return name[:1].lower() + name[1:]

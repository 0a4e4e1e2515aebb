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
                if head in nested:
                    groups.setdefault(head, []).append((rest, text))
        for head, group in groups.items():
            member, label, read_group = nested[head]
            values[member] = read_group(group, path + label, found)
        for member, label in required:
            if member not in values:
                found.append(violation("null", path + label, MUST_NOT_BE_NULL))
        return values

    return read


def _list(shape: Shape) -> Reader:
    element = shape.element
    name = None if shape.flattened else shape.element_name
    read_element, plain = _any(element), element.type in READ
    check = check_size(shape)
    words = f"Member must satisfy constraint: [{', '.join(rules(element))}]"

    def read(pairs: Pairs, path: str, found: Violations) -> list[Any]:
        # AWS blames a list of plain values as a whole, once; a structure in a list for its own members.
        broken: Violations = [] if plain else found
        values = [
            read_element(group, f"{path}.{number}.member", broken)
            for number, group in enumerate(_by_index(pairs, name, path), 1)
        ]
        shown = f"'[{', '.join(map(str, values))}]'" if plain and not element.sensitive else None
        found.extend(violation(shown, path, rule) for rule in check(len(values)))
        if plain and broken:
            found.append(violation(shown, path, words))
        return values

    return read


def _map(shape: Shape) -> Reader:
    key_name, value_name = shape.entry_names
    name = None if shape.flattened else "entry"
    read_key, read_value, plain = _any(shape.key), _any(shape.value), shape.value.type in READ
    check = check_size(shape)
    key_words = f"Map keys must satisfy constraint: [{', '.join(rules(shape.key))}]"
    value_words = f"Map value must satisfy constraint: [{', '.join(rules(shape.value))}]"
    hidden = not plain or shape.key.sensitive or shape.value.sensitive

    def read(pairs: Pairs, path: str, found: Violations) -> dict[Any, Any]:
        bad_keys: Violations = []
        bad_values: Violations = [] if plain else found
        values: dict[Any, Any] = {}
        for group in _by_index(pairs, name, path):
            keys, inner = _starting_with(key_name, group), _starting_with(value_name, group)
            if not keys or not inner:
                raise MalformedInput(f"Value at '{path}' has an entry without a key or without a value")
            key = read_key(keys, path, bad_keys)
            if key in values:
                raise MalformedInput(f"Value at '{path}' has a key more than once")
            values[key] = read_value(inner, f"{path}.{key}.member", bad_values)
        shown = None if hidden else "'{" + ", ".join(f"{key}={value}" for key, value in values.items()) + "}'"
        found.extend(violation(shown, path, rule) for rule in check(len(values)))
        if bad_keys:
            found.append(violation(shown, path, key_words))
        if plain and bad_values:
            found.append(violation(shown, path, value_words))
        return values

    return read


def _any(shape: Shape) -> Reader:
    """The reader of a type as part of something: it gets what follows the part's own name."""
    if shape.type == "structure":
        read_members = _structure(shape)
        return lambda pairs, path, found: read_members(_inside(pairs, path), path + ".", found)
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


def _by_index(pairs: Pairs, name: str | None, path: str) -> list[list[tuple[str, str]]]:
    """The parameters of each element of a list (or entry of a map), in the order of the indexes."""
    groups: dict[int, list[tuple[str, str]]] = {}
    inside = _inside(pairs, path)
    for rest, text in inside if name is None else _starting_with(name, inside):
        index, _, rest = rest.partition(".")
        if not _INDEX.fullmatch(index):
            raise MalformedInput(f"Value at '{path}' has an index that is not a number")
        groups.setdefault(int(index), []).append((rest, text))
    return [groups[index] for index in sorted(groups)]


def _starting_with(name: str, pairs: Pairs) -> list[tuple[str, str]]:
    split = [(*rest.partition("."), text) for rest, text in pairs]
    return [(rest, text) for head, _, rest, text in split if head == name]


def _inside(pairs: Pairs, path: str) -> Pairs:
    """The parameters of a structure, list or map; it has no text itself, but `Tags=` for an empty list."""
    for rest, text in pairs:
        if rest:
            yield rest, text
        elif text:
            raise MalformedInput(f"Value at '{path}' must be a structure, list or map")


def _label(name: str) -> str:
    return name[:1].lower() + name[1:]

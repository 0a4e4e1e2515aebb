"""The forms of the query protocol and of EC2's: a flat table of parameters to members, and back.

A list is `Tags.member.1.Key`, a map `Names.entry.1.key`, a structure `Outer.Inner`; where a list or map is
flattened, as all of EC2's are, the word in between is left out. `query_input` reads the same and checks all
constraints, for services of our own; here only the types have to be sound, and what was read is written anew.
Source: the "AWS query protocol" and "AWS EC2 query protocol" pages of the Smithy specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote_plus

from rolekeeper.errors import MalformedInput
from rolekeeper.wire.excerpt import excerpt
from rolekeeper.wire.model import Shape
from rolekeeper.wire.reading import scalars
from rolekeeper.wire.reading.form_names import Names

__all__ = ["LONGEST_NAME", "encode", "make_reader", "make_writer"]

LONGEST_NAME: Final = 512
"""Characters of a parameter's name; the longest of EC2's has about 150."""

Pairs = Iterable[tuple[str, str]]
"""(rest of a parameter's name, text): the part of the name that led here is gone."""
Read = Callable[[Pairs], Any]
Write = Callable[[str, Any], Iterator[tuple[str, str]]]
"""(name so far, value) -> parameters."""

_UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]*")
_MEMBER: Final = "member."
_INDEX = re.compile("0|[1-9][0-9]{0,9}")
_NESTED: Final = frozenset({"structure", "list", "map"})


def make_reader(names: Names) -> Callable[[Shape, Callable[[Shape], Read]], Read]:
    """What makes the readers of a protocol's types."""

    def make(shape: Shape, of: Callable[[Shape], Read]) -> Read:
        if shape.type == "structure":
            return _structure(shape, of, names)
        if shape.type == "list":
            return _list(shape, of, names)
        return _map(shape, of, names) if shape.type == "map" else _scalar(shape)

    return make


def make_writer(names: Names) -> Callable[[Shape, Callable[[Shape], Write]], Write]:
    """What makes the writers of a protocol's types."""

    def make(shape: Shape, of: Callable[[Shape], Write]) -> Write:
        if shape.type == "structure":
            return _written_structure(shape, of, names)
        if shape.type == "list":
            return _written_list(shape, of, names)
        return _written_map(shape, of, names) if shape.type == "map" else _written_scalar(shape)

    return make


def encode(parameters: Iterable[tuple[str, str]]) -> bytes:
    """A form's text; MalformedInput for what is no text."""
    try:
        return "&".join([f"{_quoted(name)}={_quoted(text)}" for name, text in parameters]).encode()
    except UnicodeEncodeError:
        raise MalformedInput("The request has a text that is not UTF-8") from None


def _quoted(text: str) -> str:
    return text if _UNRESERVED.fullmatch(text) else quote_plus(text)


# -- in -------------------------------------------------------------------------------------------


def _structure(shape: Shape, of: Callable[[Shape], Read], names: Names) -> Read:
    plain: dict[str, tuple[str, Callable[[str], Any], str]] = {}
    nested: dict[str, tuple[str, Read]] = {}
    for member in shape.members:
        name = names.member(member)
        if member.shape.type in _NESTED:
            nested[name] = (member.name, of(member.shape))
        else:
            plain[name] = (member.name, scalars.reader(member.shape), name)

    def read(pairs: Pairs) -> dict[str, Any]:
        values: dict[str, Any] = {}
        groups: dict[str, list[tuple[str, str]]] = {}
        for name, text in pairs:
            scalar = plain.get(name)
            if scalar is not None:
                values[scalar[0]] = _converted(scalar[1], text, name)
            elif nested:
                head, _, rest = name.partition(".")
                if head in groups:
                    groups[head].append((rest, text))
                elif head in nested:
                    groups[head] = [(rest, text)]
        for head, group in groups.items():
            member, read_group = nested[head]
            values[member] = read_group(group)
        return values

    return read


def _list(shape: Shape, of: Callable[[Shape], Read], names: Names) -> Read:
    prefix, element = names.list_prefix(shape), of(shape.element)
    if prefix in ("", _MEMBER):
        return lambda pairs: [element(group) for group in _by_index(pairs, prefix)]

    def read(pairs: Pairs) -> list[Any]:
        pairs = list(pairs)
        plain = all(rest.startswith(_MEMBER) for rest, _ in pairs)  # which AWS takes for any name
        return [element(group) for group in _by_index(pairs, _MEMBER if plain else prefix)]

    return read


def _map(shape: Shape, of: Callable[[Shape], Read], names: Names) -> Read:
    prefix, (key_name, value_name) = names.map_prefix(shape), names.entry(shape)
    read_key, read_value = of(shape.key), of(shape.value)

    def read(pairs: Pairs) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for group in _by_index(pairs, prefix):
            key, value = _starting_with(key_name, group), _starting_with(value_name, group)
            if not key or not value:
                raise MalformedInput("A map in the request has an entry without a key or without a value")
            name = read_key(key)
            if name in values:
                raise MalformedInput("A map in the request has a key more than once")
            values[name] = read_value(value)
        return values

    return read


def _scalar(shape: Shape) -> Read:
    convert = scalars.reader(shape)

    def read(pairs: Pairs) -> Any:
        (rest, text), *others = pairs
        if rest or others:
            raise MalformedInput("The request has parameters within what must be a plain value")
        return _converted(convert, text, shape.name)

    return read


def _converted(convert: Callable[[str], Any], text: str, name: str) -> Any:
    try:
        return convert(text)
    except (ValueError, OverflowError, OSError):
        raise MalformedInput(f"The value of '{excerpt(name)}' is not of its type") from None


def _by_index(pairs: Pairs, prefix: str) -> list[list[tuple[str, str]]]:
    """The parameters of each element of a list (or entry of a map), in the order of the indexes."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for rest, text in pairs:
        if rest and rest.startswith(prefix):
            index, _, inner = rest[len(prefix) :].partition(".")
            group = groups.get(index)
            if group is None:
                if not _INDEX.fullmatch(index):
                    raise MalformedInput("A list in the request has an index that is not a number")
                group = groups[index] = []
            group.append((inner, text))
        elif rest or text:  # `Tags=` is how an empty list is sent
            raise MalformedInput("The request has a plain value where a list or a map must be")
    return [groups[index] for index in sorted(groups, key=int)]


def _starting_with(name: str, pairs: Pairs) -> list[tuple[str, str]]:
    split = [(*rest.partition("."), text) for rest, text in pairs]
    return [(rest, text) for head, _, rest, text in split if head == name]


# -- out ------------------------------------------------------------------------------------------


def _written_structure(shape: Shape, of: Callable[[Shape], Write], names: Names) -> Write:
    members = {member.name: (names.member(member), of(member.shape)) for member in shape.members}

    def write(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for key, given in value.items():
            name, inner = members[key]
            yield from inner(f"{prefix}.{name}" if prefix else name, given)

    return write


def _written_list(shape: Shape, of: Callable[[Shape], Write], names: Names) -> Write:
    between, element = names.list_prefix(shape), of(shape.element)

    def write(prefix: str, value: list[Any]) -> Iterator[tuple[str, str]]:
        if not value and names.empty_lists:
            yield prefix, ""
        for number, each in enumerate(value, 1):
            yield from element(f"{prefix}.{between}{number}", each)

    return write


def _written_map(shape: Shape, of: Callable[[Shape], Write], names: Names) -> Write:
    between, (key_name, value_name) = names.map_prefix(shape), names.entry(shape)
    write_key, write_value = of(shape.key), of(shape.value)

    def write(prefix: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for number, (key, each) in enumerate(value.items(), 1):
            yield from write_key(f"{prefix}.{between}{number}.{key_name}", key)
            yield from write_value(f"{prefix}.{between}{number}.{value_name}", each)

    return write


def _written_scalar(shape: Shape) -> Write:
    convert = scalars.writer(shape, "iso8601")

    def write(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
        yield prefix, convert(value)

    return write

"""YAML to nodes: the one door to PyYAML, whose events are read and whose constructors are not.

Files come from others' branches. So size, depth and what aliases amount to are bounded, tags are refused, and
so is everything that YAML reads in a way that a writer of policies would not expect: a key that stands twice,
`<<`, a second document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

import yaml

from rolekeeper.cli.suites.nodes import Fields, Items, Node, Place, Scalar, SuiteError

MAX_CHARACTERS: Final = 1_000_000
MAX_DEPTH: Final = 40
MAX_NODES: Final = 50_000
"""How many values a file may have, what aliases stand for counted each time."""

_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})
_LINE_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # those that YAML counts


def read_yaml(source: str, file: str) -> Node:
    """The values of a file's text; SuiteError, with the place, where it is none that we read."""
    if len(source) > MAX_CHARACTERS:
        raise SuiteError(Place(file=file), f"a test file has at most {MAX_CHARACTERS} characters")
    try:
        return _Composer(source, file).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SuiteError(_place(file, mark), _explained(error)) from None
    except yaml.YAMLError as error:
        raise SuiteError(Place(file=file), f"not YAML: {' '.join(str(error).split())}") from None


class _Composer:
    """Makes nodes of events; an alias is the very node that its anchor is."""

    def __init__(self, source: str, file: str) -> None:
        self._events: Iterator[Any] = yaml.parse(source, Loader=yaml.SafeLoader)
        self._source = source
        self._file = file
        self._anchors: dict[str, tuple[Node, int] | None] = {}
        self._count = 0
        self._lines: list[str] | None = None

    def document(self) -> Node:
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise SuiteError(
                Place(file=self._file), "the file is empty; a test file has `tests` or a `matrix`"
            )
        node, _ = self._node(next(self._events), 0)
        next(self._events)
        further = next(self._events)
        if not isinstance(further, yaml.StreamEndEvent):
            self._refuse(further, "a test file is one YAML document; take out the line `---`")
        return node

    def _node(self, event: Any, depth: int) -> tuple[Node, int]:
        """The node that an event begins, and how many nodes it is."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            self._refuse(
                event, f"tags ({event.tag}) are not read; a text that looks like another type is text"
            )
        if depth > MAX_DEPTH:
            self._refuse(event, f"nested more than {MAX_DEPTH} deep")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._take(event, 1)
        if isinstance(event, yaml.ScalarEvent):
            found: tuple[Node, int] = self._scalar(event), 1
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._items(event, depth)
        else:
            found = self._fields(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _alias(self, event: Any) -> tuple[Node, int]:
        if event.anchor not in self._anchors:
            self._refuse(event, f"no `&{event.anchor}` stands before `*{event.anchor}`; {_QUOTE}")
        found = self._anchors[event.anchor]
        if found is None:
            self._refuse(event, f"`*{event.anchor}` stands within itself")
        self._take(event, found[1])
        return found

    def _take(self, event: Any, count: int) -> None:
        self._count += count
        if self._count > MAX_NODES:
            self._refuse(event, f"more than {MAX_NODES} values, counting what aliases stand for")

    def _scalar(self, event: Any) -> Scalar:
        plain = event.style is None
        value = None if plain and event.value in _NOTHING else event.value
        indent = self._indent(event) if event.style == "|" else None
        return Scalar(place=_place(self._file, event.start_mark), value=value, indent=indent)

    def _indent(self, event: Any) -> int:
        """How far the lines of a literal block are set in: as their text begins in the file."""
        if self._lines is None:
            self._lines = _LINE_BREAK.split(self._source)
        first = event.start_mark.line + 1
        for number, line in enumerate(event.value.split("\n")):
            if line:
                return len(self._lines[first + number]) - len(line)
        return 0

    def _items(self, start: Any, depth: int) -> tuple[Items, int]:
        found: list[Node] = []
        size = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            node, count = self._node(event, depth + 1)
            found.append(node)
            size += count
        return Items(place=_place(self._file, start.start_mark), items=tuple(found)), size

    def _fields(self, start: Any, depth: int) -> tuple[Fields, int]:
        values: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        size = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, _ = self._node(event, depth + 1)
            name = self._name(event, key, keys)
            keys[name] = _place(self._file, event.start_mark)
            values[name], count = self._node(next(self._events), depth + 1)
            size += count + 1
        return Fields(place=_place(self._file, start.start_mark), values=values, keys=keys), size

    def _name(self, event: Any, key: Node, seen: dict[str, Place]) -> str:
        if not isinstance(key, Scalar) or key.value is None:
            self._refuse(event, "a key is a text")
        if key.value == "<<":
            self._refuse(event, "`<<` is not read: an alias can stand for a whole value only")
        if key.value in seen:
            self._refuse(event, f"`{key.value}` stands twice, first in line {seen[key.value].line}")
        return key.value

    def _refuse(self, event: Any, reason: str) -> NoReturn:
        raise SuiteError(_place(self._file, event.start_mark), reason)


_QUOTE: Final = 'a text that begins with `*` or `&` has to be in quotes: "*"'


def _place(file: str, mark: Any) -> Place:
    return Place(file=file) if mark is None else Place(file=file, line=mark.line + 1, column=mark.column + 1)


def _explained(error: yaml.MarkedYAMLError) -> str:
    reason = " ".join(str(part) for part in (error.context, error.problem) if part)
    if "scanning an alias" in reason or "scanning an anchor" in reason:
        return _QUOTE
    return f"not YAML: {reason}"

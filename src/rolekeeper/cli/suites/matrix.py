"""Tables of decisions: a line for each principal or resource (or pair), a column for each action.

    principal | resource | s3:GetObject | s3:DeleteObject
    reader    | report   | allow        | explicit_deny by scp

The columns `principal` and `resource` come first, either may be left out where a default says it; a line of
dashes below the head and bars at both ends are as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from rolekeeper.cli.suites.cases import Case, CaseMaker, Frame
from rolekeeper.cli.suites.expectation import cell
from rolekeeper.cli.suites.nodes import Fields, Node, Place, Scalar, SuiteError, fields, items, nearest, only
from rolekeeper.cli.suites.policy_reader import PolicyReader
from rolekeeper.cli.suites.rows import required
from rolekeeper.cli.suites.settings import SHARED, Settings, read_settings

MATRIX: Final = ("name", "table", *SHARED)
_LABELS: Final = ("principal", "resource")
_RULE: Final = re.compile(r"[\s|:+-]*-[\s|:+-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The text of a cell, trimmed, and where it begins."""

    text: str
    place: Place


def read_matrix(node: Node, frame: Frame, policies: PolicyReader) -> Iterator[Case]:
    """The cases of `matrix`, a list of tables."""
    for item in items(node, "`matrix`"):
        table = fields(item, "a matrix")
        only(table, MATRIX, "a matrix")
        yield from _table(table, frame, read_settings(table, policies))


def _table(table: Fields, frame: Frame, own: Settings) -> Iterator[Case]:
    name = required(table, "name", "a matrix")
    required(table, "table", "a matrix")
    lines = _lines(table.values["table"])
    if len(lines) < 2:
        raise SuiteError(table.values["table"].place, "a table has a head and at least one line below it")
    head, *body = lines
    labels = _labels(head)
    if "principal" in labels:
        own = replace(own, asking=None)  # a live role is for the tables that name nobody
    for line in body:
        named = _named(line, labels, len(head))
        settings = frame.circumstances(own, named.get("principal"), named.get("resource"))
        maker = CaseMaker(settings, line[0].place)
        for column in range(len(labels), len(head)):
            action, expected = head[column].text, line[column]
            expectation = cell(expected.text, expected.place)
            if expectation is not None:
                told = " ".join([*named.values(), action])
                yield maker.case(f"{name} [{told}]", action, expectation, expected.place)


def _named(line: list[Cell], labels: list[str], width: int) -> dict[str, str]:
    """What a line says in the columns that have labels."""
    if len(line) != width:
        raise SuiteError(line[0].place, f"the line has {len(line)} cells, and the head {width}")
    for label, each in zip(labels, line, strict=False):
        if not each.text:
            raise SuiteError(each.place, f"the line names no {label}")
    return {label: each.text for label, each in zip(labels, line, strict=False)}


def _labels(head: list[Cell]) -> list[str]:
    """The columns before the actions."""
    found: list[str] = []
    for each in head:
        if each.text in _LABELS and each.text not in found and len(found) == head.index(each):
            found.append(each.text)
        elif ":" not in each.text and each.text != "*":
            reason = f"no such column: `{each.text}`; did you mean `{nearest(each.text, _LABELS)}`?"
            raise SuiteError(each.place, f"{reason} The rest are actions, such as s3:GetObject")
    if len(found) == len(head):
        raise SuiteError(head[0].place, "the table has no column for an action, such as s3:GetObject")
    return found


def _lines(node: Node) -> list[list[Cell]]:
    """The lines of a table, cut into cells; without empty lines, rules and comments."""
    if not isinstance(node, Scalar) or node.value is None or node.indent is None or node.place.line is None:
        raise SuiteError(node.place, "a table stands in the lines below `table: |`")
    found = []
    for number, line in enumerate(node.value.split("\n")):
        if line.strip() and not line.lstrip().startswith("#") and not _RULE.fullmatch(line):
            file = node.place.file
            found.append(_cells(line, Place(file=file, line=node.place.line + 1 + number), node.indent))
    return found


def _cells(line: str, place: Place, indent: int) -> list[Cell]:
    begin = len(line) - len(line.lstrip())
    inner = line.strip()
    if inner.startswith("|"):
        begin, inner = begin + 1, inner[1:].removesuffix("|")
    found = []
    for part in inner.split("|"):
        blank = len(part) - len(part.lstrip())
        column = indent + begin + (blank if part.strip() else 0) + 1
        where = Place(file=place.file, line=place.line, column=column)
        found.append(Cell(text=part.strip(), place=where))
        begin += len(part) + 1
    return found

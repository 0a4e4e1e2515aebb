"""Where the statements of a policy stand in its JSON text, for reports and for the simulator.

A document keeps its text and not its places: few ask for them, and they are found again in one look at the
text. The text is one that has been read as a policy; of any other the places are as good as the text.
Source: "Statement" and "Position" in the IAM API reference; the examples of `simulate-custom-policy` and
`simulate-principal-policy` in the AWS CLI's reference.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass

# A string, a bracket, or a comma or colon. Possessive, hence linear on any text.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_LITERAL = re.compile(r"[^\s,\]}]++")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A character of a text: its line and its column count from 1, its offset from 0; all in characters."""

    line: int
    column: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a text: its first character and its last one."""

    start: Position
    end: Position


def statement_spans(source: str) -> tuple[Span, ...]:
    """Where each statement of a policy's JSON text begins and ends, in order; none where it has none.

    A single statement that stands without a list is one. Lines end at line feeds.
    """
    begin = _value_of_statement(source)
    return () if begin is None else _spans(source, _items(source, begin))


def simulator_spans(source: str) -> tuple[Span, ...]:
    """The same as AWS's simulator counts: what its parser had read before and after each statement.

    A position is the one behind the character read last. That is, at the end, the statement's last one; at
    the beginning, the bracket that opens the list or, without a list, the statement itself. That a further
    statement of a list begins behind the one before it is inferred.
    """
    begin = _value_of_statement(source)
    if begin is None:
        return ()
    found, before = [], begin + 1
    for _, last in _items(source, begin):
        found.append((before, last + 1))
        before = last + 1
    return _spans(source, found)


def _spans(source: str, offsets: list[tuple[int, int]]) -> tuple[Span, ...]:
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    return tuple(Span(start=_position(starts, first), end=_position(starts, last)) for first, last in offsets)


def _position(starts: list[int], offset: int) -> Position:
    line = bisect_right(starts, offset)
    return Position(line=line, column=offset - starts[line - 1] + 1, offset=offset)


def _value_of_statement(source: str) -> int | None:
    """The offset of the value of the outermost object's key "Statement"."""
    depth, key = 0, ""
    for match in _TOKEN.finditer(source):
        piece = match.group()
        if piece in ("{", "["):
            depth += 1
        elif piece in ("}", "]"):
            depth -= 1
        elif depth == 1 and piece.startswith('"'):
            key = _decoded(piece)
        elif depth == 1 and piece == ":" and key == "Statement":
            return _skip_space(source, match.end())
    return None


def _items(source: str, begin: int) -> list[tuple[int, int]]:
    """The first and the last offset of each value in the list at `begin`, or of the one value there."""
    if source[begin : begin + 1] != "[":
        last = _end_of_value(source, begin)
        return [] if last is None else [(begin, last)]
    found: list[tuple[int, int]] = []
    at = _skip_space(source, begin + 1)
    while source[at : at + 1] not in ("", "]"):
        last = _end_of_value(source, at)
        if last is None:
            break
        found.append((at, last))
        at = _skip_space(source, last + 1)
        if source[at : at + 1] != ",":
            break
        at = _skip_space(source, at + 1)
    return found


def _end_of_value(source: str, begin: int) -> int | None:
    """The offset of the last character of the value at `begin`; None where the text ends within it."""
    if source[begin : begin + 1] not in ("{", "[", '"'):
        literal = _LITERAL.match(source, begin)
        return None if literal is None else literal.end() - 1
    depth = 0
    for match in _TOKEN.finditer(source, begin):
        piece = match.group()
        if piece in ("{", "["):
            depth += 1
        elif piece in ("}", "]"):
            depth -= 1
        if depth == 0:
            return match.end() - 1 if _is_whole(piece) else None
    return None


def _is_whole(piece: str) -> bool:
    """Whether a string has its closing quote."""
    return not piece.startswith('"') or _STRING.fullmatch(piece) is not None


def _skip_space(source: str, at: int) -> int:
    while source[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at


def _decoded(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return piece

"""PartiQL for DynamoDB, as far as policies ask: one table, what is done to it, and to which items.

The rule of this file: a statement names one table in one place, or it is refused; so are comments, joins and
queries inside of queries, which DynamoDB does not have. A table's name with a dot in it is refused as well:
backends read it as a table and its index.
Source: "PartiQL statements for DynamoDB" and "IAM security policies with PartiQL for DynamoDB" in the Amazon
DynamoDB Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rolekeeper.gateway.items.expressions import number, value
from rolekeeper.gateway.naming import refuse

_TOKEN = re.compile(
    r"""\s+|(?P<text>'(?:[^']|'')*')|(?P<quoted>"(?:[^"]|"")*")"""
    r"""|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<comment>--|/\*)"""
    r"""|(?P<mark><=|>=|<>|!=|<<|>>|\|\||[-+*/=<>,.(){}\[\]:;?])""",
    re.ASCII,
)
_TABLE = {
    "SELECT": ("FROM",),
    "DELETE": ("DELETE", "FROM"),
    "INSERT": ("INSERT", "INTO"),
    "UPDATE": ("UPDATE",),
}
_NEXT = {
    "SELECT": ("WHERE", "ORDER", ""),
    "DELETE": ("WHERE",),
    "INSERT": ("VALUE",),
    "UPDATE": ("SET", "REMOVE"),
}
_ONLY = frozenset({"SELECT", "FROM", "INSERT", "INTO", "UPDATE", "DELETE", "UNION", "JOIN"})
_WORDS = _ONLY | {
    *("WHERE", "ORDER", "BY", "ASC", "DESC", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "MISSING", "NULL"),
    *(
        "TRUE",
        "FALSE",
        "VALUE",
        "SET",
        "REMOVE",
        "RETURNING",
        "ALL",
        "MODIFIED",
        "OLD",
        "NEW",
        "LIKE",
        "EXISTS",
    ),
}


class Token(msgspec.Struct, frozen=True):
    """A piece of a statement: its kind, and what it says without its quotes."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """A keyword, in capitals; nothing for all else."""
        return self.text.upper() if self.kind == "word" else ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement does."""

    action: str
    """`PartiQLSelect`."""
    table: str
    index: str = ""
    attributes: tuple[str, ...]
    all_attributes: bool
    equal: tuple[tuple[str, str], ...]
    """Attributes and the values that they have to have, or will have."""


def read(text: str, parameters: Sequence[Any]) -> Statement:
    """Reads a statement; refused where it is not one on one table."""
    tokens = _inner(_tokens(text))
    verb = tokens[0].word
    if verb not in _TABLE:
        refuse("Statement wasn't well formed, can't be processed: Expected SELECT, INSERT, UPDATE or DELETE")
    place = _place(tokens, verb)
    table, index, after = _table(tokens, place)
    following = tokens[after].word if after < len(tokens) else ""
    if following not in _NEXT[verb] or (not following and after < len(tokens)):
        refuse("Statement wasn't well formed, can't be processed: Unexpected term after the table's name")
    rest = [*tokens[: place - 1], *tokens[after:]]
    return Statement(
        action=f"PartiQL{verb.capitalize()}",
        table=table,
        index=index,
        attributes=tuple(dict.fromkeys(_attributes(rest))),
        all_attributes=verb == "SELECT" and Token("mark", "*") in tokens[: place - 1],
        equal=tuple(_equal(tokens, after, parameters, verb)),
    )


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup == "comment":
            refuse(f"Statement wasn't well formed, can't be processed: Unexpected character at {at}")
        at = match.end()
        if match.lastgroup:
            piece = match[match.lastgroup]
            quote = piece[0] if match.lastgroup in ("text", "quoted") else ""
            found.append(Token(match.lastgroup, piece[1:-1].replace(quote * 2, quote) if quote else piece))
    if found and found[-1].text == ";" and found[-1].kind == "mark":
        found.pop()
    return found or [Token("mark", "")]


def _inner(tokens: list[Token]) -> list[Token]:
    """What is in EXISTS( ... ), the form that a condition in a transaction has."""
    if [tokens[0].word, *(token.text for token in tokens[1:2]), tokens[-1].text] == ["EXISTS", "(", ")"]:
        return tokens[2:-1] or tokens
    return tokens


def _place(tokens: Sequence[Token], verb: str) -> int:
    """Where the table is named; there is one such place in a statement."""
    wanted = _TABLE[verb]
    expected = sorted({"SELECT", "FROM"} if verb == "SELECT" else set(wanted))
    if sorted(token.word for token in tokens if token.word in _ONLY) != expected or any(
        token.text == ";" and token.kind == "mark" for token in tokens
    ):
        refuse("Statement wasn't well formed, can't be processed: a statement is on one table")
    place = next(at for at, token in enumerate(tokens) if token.word == wanted[-1])
    if verb != "SELECT" and place != len(wanted) - 1:
        refuse("Statement wasn't well formed, can't be processed: Expected a table")
    return place + 1


def _table(tokens: Sequence[Token], place: int) -> tuple[str, str, int]:
    names = []
    while place < len(tokens) and tokens[place].kind in ("word", "quoted"):
        names.append(tokens[place])
        place += 1
        if place < len(tokens) and tokens[place] == Token("mark", "."):
            place += 1
            continue
        break
    if not 1 <= len(names) <= 2 or any(
        "." in name.text and not name.text.startswith("arn:") for name in names
    ):
        refuse("Statement wasn't well formed, can't be processed: Expected a table, or a table and an index")
    return names[0].text, names[1].text if len(names) == 2 else "", place


def _attributes(tokens: Sequence[Token]) -> Iterator[str]:
    marks = [token.text if token.kind == "mark" else "" for token in tokens]
    for before, token, after in zip(["", *marks], tokens, [*marks[1:], ""], strict=False):
        if before == ".":
            continue
        plain = token.kind == "word" and token.word not in _WORDS and after != "("
        if plain or token.kind == "quoted" or (token.kind == "text" and after == ":"):
            yield token.text


def _equal(
    tokens: Sequence[Token], after: int, parameters: Sequence[Any], verb: str
) -> Iterator[tuple[str, str]]:
    """Pairs of attribute and value that hold for each item that is touched."""
    if verb != "INSERT":
        after = next((at for at, token in enumerate(tokens) if token.word == "WHERE"), len(tokens))
    if any(token.word in ("OR", "NOT") for token in tokens[after:]):
        return
    given = iter(parameters)
    values = [_value(token, given) for token in tokens]
    sign = ":" if verb == "INSERT" else "="
    for at in range(after, len(tokens)):
        if tokens[at] == Token("mark", sign) and 0 < at < len(tokens) - 1:
            yield from _pair(tokens, values, at, at - 1, at + 1)
            yield from _pair(tokens, values, at, at + 1, at - 1) if sign == "=" else ()
        elif tokens[at].word == "IN":
            yield from _several(tokens, values, at)


def _pair(
    tokens: Sequence[Token], values: Sequence[str | None], at: int, name: int, other: int
) -> Iterator[tuple[str, str]]:
    found = values[other]
    named = tokens[name].kind in (("text",) if tokens[at].text == ":" else ("word", "quoted"))
    inside = name > 0 and tokens[name - 1] == Token("mark", ".")
    if named and not inside and found is not None:
        yield tokens[name].text, found


def _several(tokens: Sequence[Token], values: Sequence[str | None], at: int) -> Iterator[tuple[str, str]]:
    for other in range(at + 2, len(tokens)):
        found = values[other]
        if found is not None:
            yield tokens[at - 1].text, found
        elif tokens[other] != Token("mark", ","):
            return


def _value(token: Token, parameters: Iterator[Any]) -> str | None:
    if token == Token("mark", "?"):
        return value(next(parameters, None))
    if token.kind == "number":
        return number(token.text)
    return token.text if token.kind == "text" else None

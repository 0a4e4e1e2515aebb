"""PartiQL for DynamoDB, as far as policies ask: one table, what is done to it, and to which items.

The rule of this file: a statement names one table in one place, or it is refused; so are comments, joins and
queries inside of queries, which DynamoDB does not have. A table's name with a dot in it is refused as well:
backends read it as a table and its index. Backends are known that look for words and quotes wherever they
are: a statement goes on with one space between its pieces, and is refused where it has such words or quotes
in a text or a name; that is what parameters are for.
Source: "PartiQL statements for DynamoDB" and "IAM security policies with PartiQL for DynamoDB" in the Amazon
DynamoDB Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rolekeeper.gateway.items import conditions
from rolekeeper.gateway.items.conditions import Term
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


_IN_TEXT = ("'", '"', "\u2019")
_IN_NAME = (*_IN_TEXT, *"=<>(),?")
_SPLIT = re.compile("SELECT | FROM | WHERE ", re.IGNORECASE)
_APART = _WORDS | {"=", "<", ">", "<=", ">=", "<>", "!="}


class Token(msgspec.Struct, frozen=True):
    """A piece of a statement: its kind, and what it says without its quotes."""

    kind: str
    text: str

    @property
    def word(self) -> str:
        """A keyword, in capitals; nothing for all else."""
        return self.text.upper() if self.kind == "word" else ""


_PARAMETER = Token("mark", "?")


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a statement does."""

    action: str
    """`PartiQLSelect`."""
    table: str
    index: str = ""
    attributes: tuple[str, ...]
    all_attributes: bool
    equal: tuple[tuple[str, str], ...]
    """Attributes and the values that they have to have."""
    written: tuple[tuple[str, str], ...]
    """Attributes and the values that they will have."""
    text: str
    """The statement as it goes on."""


def read(text: str, parameters: Sequence[Any]) -> Statement:
    """Reads a statement; refused where it is not one on one table."""
    tokens = _inner(_tokens(text))
    if len([token for token in tokens if token == _PARAMETER]) != len(parameters):
        refuse("Number of parameters in request and statement don't match.")
    verb = tokens[0].word
    if verb not in _TABLE:
        refuse("Statement wasn't well formed, can't be processed: Expected SELECT, INSERT, UPDATE or DELETE")
    place = _place(tokens, verb)
    table, index, after = _table(tokens, place)
    following = tokens[after].word if after < len(tokens) else ""
    if following not in _NEXT[verb] or (not following and after < len(tokens)):
        refuse("Statement wasn't well formed, can't be processed: Unexpected term after the table's name")
    rest = [*tokens[: place - 1], *tokens[after:]]
    given = iter(parameters)
    terms = [Term(token.kind, token.text, _value(token, given)) for token in tokens]
    where = next((at for at, token in enumerate(tokens) if token.word == "WHERE"), len(tokens))
    return Statement(
        action=f"PartiQL{verb.capitalize()}",
        table=table,
        index=index,
        attributes=tuple(dict.fromkeys(_attributes(rest))),
        all_attributes=verb == "SELECT" and Token("mark", "*") in tokens[: place - 1],
        equal=tuple(conditions.equal(terms[where + 1 :]) if verb != "INSERT" else ()),
        written=tuple(conditions.written(terms[after:], verb)),
        text=_as_it_goes_on(text, tokens),
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
            quoted = match.lastgroup in ("text", "quoted")
            if quoted:
                _hold(match.lastgroup, piece[1:-1])
            found.append(Token(match.lastgroup, piece[1:-1] if quoted else piece))
    if found and found[-1].text == ";" and found[-1].kind == "mark":
        found.pop()
    return found or [Token("mark", "")]


def _hold(kind: str, text: str) -> None:
    """Refuses what is in quotes and could be taken for something else."""
    if text == "?" or any(mark in text for mark in (_IN_TEXT if kind == "text" else _IN_NAME)):
        refuse(f"Statement wasn't well formed, can't be processed: say {text!r} by a parameter")


def _as_it_goes_on(text: str, tokens: Sequence[Token]) -> str:
    """A statement with one space where its pieces are apart, and around its words and signs."""
    found, before, apart = "", "", False
    for match in _TOKEN.finditer(text.rstrip().removesuffix(";")):
        piece = match[0]
        if match.lastgroup is None:
            apart = True
            continue
        found += (" " if found and (apart or _is_apart(before, piece)) else "") + piece
        before, apart = piece, False
    verbs = sum(token.word in ("SELECT", "FROM", "WHERE") for token in tokens)
    words = len(_SPLIT.findall(found.replace("\n", " ")))
    if found[:6].upper() == "SELECT" and words != verbs:
        refuse("Statement wasn't well formed, can't be processed: say texts with its words by parameters")
    return found


def _is_apart(before: str, piece: str) -> bool:
    return not {before.upper(), piece.upper()}.isdisjoint(_APART)


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


def _value(token: Token, parameters: Iterator[Any]) -> str | None:
    if token == _PARAMETER:
        return value(next(parameters, None))
    if token.kind == "number":
        return number(token.text)
    return token.text if token.kind == "text" else None

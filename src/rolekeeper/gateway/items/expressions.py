"""DynamoDB's expressions, as far as policies ask: which attributes they name, and which must be equal.

The rule of this file: an attribute is never overlooked; a word that may be one counts as one. Only the first
part of a path counts, as policies know attributes of an item and nothing inside of them.
Source: "Expressions in DynamoDB" in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

import base64
import decimal
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.naming import refuse

_TOKEN = re.compile(r"[#:]?[A-Za-z0-9_-]+|[.(\[\])=]|[^\s]")
_WORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
_CLAUSES = _WORDS | {"SET", "REMOVE", "ADD", "DELETE"}
_ALL = re.compile(r"[\sA-Za-z0-9_#:.,()\[\]<>=+-]*", re.ASCII)
_PATH = re.compile(r"\s*[#A-Za-z0-9_-]+(?:\s*\[[0-9]+\]|\s*\.\s*[#A-Za-z0-9_-]+)*\s*", re.ASCII)


def hold(member: str, text: str) -> None:
    """Refuses an expression that DynamoDB has not: a backend may find an attribute in it."""
    paths = text.split(",") if member == "ProjectionExpression" else ()
    if not _ALL.fullmatch(text) or not all(_PATH.fullmatch(path) for path in paths):
        refuse(f"Invalid {member}: Syntax error")


def attributes(text: str, names: Mapping[str, str], *, clauses: bool = False) -> Iterator[str]:
    """The attributes that an expression names; `clauses` for an update, which has words of its own."""
    tokens = _TOKEN.findall(text)
    words = _CLAUSES if clauses else _WORDS
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if before == "." or not re.match("[#:A-Za-z0-9_-]", token):
            continue
        for name in _parts(token, names):
            if name.startswith("#"):
                yield names.get(name, name)
            elif after != "(" and name.upper() not in words and not (before == "[" and name.isdigit()):
                yield name


def _parts(token: str, names: Mapping[str, str]) -> Iterator[str]:
    """A word, and what it has between hyphens: to some they are part of a name, to others they take away."""
    if "-" in token and token not in names:
        parts = token.split("-")
        yield from (part for part in parts if part and not part.startswith(":"))
    if not token.startswith((":", "-")):
        yield token


def equal_to(text: str, names: Mapping[str, str], name: str) -> Iterator[str]:
    """The placeholders of the values that a condition holds an attribute to be equal to."""
    tokens = [names.get(token, token) for token in _TOKEN.findall(text)]
    raw = _TOKEN.findall(text)
    for index in range(1, len(tokens) - 1):
        if tokens[index] != "=":
            continue
        for side, other in ((index - 1, index + 1), (index + 1, index - 1)):
            if tokens[side] == name and raw[other].startswith(":"):
                yield raw[other]


def value(found: Any) -> str | None:
    """A key's value as policies compare it: a string, a number in its shortest form, bytes in Base64."""
    if not isinstance(found, Mapping) or len(found) != 1:
        return None
    ((kind, content),) = found.items()
    if kind == "B" and isinstance(content, bytes):
        return base64.b64encode(content).decode()
    if kind not in ("S", "N", "B") or not isinstance(content, str):
        return None
    return number(content) if kind == "N" else content


def number(text: str) -> str:
    """A number as DynamoDB shows it, to which `5`, `5.0` and `0.5e1` are one."""
    try:
        found = decimal.Decimal(text)
    except decimal.InvalidOperation:
        return text
    if not found.is_finite() or found.adjusted() not in range(-130, 127):  # AWS has no such numbers
        return text
    return format(found.normalize(_EXACT), "f") if found else "0"


_EXACT = decimal.Context(prec=400)

"""Wildcards and variables, by the book: how the reference compares a policy's text with a request's.

A pattern is a list of symbols, each a character and whether it is special there. So a star that comes out
of a variable's value, or is written `${*}`, is a character like others.
Source: "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags" in the User Guide.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rolekeeper.policy.context import RequestContext


class Symbol(NamedTuple):
    """One character of a pattern; a special one is a wildcard."""

    character: str
    special: bool


Pattern = list[Symbol]

_symbol = lru_cache(maxsize=4096)(Symbol)

_DEFAULT = re.compile(r"(?P<key>[^,']*), '(?P<text>[^']*)'", re.DOTALL)


def literal(text: str) -> Pattern:
    """The pattern that is only the text itself."""
    return [_symbol(character, False) for character in text]


def wildcards(text: str) -> Pattern:
    """The pattern in which `*` and `?` are wildcards."""
    return [_symbol(character, character in "*?") for character in text]


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the pattern is the whole text; `*` is any text, `?` one character, case counts.

    Symbol by symbol: which beginnings of the text has the pattern covered so far? They are the bits of one
    number, bit n for the first n characters. So a symbol costs one step, whatever came before, and after
    more of them than the text has characters nothing is covered.
    """
    everything = (1 << len(text) + 1) - 1
    covered = 1
    for character, special in pattern:
        if special and character == "*":
            covered = everything & -(covered & -covered)  # the shortest, and whatever is longer
        else:
            covered = (covered if special else covered & _places(character, text)) << 1 & everything
        if not covered:
            return False
    return bool(covered >> len(text))


@lru_cache(maxsize=64)
def _places(character: str, text: str) -> int:
    """Where a character stands in a text, as bits."""
    return int("0" + "".join("1" if found == character else "0" for found in reversed(text)), 2)


def is_arn(text: str) -> bool:
    """Whether a text has the six segments of an ARN."""
    return text.startswith("arn:") and text.count(":") >= 5


def arn_matches(pattern: Pattern, arn: str) -> bool | None:
    """Whether an ARN matches an ARN pattern, each of six segments alone; None if the pattern is none."""
    patterns = _segments(pattern)
    if len(patterns) < 6:
        return None
    return all(map(matches, patterns, arn.split(":", 5)))


def _segments(pattern: Pattern) -> list[Pattern]:
    """A pattern cut at its first five colons."""
    cut: list[Pattern] = [[]]
    for symbol in pattern:
        if symbol.character == ":" and len(cut) < 6:
            cut.append([])
        else:
            cut[-1].append(symbol)
    return cut


def expand(text: str, context: RequestContext, *, with_wildcards: bool) -> Pattern | None:
    """The pattern that a text with variables is for this request; None if one of them has no value."""
    plain = wildcards if with_wildcards else literal
    pattern: Pattern = []
    values: dict[str, Pattern] = {}
    while True:
        before, dollar, rest = text.partition("${")
        name, brace, after = rest.partition("}")
        if not dollar or not brace:
            return pattern + plain(text)
        if name not in values:
            value = _value(name, context)
            if value is None:
                return None
            values[name] = literal(value)
        pattern += plain(before)
        pattern += values[name]
        text = after


def filled(text: str, context: RequestContext) -> str | None:
    """The text with the request's values in the place of variables; None if one of them has no value."""
    pattern = expand(text, context, with_wildcards=False)
    return None if pattern is None else "".join(symbol.character for symbol in pattern)


def _value(variable: str, context: RequestContext) -> str | None:
    """What stands for `${variable}`: one of three characters, the request's value, or the default."""
    if variable in ("*", "?", "$"):
        return variable
    key, default = variable, None
    written = _DEFAULT.fullmatch(variable)
    if written is not None:
        key, default = written["key"], written["text"]
    value = context.value(key.lower())
    if value is None:
        return default
    return value if isinstance(value, str) else None  # a multivalued key is no variable

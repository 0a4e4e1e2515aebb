"""Wildcards and variables, by the book: how the reference compares a policy's text with a request's.

A pattern is a list of symbols, each a character and whether it is special there. So a star that comes out
of a variable's value, or is written `${*}`, is a character like others.
Source: "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags" in the User Guide.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rolekeeper.policy.context import RequestContext


class Symbol(NamedTuple):
    """One character of a pattern; a special one is a wildcard."""

    character: str
    special: bool


Pattern = list[Symbol]

_DEFAULT = re.compile(r"(?P<key>[^,']*), '(?P<text>[^']*)'", re.DOTALL)


def literal(text: str) -> Pattern:
    """The pattern that is only the text itself."""
    return [Symbol(character, False) for character in text]


def wildcards(text: str) -> Pattern:
    """The pattern in which `*` and `?` are wildcards."""
    return [Symbol(character, character in "*?") for character in text]


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the pattern is the whole text; `*` is any text, `?` one character, case counts.

    Each star takes as little as it can and is never reconsidered (the atomic groups), but the last, which
    takes what is left before the tail: so no pattern costs more than its length times the text's.
    """
    parts = [""]
    for character, special in pattern:
        if special and character == "*":
            parts.append("")
        else:
            parts[-1] += "." if special else re.escape(character)
    if len(parts) == 1:
        return re.fullmatch(parts[0], text, re.DOTALL) is not None
    head, *middle, tail = parts
    expression = head + "".join(f"(?>.*?{part})" for part in middle) + ".*" + tail
    return re.fullmatch(expression, text, re.DOTALL) is not None


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
    while True:
        before, dollar, rest = text.partition("${")
        name, brace, after = rest.partition("}")
        if not dollar or not brace:
            return pattern + plain(text)
        value = _value(name, context)
        if value is None:
            return None
        pattern += plain(before) + literal(value)
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

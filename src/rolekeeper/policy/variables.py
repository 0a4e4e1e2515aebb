"""`${variables}` in a policy: found when it is compiled, replaced by the request's values when it is decided.

- `${key}` is the value of a condition key, whose name ignores case; `${key, 'text'}` has a default for the
  request that has no such key.
- `${*}`, `${?}` and `${$}` are the three characters themselves.
- A key that the request does not have, or that is multivalued, gives no value: the text as a whole has none
  then, and equals nothing. The default is for the absent key only.
- What a value holds is text: a star in it is a star.

Whatever else stands between the braces is a key that no request has.
Source: "IAM policy elements: Variables and tags" in the IAM User Guide.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias, TypeGuard

from rolekeeper.policy.tokens import Token, Tokens, tokenize

Lookup: TypeAlias = Callable[[str], "str | tuple[str, ...] | None"]
"""The request's value of a condition key, by its lower-case name."""

_WITH_DEFAULT: Final = re.compile(r"([^,']*), '([^']*)'", re.DOTALL)
_LITERALS: Final = frozenset("*?$")


class Variable(NamedTuple):
    """A place in a text which the request fills."""

    key: str
    default: str | None


Template: TypeAlias = Sequence["Token | Variable"]


def parse_template(text: str, *, wildcards: bool, variables: bool = True) -> Template:
    """The tokens of a text; `*` and `?` are characters unless `wildcards`, `${...}` is unless `variables`."""
    if "${" not in text:
        return _plain(text, wildcards)
    template: list[Token | Variable] = []
    position = 0
    while variables:
        start = text.find("${", position)
        end = text.find("}", start) if start >= 0 else -1
        if end < 0:
            break
        template.extend(_plain(text[position:start], wildcards))
        template.append(_variable(text[start + 2 : end]))
        position = end + 1
    template.extend(_plain(text[position:], wildcards))
    return template


def _plain(text: str, wildcards: bool) -> list[Token]:
    if wildcards:
        return tokenize(text)
    return [text] if text else []


def is_constant(template: Template) -> TypeGuard[Tokens]:
    """Whether nothing in it depends on the request."""
    return Variable not in map(type, template)


def expand(template: Template, lookup: Lookup, longest: int = sys.maxsize) -> list[Token] | None:
    """The tokens with this request's values; None if one of the variables has none.

    None, too, where they are longer than the text against which they are held, so that a long value in many
    places costs nothing.
    """
    tokens: list[Token] = []
    length = 0
    for part in template:
        if not isinstance(part, Variable):
            tokens.append(part)
            continue
        value = lookup(part.key)
        if value is None:
            value = part.default
        if not isinstance(value, str):
            return None
        length += len(value)
        if length > longest:
            return None
        tokens.append(value)
    return tokens


def _variable(content: str) -> Token | Variable:
    if content in _LITERALS:
        return content
    found = _WITH_DEFAULT.fullmatch(content)
    if found is None:
        return Variable(key=content.lower(), default=None)
    return Variable(key=found[1].lower(), default=found[2])

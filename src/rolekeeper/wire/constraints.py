"""The constraints of a model's types and AWS's words for what does not satisfy them.

A check is compiled from a shape once. It costs a comparison or two while all is well; the words are made only
for a value that fails. The patterns are Java's, matched against the whole value, and translated here.
Source: the messages of the IAM and STS APIs; the pattern syntax of `java.util.regex.Pattern`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from rolekeeper.errors import ValidationError
from rolekeeper.wire.model import Shape

__all__ = ["Violations", "check_size", "check_text", "rules", "validation_error", "violation"]

Violations = list[str]
"""What has been found wrong in one request so far, each in AWS's words."""

MAX_SHOWN = 100
"""As many violations are spelled out in one message; the count in front counts them all."""

MUST_NOT_BE_NULL = "Member must not be null"


def validation_error(found: Violations) -> ValidationError:
    """All that is wrong with a request, as one error."""
    noun = "error" if len(found) == 1 else "errors"
    return ValidationError(f"{len(found)} validation {noun} detected: {'; '.join(found[:MAX_SHOWN])}")


def violation(shown: str | None, path: str, rule: str) -> str:
    """One sentence of AWS's. A value that is not to be shown (a password) is left out of it, as AWS does."""
    value = "" if shown is None else f"{shown} "
    return f"Value {value}at '{path}' failed to satisfy constraint: {rule}"


def rules(shape: Shape) -> tuple[str, ...]:
    """Each constraint of a shape in words, in the order in which AWS lists them."""
    what = "value" if shape.type in ("integer", "long", "float", "double") else "length"
    words = []
    if shape.maximum is not None:
        words.append(f"Member must have {what} less than or equal to {shape.maximum}")
    if shape.minimum is not None:
        words.append(f"Member must have {what} greater than or equal to {shape.minimum}")
    if shape.pattern is not None:
        words.append(f"Member must satisfy regular expression pattern: {shape.pattern}")
    if shape.enum:
        words.append(f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    return tuple(words)


def check_size(shape: Shape) -> Callable[[int | float], Sequence[str]]:
    """A check of a number, or of a length or a count: the rules that it breaks, in words."""
    low = -math.inf if shape.minimum is None else shape.minimum
    high = math.inf if shape.maximum is None else shape.maximum
    too_low, too_high = _rules_with("greater than", shape), _rules_with("less than", shape)

    def check(size: int | float) -> Sequence[str]:
        if low <= size <= high:
            return ()
        return too_low if size < low else too_high

    return check


def check_text(shape: Shape) -> Callable[[str], Sequence[str]]:
    """A check of a string: the rules that it breaks, in words."""
    size = check_size(shape)
    matches = compile_pattern(shape.pattern or "(?s:.*)").fullmatch
    allowed = frozenset(shape.enum)
    low = shape.minimum or 0
    high = math.inf if shape.maximum is None else shape.maximum
    wrong_pattern, wrong_choice = _rules_with("pattern: ", shape), _rules_with("enum value", shape)

    def check(text: str) -> Sequence[str]:
        if low <= len(text) <= high and matches(text) and (not allowed or text in allowed):
            return ()
        broken = [*size(len(text))]
        if not matches(text):
            broken += wrong_pattern
        if allowed and text not in allowed:
            broken += wrong_choice
        return broken

    return check


def _rules_with(phrase: str, shape: Shape) -> tuple[str, ...]:
    return tuple(rule for rule in rules(shape) if phrase in rule)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""A Java pattern as one of Python's, to be matched against a whole string.

    `\w` and `\d` are ASCII in Java. `[\p{L}\p{N}_]` is exactly Python's `\w`, and `\p{Z}` the 19 separators
    of Unicode. ValueError for a property that none of the models uses, instead of a wrong guess.
    """
    # The model means the supplementary planes here, in an escape that takes four digits only.
    translated = pattern.replace(r"\u10000-\u10FFFF", r"\U00010000-\U0010FFFF")
    if r"\p" not in translated:
        return re.compile(translated, re.ASCII)
    if r"\p{L}" in translated and r"\p{N}_" in translated and not re.search(r"\\[wWdDsS]", translated):
        translated = translated.replace(r"\p{L}", "").replace(r"\p{N}_", r"\w").replace(r"\p{Z}", _SEPARATORS)
    if r"\p" in translated:
        raise ValueError(f"cannot translate the pattern {pattern!r}")
    return re.compile(translated)


_SEPARATORS = r" \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"

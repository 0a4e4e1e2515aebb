"""The tokens of a wildcard pattern, so that a star which came out of a `${variable}` is a plain character.

An ARN pattern is six patterns, one for each segment: no wildcard reaches over a colon but in the sixth.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, TypeAlias

SEGMENTS: Final = 6
"""arn, partition, service, region, account, resource."""


class Wildcard(Enum):
    """The two characters of a pattern that do not stand for themselves."""

    ANY = "*"
    ONE = "?"

    __hash__ = object.__hash__  # there is one of each, and an enumeration's own costs more than a look-up


Token: TypeAlias = str | Wildcard
Tokens: TypeAlias = Sequence[Token]

_ANY: Final = Wildcard.ANY
_ONE: Final = Wildcard.ONE


def tokenize(pattern: str) -> list[Token]:
    """The tokens of a pattern without variables."""
    tokens: list[Token] = []
    for part in pattern.split("*"):
        if "?" in part:
            tokens += _with_gaps(part)
        elif part:
            tokens.append(part)
        tokens.append(_ANY)
    tokens.pop()
    return tokens


def _with_gaps(part: str) -> list[Token]:
    tokens: list[Token] = []
    for text in part.split("?"):
        if text:
            tokens.append(text)
        tokens.append(_ONE)
    tokens.pop()
    return tokens


def split_segments(tokens: Tokens) -> list[list[Token]]:
    """A pattern cut at its first five colons, into six segments or fewer. Wildcards are no colons."""
    segments: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Wildcard) or ":" not in token:
            segments[-1].append(token)
            continue
        first, *rest = token.split(":", SEGMENTS - len(segments))
        if first:
            segments[-1].append(first)
        segments += [[part] if part else [] for part in rest]
    return segments


def has_segments(tokens: Tokens) -> bool:
    """Whether a pattern has all six segments."""
    colons = 0
    for token in tokens:
        if isinstance(token, str):
            colons += token.count(":")
    return colons >= SEGMENTS - 1


def plain_text(tokens: Tokens) -> str | None:
    """The text for which the tokens stand; None if one is a wildcard."""
    texts: list[str] = []
    for token in tokens:
        if not isinstance(token, str):
            return None
        texts.append(token)
    return texts[0] if len(texts) == 1 else "".join(texts)

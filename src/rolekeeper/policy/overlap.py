"""Whether two wildcard patterns have a text in common, and such a text.

Where both have a star nothing between their first and last one can keep them apart: each star of one takes in
what the other asks for there, so that only how the two begin and how they end is compared, and a pattern of
any length costs one look. The text that is given has a filler, which no policy writes, wherever it is free.
An ARN's wildcards reach over a colon in its last segment only.
Source: "IAM JSON policy elements: Resource" in the IAM User Guide.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rolekeeper.policy.patterns import matcher

FREE: Final = "\ue000"
"""A character for what may be anything; it is of Unicode's private use area."""

_SEGMENTS: Final = 6


@lru_cache(maxsize=20_000)
def common_arn(pattern: str, other: str) -> str | None:
    """An ARN that both patterns match; None if there is none.

    What has no colon is one text; of fewer than six segments the rest are `*`, as in identity policies.
    """
    if ":" not in pattern or ":" not in other:
        return common_text(pattern, other)
    found = []
    for one, two in zip(_segments(pattern), _segments(other), strict=True):
        segment = one if one == two and "*" not in one and "?" not in one else common_text(one, two)
        if segment is None:
            return None
        found.append(segment)
    return ":".join(found)


def common_text(pattern: str, other: str) -> str | None:
    """A text that both patterns match; None if there is none."""
    if "*" not in pattern or "*" not in other:
        plain, wild = (pattern, other) if "*" not in pattern else (other, pattern)
        return _fixed(plain, wild)
    head, *middle, tail = pattern.split("*")
    other_head, *other_middle, other_tail = other.split("*")
    begin = _unified(head, other_head)
    end = _unified(tail[::-1], other_tail[::-1])
    if begin is None or end is None:
        return None
    return FREE.join([begin, *middle, *other_middle, end[::-1]]).replace("?", FREE)


@lru_cache(maxsize=10_000)
def _segments(pattern: str) -> list[str]:
    found = pattern.split(":", _SEGMENTS - 1)
    return [*found, *["*"] * (_SEGMENTS - len(found))]


def _fixed(plain: str, wild: str) -> str | None:
    """The same where the first has no star, and with it a length."""
    if "*" not in wild:
        return _unified(plain, wild) if len(plain) == len(wild) else None
    text = plain.replace("?", FREE)
    return text if matcher(wild)(text) else None


def _unified(one: str, other: str) -> str | None:
    """The longer of two beginnings, with what the shorter says; None if they differ within it."""
    short, long = sorted((one, other), key=len)
    together = []
    for left, right in zip(short, long[: len(short)], strict=True):
        if left != right and "?" not in (left, right):
            return None
        together.append(right if left == "?" else left)
    return "".join(together) + long[len(short) :]

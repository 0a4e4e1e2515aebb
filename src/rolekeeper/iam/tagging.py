"""The rule of tags: a key is compared without regard to case and keeps the case it was last written in.

Source: "Tags for IAM resources" in the IAM User Guide; "Tag" in the STS API Reference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from rolekeeper.errors import InvalidInput, LimitExceeded
from rolekeeper.iam.entities import Tags


def merged(current: Mapping[str, str], given: Iterable[Mapping[str, str]] | None, *, limit: int) -> Tags:
    """`current` with the given tags (`Key`, `Value`) over it; InvalidInput or LimitExceeded."""
    tags = {key.lower(): (key, value) for key, value in current.items()}
    seen: set[str] = set()
    for tag in given or ():
        folded = tag["Key"].lower()
        if folded in seen:
            raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        if folded.startswith("aws:"):
            raise InvalidInput("Tag keys that start with aws: are reserved for use by AWS.")
        seen.add(folded)
        tags[folded] = (tag["Key"], tag["Value"])
    if len(tags) > limit:
        raise LimitExceeded(f"The number of tags has reached the maximum limit: {limit}")
    return dict(tags.values())


def is_session_tag(key: str, value: str) -> bool:
    """Whether an identity provider gives a tag in its form: letters, numbers, spaces and a few signs."""
    plain = (letter in "_.:/=+-@" or unicodedata.category(letter)[0] in "LNZ" for letter in key + value)
    return 0 < len(key) <= 128 and len(value) <= 256 and all(plain)


def without(current: Mapping[str, str], keys: Iterable[str]) -> Tags:
    """`current` without the tags of those keys."""
    gone = {key.lower() for key in keys}
    return {key: value for key, value in current.items() if key.lower() not in gone}

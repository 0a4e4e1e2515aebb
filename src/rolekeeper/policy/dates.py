"""The form of a date in a condition when a policy is written: ISO 8601, loosely, or seconds since 1970."""

from __future__ import annotations

import re

_DATE = re.compile(
    r"(?:[0-9]{2,4}(?:-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?)?)?"
    r"(?:[Tt](?:[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_SECONDS = re.compile(r"[+-]?[0-9]{1,19}(?:\.[0-9]{1,9})?")
_LONG = 2**63


def is_date(text: str) -> bool:
    """Whether AWS takes it for a date when the policy is written."""
    if _SECONDS.fullmatch(text):
        return -_LONG <= int(text.partition(".")[0]) < _LONG
    return text != "" and _DATE.fullmatch(text) is not None

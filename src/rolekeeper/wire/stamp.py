"""The time of a signature, as it is written on the wire.

Source: "Elements of an AWS API request signature" in the IAM User Guide; RFC 9110, 5.6.7.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from rolekeeper.errors import IncompleteSignature
from rolekeeper.wire.excerpt import excerpt

__all__ = ["basic_format", "read_stamp"]

_BASIC_FORMAT = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), "
    r"([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=1024)  # many requests of one second
def read_stamp(stamp: str) -> datetime:
    """`X-Amz-Date` is of ISO 8601's basic format; `Date` may also be of RFC 1123's."""
    try:
        if _BASIC_FORMAT.fullmatch(stamp):
            return datetime.fromisoformat(stamp)
        if http := _HTTP_DATE.fullmatch(stamp):
            day, month, year, hour, minute, second = http.groups()
            numbers = (int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
            return datetime(*numbers, tzinfo=UTC)
    except ValueError:  # the thirtieth of February
        pass
    raise IncompleteSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{excerpt(stamp)}'. See http://en.wikipedia.org/wiki/ISO_8601"
    )


@lru_cache(maxsize=64)  # the same second's, over and over
def basic_format(time: datetime) -> str:
    """A time of UTC as `20260101T001000Z`; strftime would not fill up the years below 1000."""
    return time.isoformat()[:19].replace("-", "").replace(":", "") + "Z"

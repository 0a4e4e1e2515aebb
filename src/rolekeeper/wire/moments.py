"""Moments in the three forms that models have for them: seconds, ISO 8601, and the date of HTTP.

A body of JSON has seconds, a query string and a path ISO 8601, and a header HTTP's date, where the model does
not say otherwise (`timestampFormat`). What cannot be read is a ValueError.
Source: "Timestamp serialization and deserialization" in the Smithy specification; RFC 9110, 5.6.7.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final

__all__ = ["READ", "WRITE"]

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_HTTP = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
_SECONDS = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


def _from_seconds(value: Any) -> datetime:
    if isinstance(value, str):
        if not _SECONDS.fullmatch(value):
            raise ValueError("it is no number of seconds")
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("it is no number of seconds")
    return datetime.fromtimestamp(value, UTC)


def _from_iso(value: Any) -> datetime:
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        raise ValueError("it is no moment of ISO 8601")
    return datetime.fromisoformat(value)


def _from_http(value: Any) -> datetime:
    if not isinstance(value, str) or not _HTTP.fullmatch(value):
        raise ValueError("it is no date of HTTP")
    return parsedate_to_datetime(value)


def _to_iso(moment: datetime) -> str:
    return _utc(moment).isoformat()[:19] + "Z"


def _to_http(moment: datetime) -> str:
    return format_datetime(_utc(moment), usegmt=True)


def _to_seconds(moment: datetime) -> float:
    return _utc(moment).timestamp()


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be written")
    return moment.astimezone(UTC)


READ: Final[Mapping[str, Callable[[Any], datetime]]] = {
    "unixTimestamp": _from_seconds,
    "iso8601": _from_iso,
    "rfc822": _from_http,
}
"""By the model's name of a form: what reads a moment; ValueError, OverflowError or OSError."""

WRITE: Final[Mapping[str, Callable[[datetime], Any]]] = {
    "unixTimestamp": _to_seconds,
    "iso8601": _to_iso,
    "rfc822": _to_http,
}
"""By the model's name of a form: what writes one."""

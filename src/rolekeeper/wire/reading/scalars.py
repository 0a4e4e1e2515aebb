"""Scalars as text, in forms, paths, headers and XML: text to value and back, without losing anything.

The rule of this file: what is read is written in one form only, and reads as the same again. Constraints are
what stands behind's business; a text that is no value of its type is a ValueError.
Source: "Serialization" and "Timestamp formats" in the Smithy specification; RFC 9110, 5.6.7; ISO 8601.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Final

from rolekeeper.wire.model import Shape

__all__ = ["moment_of", "reader", "seconds", "special", "writer"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
_SPECIAL: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_BASIC = re.compile(r"[0-9]{8}T[0-9]{6}Z")


def reader(shape: Shape) -> Callable[[str], Any]:
    """What reads a scalar of that type from a text: ValueError, OverflowError or OSError."""
    return _READ[shape.type]


def writer(shape: Shape, form: str) -> Callable[[Any], str]:
    """What writes one; `form` is that of moments, where the model does not say another."""
    if shape.type == "timestamp":
        return _MOMENTS[(shape.timestamp_format or form).lower()]
    return _WRITE[shape.type]


def seconds(moment: datetime) -> int | float:
    """A moment as seconds of Unix's epoch, whole where they are."""
    found = moment.timestamp()
    return int(found) if found.is_integer() else found


def moment_of(value: Any) -> datetime:
    """A moment as a body of JSON or CBOR has it: a number of seconds, or a text."""
    if isinstance(value, str):
        return _moment(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("it is no moment")
    return datetime.fromtimestamp(value, UTC)


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not -(1 << 63) <= (number := int(text)) < 1 << 63:
        raise ValueError("it is no whole number of 64 bits")
    return number


def _float(text: str) -> float:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if not _NUMBER.fullmatch(text) or math.isinf(number := float(text)):
        raise ValueError("it is no number")
    return number


def _boolean(text: str) -> bool:
    folded = text.lower()
    if folded not in ("true", "false"):
        raise ValueError("it is neither true nor false")
    return folded == "true"


def _moment(text: str) -> datetime:
    """A moment in any of the forms that clients send: which of them it is can be seen."""
    if _ISO.fullmatch(text) or _BASIC.fullmatch(text):
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    if _NUMBER.fullmatch(text):
        return datetime.fromtimestamp(float(text), UTC)
    if len(text) > 64:
        raise ValueError("it is no moment")
    found = parsedate_to_datetime(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _blob(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "string": str,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "blob": _blob,
    "timestamp": _moment,
}


def special(value: float) -> str:
    """The text of what is no number, or infinite."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _write_float(value: float) -> str:
    return repr(value) if math.isfinite(value) else special(value)


def _write_iso(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _write_http(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _write_blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


_WRITE: Final[Mapping[str, Callable[[Any], str]]] = {
    "string": str,
    "boolean": lambda value: "true" if value else "false",
    "integer": str,
    "long": str,
    "float": _write_float,
    "double": _write_float,
    "blob": _write_blob,
}
_MOMENTS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "iso8601": _write_iso,
    "rfc822": _write_http,
    "unixtimestamp": lambda moment: str(seconds(moment)),
}

"""The scalar types of the query protocol: text to value, and value to text.

What cannot be read at all is MalformedInput, at once; what can be read and breaks a constraint is not this
file's business.
Source: the "query protocol" page of the Smithy specification; ISO 8601.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from rolekeeper.errors import MalformedInput

__all__ = ["READ", "WRITE"]

Reader = Callable[[str, str], Any]
"""(text, path) -> value. The path is only for the error's text."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?|NaN|-?Infinity")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _read_integer(bits: int) -> Reader:
    limit = 1 << (bits - 1)

    def read(text: str, path: str) -> int:
        if _INTEGER.fullmatch(text):
            number = int(text)
            if -limit <= number < limit:
                return number
        raise MalformedInput(f"Value at '{path}' is not an integer of {bits} bits")

    return read


def _read_float(text: str, path: str) -> float:
    if not _DECIMAL.fullmatch(text):
        raise MalformedInput(f"Value at '{path}' is not a number")
    return float(text)


def _read_boolean(text: str, path: str) -> bool:
    folded = text.lower()
    if folded not in ("true", "false"):
        raise MalformedInput(f"Value at '{path}' is neither true nor false")
    return folded == "true"


def _read_timestamp(text: str, path: str) -> datetime:
    if _TIMESTAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:  # the thirteenth month
            pass
    raise MalformedInput("timestamp must follow ISO8601")


def _read_blob(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedInput(f"Value at '{path}' is not Base64") from None


def _write_boolean(value: Any) -> str:
    return "true" if value else "false"


@lru_cache(maxsize=4096)  # an entity's dates are written far more often than they change
def _write_timestamp(value: datetime) -> str:
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be written")
        value = value.astimezone(UTC)
    return value.isoformat()[:19] + "Z"


def _write_blob(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _read_string(text: str, path: str) -> str:
    return text


READ: Mapping[str, Reader] = {
    "string": _read_string,
    "blob": _read_blob,
    "boolean": _read_boolean,
    "integer": _read_integer(32),
    "long": _read_integer(64),
    "float": _read_float,
    "double": _read_float,
    "timestamp": _read_timestamp,
}
"""By the type's name in the model: the reader of one parameter's text."""

WRITE: Mapping[str, Callable[[Any], str]] = {
    "string": str,
    "blob": _write_blob,
    "boolean": _write_boolean,
    "integer": str,
    "long": str,
    "float": repr,
    "double": repr,
    "timestamp": _write_timestamp,
}
"""By the type's name in the model: the writer of one value; strings are not escaped here."""

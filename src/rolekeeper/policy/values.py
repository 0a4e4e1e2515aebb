"""Text as a number, a moment, an address ...: what the typed condition operators compare.

Each function reads one text and answers None where it is not of its type. Texts come from requests: what is
too long to be of the type is refused before it is looked at, and what is read often is remembered, in bounded
caches.
Source: "IAM JSON policy elements: Condition operators" in the IAM User Guide.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

LONGEST: Final = 128
"""No number, date or address that is one has more characters."""

# Possessive: digits are taken once, however the text ends.
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]{1,3})?")
_MOMENT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?"
)
_EPOCH_SECONDS: Final = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]+))?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Network(NamedTuple):
    """A range of addresses of one version: those whose masked number is `start`."""

    version: int
    start: int
    mask: int


class Address(NamedTuple):
    """One address, as its number."""

    version: int
    number: int


def number(text: str) -> Decimal | None:
    """A decimal number: `10`, `10.0`, `1e3`."""
    return _number(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=512)
def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) is not None else None


def instant(text: str) -> int | None:
    """A moment, in microseconds since 1970: W3C's ISO 8601 (UTC without an offset), or epoch seconds."""
    return _instant(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=512)
def _instant(text: str) -> int | None:
    seconds = _EPOCH_SECONDS.fullmatch(text)
    if seconds is not None:
        sign, whole, fraction = seconds.groups("")
        passed = int(whole) * 1_000_000 + int(fraction[:6].ljust(6, "0"))
        return -passed if sign else passed
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    year, month, day, time, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day or '01'}T{time or '00:00'}{zone or 'Z'}")
    except ValueError:
        return None
    return (moment - _EPOCH) // _MICROSECOND


def boolean(text: str) -> bool | None:
    """`true` or `false`, in any case."""
    return _BOOLEANS.get(text.lower()) if len(text) <= LONGEST else None


_BOOLEANS: Final = {"true": True, "false": False}


@lru_cache(maxsize=64)
def decoded(text: str) -> bytes | None:
    """The bytes of base64 text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def address(text: str) -> Address | None:
    """An IPv4 or IPv6 address."""
    return _address(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=1024)
def _address(text: str) -> Address | None:
    if ":" not in text:
        return _version_4(text)
    return _version_6(text) if "." not in text else _mixed(text)


def _version_4(text: str) -> Address | None:
    parts = text.split(".")
    if len(parts) != 4 or not text.isascii():
        return None
    found = 0
    for part in parts:
        if not part.isdigit() or len(part) > 3 or (part[0] == "0" and part != "0") or int(part) > 255:
            return None
        found = found << 8 | int(part)
    return Address(4, found)


def _version_6(text: str) -> Address | None:
    """Eight groups of hexadecimal digits; `::` stands once for those that are zero."""
    head, gap, tail = text.partition("::")
    before = head.split(":") if head else []
    after = tail.split(":") if tail else []
    zeros = _GROUPS - len(before) - len(after)
    if (zeros < 1 if gap else zeros) or not all(map(_GROUP.fullmatch, before + after)):
        return None
    found = 0
    for group in before:
        found = found << 16 | int(group, 16)
    found <<= 16 * zeros
    for group in after:
        found = found << 16 | int(group, 16)
    return Address(6, found)


def _mixed(text: str) -> Address | None:
    """The one whose last two groups are written as an address of version 4."""
    head, _, last = text.rpartition(":")
    found = _version_4(last)
    if found is None:
        return None
    return _version_6(f"{head}:{found.number >> 16:x}:{found.number & 0xFFFF:x}")


_GROUPS: Final = 8
_GROUP: Final = re.compile("[0-9a-fA-F]{1,4}")


def network(text: str) -> Network | None:
    """A range in CIDR form; a bare address is a range of one, and bits behind the mask are not looked at."""
    return _network(text) if len(text) <= 2 * LONGEST + 1 else None


@lru_cache(maxsize=1024)
def _network(text: str) -> Network | None:
    host, slash, length = text.partition("/")
    start = address(host)
    if start is None:
        return None
    bits = 32 if start.version == 4 else 128
    if not slash:
        length = str(bits)
    if not (length.isascii() and length.isdigit() and len(length) <= LONGEST) or int(length) > bits:
        return None
    mask = ((1 << int(length)) - 1) << (bits - int(length))
    return Network(start.version, start.number & mask, mask)

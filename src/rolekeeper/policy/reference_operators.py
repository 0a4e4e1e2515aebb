"""The condition operators, by the book: one function a family, each the sentence of the guide.

A comparison answers True, False, or None where one of the two values is not of the operator's type; such a
value never matches, not even with a negated operator.
Source: "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys" in
the IAM User Guide.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.document import Condition
from rolekeeper.policy.reference_text import Pattern, arn_matches, expand, is_arn, literal, matches, wildcards

Compare = Callable[[str, str], bool | None]
"""(the request's value, the policy's value) -> whether they match."""


def holds(condition: Condition, context: RequestContext, *, has_variables: bool) -> bool:
    """Whether a condition holds of a request."""
    if not condition.values:
        return False
    value = context.value(condition.key.lower())
    if condition.base == "Null":
        wanted = "true" if value is None else "false"
        return wanted in (written.lower() for written in condition.values)

    def test(single: str) -> bool:
        return _one_value(condition, single, context, has_variables)

    if condition.qualifier == "ForAllValues":
        return value is None or all(map(test, _several(value)))
    if value is None:
        if condition.if_exists:
            return True
        return condition.qualifier is None and is_negated(condition.base)
    if condition.qualifier == "ForAnyValue":
        return any(map(test, _several(value)))
    return isinstance(value, str) and test(value)  # a multivalued key needs a set operator


def is_negated(base: str) -> bool:
    """Whether the operator says that something is not so."""
    return "Not" in base


def type_name(base: str) -> str | None:
    """What the operator's values have to be; None where any text will do."""
    return next((name for start, name in _TYPES.items() if base.replace("Not", "").startswith(start)), None)


def is_of_type(base: str, text: str, *, in_policy: bool = False) -> bool:
    """Whether a value, of the request or of the policy, is of the operator's type."""
    base = base.replace("Not", "")
    if base.startswith("Arn"):
        return text.count(":") >= 5 and (in_policy or is_arn(text))
    if base not in _COMPARE:
        return True
    # Compared with itself, or an address with the range it starts, a value of the type has an answer.
    one = text.partition("/")[0] if in_policy and base == "IpAddress" else text
    return _COMPARE[base](one, text) is not None


_TYPES = {
    "Numeric": "number",
    "Date": "date",
    "Bool": "boolean",
    "Binary": "base64 text",
    "IpAddress": "IP address",
    "Arn": "ARN",
}


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _one_value(condition: Condition, value: str, context: RequestContext, has_variables: bool) -> bool:
    """One value of the request against all of the policy: one has to match, or, negated, none may."""
    base = condition.base.replace("Not", "")
    if base.startswith(("String", "Arn")):
        found = _texts(base, condition.values, value, context, has_variables)
    else:
        found = [_COMPARE[base](value, written) for written in condition.values]
    if is_negated(condition.base):
        return all(result is False for result in found)
    return any(result is True for result in found)


# -- texts, which may hold variables ----------------------------------------------------------------


def _texts(
    base: str, values: tuple[str, ...], value: str, context: RequestContext, has_variables: bool
) -> list[bool | None]:
    special = base in ("StringLike", "ArnEquals", "ArnLike")
    if base.startswith("Arn") and not is_arn(value):
        return [None]
    found: list[bool | None] = []
    for written in values:
        plain = wildcards(written) if special else literal(written)
        pattern = expand(written, context, with_wildcards=special) if has_variables else plain
        # A variable without a value equals nothing, so that a negated operator holds of it.
        found.append(False if pattern is None else _text(base, pattern, value))
    return found


def _text(base: str, pattern: Pattern, value: str) -> bool | None:
    if base == "StringLike":
        return matches(pattern, value)
    if base.startswith("Arn"):
        return arn_matches(pattern, value)
    text = "".join(symbol.character for symbol in pattern)
    return text.lower() == value.lower() if base == "StringEqualsIgnoreCase" else text == value


# -- typed values -----------------------------------------------------------------------------------


def _numeric(compare: Callable[[Decimal, Decimal], bool]) -> Compare:
    def run(value: str, written: str) -> bool | None:
        left, right = _number(value), _number(written)
        return None if left is None or right is None else compare(left, right)

    return run


_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@lru_cache(maxsize=512)
def _number(text: str) -> Decimal | None:
    return Decimal(text) if len(text) <= 128 and _DECIMAL.fullmatch(text) else None


def _date(compare: Callable[[int, int], bool]) -> Compare:
    def run(value: str, written: str) -> bool | None:
        left, right = _moment(value), _moment(written)
        return None if left is None or right is None else compare(left, right)

    return run


_SECONDS = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?"
    r"(?P<time>T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]+))?)?"
    r"(?P<zone>Z|(?P<sign>[+-])(?P<hours>[0-9]{2}):?(?P<minutes>[0-9]{2}))?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=512)
def _moment(text: str) -> int | None:
    """Microseconds since 1970, from seconds or the W3C's ISO 8601; UTC where no offset is written."""
    if len(text) > 128:
        return None
    try:
        if _SECONDS.fullmatch(text):
            whole, _, fraction = text.lstrip("-").partition(".")
            passed = int(whole) * 1_000_000 + _microseconds(fraction)
            return -passed if text.startswith("-") else passed
        part = _ISO.fullmatch(text)
        if part is None or (part["time"] and not part["day"]):
            return None
        offset = timedelta(hours=int(part["hours"] or 0), minutes=int(part["minutes"] or 0))
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"] or 1),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            _microseconds(part["fraction"] or ""),
            tzinfo=timezone(-offset if part["sign"] == "-" else offset),
        )
        return (moment - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None


def _microseconds(fraction: str) -> int:
    return int(fraction[:6].ljust(6, "0"))


def _bool(value: str, written: str) -> bool | None:
    known = ("true", "false")
    left, right = value.lower(), written.lower()
    return left == right if left in known and right in known else None


def _binary(value: str, written: str) -> bool | None:
    try:
        return base64.b64decode(value, validate=True) == base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ip(value: str, written: str) -> bool | None:
    try:
        if "%" in value or "%" in written:
            return None  # a zone belongs to one machine
        _, slash, length = written.partition("/")
        if slash and not (length.isascii() and length.isdigit()):
            return None  # a netmask is no prefix length
        network = ipaddress.ip_network(written, strict=False)
        return ipaddress.ip_address(value) in network
    except ValueError:
        return None


_COMPARE: dict[str, Compare] = {
    "NumericEquals": _numeric(lambda left, right: left == right),
    "NumericLessThan": _numeric(lambda left, right: left < right),
    "NumericLessThanEquals": _numeric(lambda left, right: left <= right),
    "NumericGreaterThan": _numeric(lambda left, right: left > right),
    "NumericGreaterThanEquals": _numeric(lambda left, right: left >= right),
    "DateEquals": _date(lambda left, right: left == right),
    "DateLessThan": _date(lambda left, right: left < right),
    "DateLessThanEquals": _date(lambda left, right: left <= right),
    "DateGreaterThan": _date(lambda left, right: left > right),
    "DateGreaterThanEquals": _date(lambda left, right: left >= right),
    "Bool": _bool,
    "BinaryEquals": _binary,
    "IpAddress": _ip,
}

"""Documents and requests that are made to take long: each has to be decided or refused in under 10 ms.

The time is that of everything from the text on: parse, compile, decide. Each round has its own text and
begins with empty caches, so that nothing is remembered, and its best round counts.
"""

from __future__ import annotations

import json
import re
import string
import sys
from collections.abc import Callable, Mapping
from functools import _lru_cache_wrapper
from time import process_time
from typing import Any

from policy_contenders import context
from policy_workloads import Json, Request, policy, statement
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import PolicySyntaxError, parse_document

ROUNDS = 25
GOAL = 10.0
LIMIT = 6144
"""The characters of a managed policy."""
LONG = "arn:aws:s3:::" + "a" * 2000
"""A resource as long as the API takes one, about."""

Trick = tuple[str | bytes, str, Mapping[str, Any]]
"""The policy, the resource that is asked for, and the request's keys."""


def hostile() -> Json:
    """Every trick: how long it took and how it ended."""
    found: Json = {name: _measured(make) for name, make in TRICKS.items()}
    slowest = max(each["ms"] for each in found.values())
    return {"tricks": found, "slowest ms": slowest, "goal ms": GOAL, "reached": slowest < GOAL}


def _measured(make: Callable[[str], Trick]) -> Json:
    best, outcome = float("inf"), ""
    for number in range(ROUNDS):
        text, resource, keys = make(f"round{number}")
        asked = context(Request(session="s", action="s3:GetObject", resource=resource, keys=keys))
        _forget()
        started = process_time()
        outcome = _outcome(text, asked)
        best = min(best, process_time() - started)
    return {"ms": round(best * 1e3, 3), "outcome": outcome}


def _forget() -> None:
    """Drop what is kept of earlier texts; the catalog of actions is no such thing."""
    re.purge()
    for name, module in list(sys.modules.items()):
        if name.startswith("rolekeeper.policy.") and not name.endswith(".catalog"):
            for kept in vars(module).values():
                if isinstance(kept, _lru_cache_wrapper):
                    kept.cache_clear()


def _outcome(text: str | bytes, asked: RequestContext) -> str:
    try:
        document = parse_document(text)
    except PolicySyntaxError as error:
        return f"refused: {error.reason}"
    return authorize(asked, PolicyLayers(identity=(document,))).outcome


# -- patterns ---------------------------------------------------------------------------------------


def _resource(pattern: str) -> Callable[[str], Trick]:
    """Such patterns as often as they fit into a policy, no two alike."""

    def make(mark: str) -> Trick:
        count = max(1, (LIMIT - 120) // (len(pattern) + 6))
        return _text(mark, Resource=[f"{pattern}{number}" for number in range(count)]), LONG, {}

    return make


def _different_resources(mark: str) -> Trick:
    """Patterns that share nothing which could be remembered."""
    found = [f"arn:aws:s3:::*a*{number}*?b?*{mark}" for number in range(150)]
    return _text(mark, Resource=found), LONG, {}


def _condition(operator: str, value: str, given: str) -> Callable[[str], Trick]:
    def make(mark: str) -> Trick:
        count = max(1, (LIMIT - 160) // (len(value) + 6))
        values = [value] if count == 1 else [value + str(number) for number in range(count)]
        return _text(mark, Resource="*", Condition={operator: {"a:b": values}}), LONG, {"a:b": given}

    return make


def _many_values(pattern: str) -> Callable[[str], Trick]:
    """As many patterns as fit, each against each of the fifty tag keys that a request can have."""

    def make(mark: str) -> Trick:
        patterns = [pattern.replace("N", str(number)) for number in range(600)]
        text = _text(mark, Resource="*", Condition={"ForAnyValue:StringLike": {"aws:TagKeys": patterns}})
        return text, LONG, {"aws:TagKeys": tuple("a" * 124 + str(number) for number in range(50))}

    return make


def _misses(operator: str, pattern: str, *, given: tuple[str, ...] | str) -> Callable[[str], Trick]:
    """As many patterns of two letters as fit, against what has all letters and is like none of them."""

    def make(mark: str) -> Trick:
        pairs = [(x, y) for x in _LETTERS for y in _LETTERS if ord(y) != ord(x) + 2]
        count = (LIMIT - 160) // (len(json.dumps(pattern)) + 2)
        patterns = [pattern.replace("X", x).replace("Y", y) for x, y in pairs[:count]]
        return _text(mark, Resource="*", Condition={operator: {"a:b": patterns}}), LONG, {"a:b": given}

    return make


def _spellings(operator: str, value: str, given: tuple[str, ...]) -> Callable[[str], Trick]:
    """One key in as many cases as fit, each of which is a condition of its own."""

    def make(mark: str) -> Trick:
        count = (LIMIT - 160) // (len("aws:tagkeys") + len(value) + 10)
        keys = [_in_case("aws:tagkeys", number) for number in range(count)]
        conditions = {key: value.replace("N", str(number)) for number, key in enumerate(keys)}
        return _text(mark, Resource="*", Condition={operator: conditions}), LONG, {"aws:tagkeys": given}

    return make


def _in_case(text: str, number: int) -> str:
    """The text with those letters in upper case which a number has as bits."""
    letters: list[str] = []
    for letter in text:
        letters.append(letter.upper() if letter.isalpha() and number & 1 else letter)
        number >>= letter.isalpha()
    return "".join(letters)


def _actions(mark: str) -> Trick:
    return _text(mark, Action=["s3:" + "*a" * 10 + "b"] * 200, Resource="*"), LONG, {}


def _variables(mark: str) -> Trick:
    found = "arn:aws:s3:::" + "*${a:b}" * 400
    return _text(mark, Resource=[found] * 2), LONG, {"a:b": "a" * 500}


def _numbers(mark: str) -> Trick:
    condition = {"ForAnyValue:NumericLessThan": {"a:b": list(range(10)) * 190}}
    return (
        _text(mark, Resource="*", Condition=condition),
        LONG,
        {"a:b": tuple(f"{20 + n}.5" for n in range(50))},
    )


def _addresses(mark: str) -> Trick:
    ranges = [f"{number:x}::" for number in range(650)]
    return _text(mark, Resource="*", Condition={"IpAddress": {"a:b": ranges}}), LONG, {"a:b": "1.1.1.1"}


def _long_values(mark: str) -> Trick:
    values = [f"${{a:b}}{number}" for number in range(460)]
    condition = {"StringEqualsIgnoreCase": {"a:c": values}}
    return _text(mark, Resource="*", Condition=condition), LONG, {"a:b": "a" * 8000, "a:c": "a" * 8003}


def _prefixes(mark: str) -> Trick:
    """Patterns each of which is the beginning of the next."""
    return (
        _text(mark, Resource=["arn:aws:s3:::" + "a" * length + "*" for length in range(90)]),
        LONG + "b",
        {},
    )


def _many_statements(mark: str) -> Trick:
    found = [statement("Deny", "*", f"*{number}*{mark}") for number in range(100)]
    return json.dumps(policy(*found)), LONG, {}


# -- texts ------------------------------------------------------------------------------------------


def _nested(mark: str) -> Trick:
    return '{"Statement":' + "[" * 50_000 + f'"{mark}"' + "]" * 50_000 + "}", LONG, {}


def _wide(mark: str) -> Trick:
    return '{"Statement":[' + '{"Sid":"' + mark + '"},' * 9_000 + "{}]}", LONG, {}


def _invalid_utf8(mark: str) -> Trick:
    return _text(mark, Resource="*").encode() + b"\xff\xfe", LONG, {}


def _lone_surrogate(mark: str) -> Trick:
    return _text(mark, Resource="arn:aws:s3:::\ud800"), LONG, {}


def _too_long(mark: str) -> Trick:
    return _text(mark, Resource="*") + " " * 10_000_000, LONG, {}


def _text(mark: str, **more: Any) -> str:
    return json.dumps(policy({"Effect": "Allow", "Action": "s3:*", "Sid": mark, **more}))


NINES = "9" * 3000
_LETTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits
_ALL = _LETTERS * 150
_FIFTY = tuple((_LETTERS * 3)[number : number + 124] for number in range(50))
_WIDE = "".join(map(chr, range(0x4E00, 0x6800)))
_ARNS = tuple(f"arn:aws:iam:us-east-1:{number:012}:" + "a" * 150 for number in range(50))
TRICKS: Mapping[str, Callable[[str], Trick]] = {
    "a*a*a*...b": _resource("arn:aws:s3:::" + "a*" * 3000 + "b"),
    "many a*a*a*...b": _resource("arn:aws:s3:::" + "a*" * 20 + "b"),
    "?*?*?*...b": _resource("arn:aws:s3:::" + "?*" * 3000 + "b"),
    "many *?a*?a*...b": _resource("*" + "?a*" * 15 + "b"),
    "only stars": _resource("*" * 2000),
    "only question marks": _resource("arn:aws:s3:::" + "?" * 5900),
    "question marks within": _resource("arn:aws:s3:::" + "*a?a" * 1400),
    "many a?a*": _resource("arn:aws:s3:::*a?a?a*b?"),
    "stars in every segment": _resource("*a*:*a*:*a*:*a*:*a*:*a*b"),
    "different wildcards": _different_resources,
    "each the beginning of the next": _prefixes,
    "actions of wildcards": _actions,
    "variables between stars": _variables,
    "a hundred denies": _many_statements,
    "StringLike a*a*...b": _condition("StringLike", "a*" * 2900 + "b", "a" * 10_000),
    "StringNotLike *a*a...": _condition("StringNotLike", "*a" * 20 + "b", "a" * 10_000),
    "StringLike of gaps": _condition("StringLike", "*" + "a?bc?d*" * 800, "aabcdd" * 1_000),
    "StringLike of one gap": _condition("StringLike", "*" + "a?" * 2900 + "b*", "a" * 10_000),
    "600 patterns, 50 values": _many_values("*Nb*"),
    "600 patterns of gaps, 50 values": _many_values("a?N*"),
    "gaps of two letters, 50 values": _misses("ForAnyValue:StringLike", "*X?Y*", given=_FIFTY),
    "gaps of two letters": _misses("StringLike", "*X?Y*", given=_ALL),
    "gaps of two letters, a wide text": _misses("StringLike", "*X?Y*", given=_LETTERS * 70 + _WIDE),
    "stars of two letters, 50 values": _misses("ForAllValues:StringNotLike", "*X*Y*-", given=_FIFTY),
    "stars of two letters": _misses("StringLike", "*X*Y*-*", given=_ALL),
    "ARNs of two letters, 50 values": _misses("ForAllValues:ArnNotLike", "a*:a*:i*:*:*:?X?Y*-", given=_ARNS),
    "a key in every case, gaps": _spellings("ForAllValues:StringNotLike", "*aN?N*", _FIFTY),
    "a key in every case, variables": _spellings("ForAllValues:StringNotLike", "*${a:b}?N*", _FIFTY),
    "a key in every case, numbers": _spellings(
        "ForAllValues:NumericNotEquals", "N", tuple(f"{number}.5" for number in range(50))
    ),
    "a key in every case, addresses": _spellings(
        "ForAllValues:NotIpAddress", "N::/9", tuple(f"2001:db8::{number}" for number in range(50))
    ),
    "many numbers, 50 values": _numbers,
    "many addresses": _addresses,
    "long values of variables": _long_values,
    "short ARNs": _resource("arn:*"),
    "ArnLike of stars": _condition(
        "ArnLike", "arn:*a*:*a*:*a*:*a*:*a*b", "arn:" + "a" * 2000 + ":a:a:a:" + "a" * 8000
    ),
    "huge numbers": _condition("NumericEquals", "9" * 120 + "e999", "9" * 120 + "e-999"),
    "huger numbers": _condition("NumericEquals", NINES, NINES),
    "an endless exponent": _condition("NumericLessThan", "1e" + NINES, "1"),
    "endless dates": _condition("DateEquals", "2024-01-01T00:00:00." + NINES + "Z", "0" * 10_000),
    "endless addresses": _condition("IpAddress", "1" * 2900 + "/" + NINES, "1." * 5000),
    "endless base64": _condition("BinaryEquals", "YWJj" * 1000, "YWJj" * 4000),
    "nested 50,000 deep": _nested,
    "9,000 empty statements": _wide,
    "ten megabytes": _too_long,
    "invalid UTF-8": _invalid_utf8,
    "a lone surrogate": _lone_surrogate,
}

"""The condition operators: what each of them compares, and one closure for one operator with one key.

A row of the table says how the values of a policy become a test of one value of a request, and whether it is
negated. The rest is the same for all of them:

- A key that the request does not have: negated operators and `...IfExists` hold, the others do not.
- The values of the policy are alternatives; for a negated operator none may match.
- A value that is not of the operator's type (text as a number, half an address) never matches, negated
  or not.
- `ForAllValues` holds of every value of the request, and so of none; `ForAnyValue` of at least one.
- Without one of the two, a multivalued key matches nothing.
- An operator without values never holds.

Source: "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys" in
the IAM User Guide.
"""

from __future__ import annotations

import operator as compare
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from rolekeeper.policy.crowd import Crowd, Patterns, is_simple
from rolekeeper.policy.document import Condition, Qualifier
from rolekeeper.policy.patterns import Alternatives
from rolekeeper.policy.scan import Scan, scan, scan_arns
from rolekeeper.policy.shapes import Test, test_of
from rolekeeper.policy.tokens import SEGMENTS, Tokens, has_segments, plain_text
from rolekeeper.policy.values import address, boolean, decoded, instant, network, number
from rolekeeper.policy.variables import Lookup, Template, expand, is_constant, parse_template

Value: TypeAlias = "str | tuple[str, ...] | None"
"""What a request has for a key: one value, several, or none."""

Check: TypeAlias = Callable[[Lookup], bool]
"""Whether a condition holds of a request, given the request's keys."""

Build: TypeAlias = Callable[[Sequence[Tokens], bool], Test]
"""The test of one value of the request, from the values of the policy; the flag says that it is negated."""


class Operator(NamedTuple):
    """A row of the table. Only text operators take variables, and of those only some take wildcards.

    Those have `patterns` as well, for where many values of a policy are held against many of a request.
    """

    build: Build
    negated: bool = False
    variables: bool = False
    wildcards: bool = False
    patterns: Callable[[Sequence[Tokens]], Patterns] | None = None


def compile_condition(condition: Condition, *, variables: bool) -> Check:
    """One operator with one key, as a closure; `variables` says whether the document's version has them."""
    key = condition.key.lower()
    if not condition.values:
        return _never
    if condition.base == "Null":
        return _null(key, condition.values)
    row = OPERATORS[condition.base]
    values = [_template(value, row, variables) for value in condition.values]
    constant = [value for value in values if is_constant(value)]
    missing = condition.if_exists or (
        row.negated if condition.qualifier is None else condition.qualifier == "ForAllValues"
    )
    if len(constant) < len(values):
        return _changing_check(key, condition.qualifier, missing, row, values)
    if condition.base == "StringEquals" and condition.qualifier is None and not missing:
        texts = frozenset(plain_text(value) for value in constant)
        return lambda lookup: lookup(key) in texts  # neither several values nor none are in it
    return _check(key, condition.qualifier, missing, row, constant)


def _template(value: str, row: Operator, variables: bool) -> Template:
    if not row.variables:
        return [value]
    return parse_template(value, wildcards=row.wildcards, variables=variables)


# -- how a test is applied to the values of the request ---------------------------------------------


def _check(
    key: str, qualifier: Qualifier | None, missing: bool, row: Operator, values: Sequence[Tokens]
) -> Check:
    if qualifier is not None and row.patterns is not None and not all(map(is_simple, values)):
        crowd = Crowd(row.patterns(values), row.negated, lambda: row.build(values, row.negated))
        return _crowd_check(key, missing, crowd.all if qualifier == "ForAllValues" else crowd.any)
    test = row.build(values, row.negated)
    if qualifier == "ForAllValues":
        return lambda lookup: _holds_of_all(lookup(key), test)
    if qualifier == "ForAnyValue":
        return lambda lookup: _holds_of_any(lookup(key), test, missing)

    def check(lookup: Lookup) -> bool:
        value = lookup(key)
        if value is None:
            return missing
        return isinstance(value, str) and test(value)

    return check


def _crowd_check(key: str, missing: bool, holds: Callable[[tuple[str, ...]], bool]) -> Check:
    def check(lookup: Lookup) -> bool:
        value = lookup(key)
        if value is None:
            return missing
        return holds((value,) if isinstance(value, str) else value)

    return check


def _changing_check(
    key: str, qualifier: Qualifier | None, missing: bool, row: Operator, values: Sequence[Template]
) -> Check:
    """The same for values with variables: the test is made anew from each request that has the key.

    A value whose variable has none matches nothing; where the operator is negated, it excludes nothing.
    """

    def check(lookup: Lookup) -> bool:
        given = lookup(key)
        if given is None:
            return missing
        longest = sys.maxsize if row.build is _arn else _longest(given)  # one that is no ARN tells, too
        expanded = [tokens for value in values if (tokens := expand(value, lookup, longest)) is not None]
        return _check(key, qualifier, missing, row, expanded)(lookup)

    return check


def _longest(given: Value) -> int:
    """The most characters of what can be equal to one of the request's values, whose case may be ignored."""
    texts = (given,) if isinstance(given, str) else given or ()
    return max((len(text.lower()) for text in texts), default=0)


def _holds_of_all(value: Value, test: Test) -> bool:
    if value is None:
        return True
    return test(value) if isinstance(value, str) else all(map(test, value))


def _holds_of_any(value: Value, test: Test, missing: bool) -> bool:
    if value is None:
        return missing
    return test(value) if isinstance(value, str) else any(map(test, value))


def _null(key: str, values: Sequence[str]) -> Check:
    """`true` asks for the key's absence, `false` for its presence."""
    wanted = {boolean(value) for value in values}
    if_absent, if_present = True in wanted, False in wanted
    return lambda lookup: if_absent if lookup(key) is None else if_present


def _never(lookup: Lookup) -> bool:
    return False


# -- text -----------------------------------------------------------------------------------------


def _equals(values: Sequence[Tokens], negated: bool) -> Test:
    texts = frozenset(plain_text(value) for value in values)
    return _not(texts.__contains__) if negated else texts.__contains__


def _equals_ignoring_case(values: Sequence[Tokens], negated: bool) -> Test:
    texts = frozenset(text.lower() for value in values if (text := plain_text(value)) is not None)
    return lambda text: (text.lower() in texts) is not negated


def _like(values: Sequence[Tokens], negated: bool) -> Test:
    if len(values) == 1:
        test = test_of(values[0])
    else:
        alternatives = Alternatives()
        for value in values:
            alternatives.add(value)
        test = alternatives.test()
    return _not(test) if negated else test


def _like_patterns(values: Sequence[Tokens]) -> Patterns:
    return Patterns(values, scan)


def _arn(values: Sequence[Tokens], negated: bool) -> Test:
    """Six segments against six, each matched alone."""
    alternatives = Alternatives()
    patterns = [value for value in values if has_segments(value)]
    for value in patterns:
        alternatives.add_arn(value)
    test = alternatives.test()
    if not negated:
        certain = all(isinstance(value[0], str) and value[0].startswith("arn:") for value in patterns)
        return test if certain else lambda text: _is_arn(text) and test(text)
    typed = len(patterns) == len(values)
    return lambda text: typed and _is_arn(text) and not test(text)


def _arn_patterns(values: Sequence[Tokens]) -> Patterns:
    patterns = [value for value in values if has_segments(value)]
    return Patterns(patterns, _scan_arns, len(patterns) == len(values))


def _scan_arns(texts: tuple[str, ...]) -> Scan:
    return scan_arns(tuple(filter(_is_arn, texts)))


def _is_arn(text: str) -> bool:
    return text.startswith("arn:") and text.count(":") >= SEGMENTS - 1


def _not(test: Callable[[str], bool]) -> Test:
    return lambda text: not test(text)


# -- addresses ------------------------------------------------------------------------------------


def _addresses(values: Sequence[Tokens], negated: bool) -> Test:
    """Ranges of one length are one set: a long list costs as many looks as it has lengths."""
    ranges = [network(plain_text(value) or "") for value in values]
    if negated and None in ranges:
        return lambda text: False
    starts: dict[tuple[int, int], set[int]] = {}
    for found in ranges:
        if found is not None:
            starts.setdefault((found.version, found.mask), set()).add(found.start)
    groups = [(version, mask, frozenset(numbers)) for (version, mask), numbers in starts.items()]

    def test(text: str) -> bool:
        host = address(text)
        if host is None:
            return False
        for version, mask, numbers in groups:
            if version == host.version and host.number & mask in numbers:
                return not negated
        return negated

    return test


# -- typed values ---------------------------------------------------------------------------------


def _typed(read: Callable[[str], Any], holds: Callable[[Any, Any], bool] | None = None) -> Build:
    """The family that reads both sides and compares what it has read: equal, where no comparison is given.

    Of many values that a value may be less than, the greatest is the one to ask for.
    """

    def build(values: Sequence[Tokens], negated: bool) -> Test:
        read_values = [read(plain_text(value) or "") for value in values]
        wanted = frozenset(value for value in read_values if value is not None)
        if negated and None in read_values:
            return lambda text: False
        if holds is None:
            return lambda text: (value := read(text)) is not None and (value in wanted) is not negated
        if not wanted:
            return lambda text: False
        bound = (max if holds in (compare.lt, compare.le) else min)(wanted)
        return lambda text: (value := read(text)) is not None and holds(value, bound)

    return build


def _numeric(holds: Callable[[Any, Any], bool] | None = None, *, negated: bool = False) -> Operator:
    return Operator(_typed(number, holds), negated=negated)


def _date(holds: Callable[[Any, Any], bool] | None = None, *, negated: bool = False) -> Operator:
    return Operator(_typed(instant, holds), negated=negated)


def _text(build: Build, *, negated: bool = False) -> Operator:
    return Operator(build, negated=negated, variables=True)


def _wild(
    build: Build, patterns: Callable[[Sequence[Tokens]], Patterns], *, negated: bool = False
) -> Operator:
    return Operator(build, negated=negated, variables=True, wildcards=True, patterns=patterns)


OPERATORS: Final[dict[str, Operator]] = {
    "StringEquals": _text(_equals),
    "StringNotEquals": _text(_equals, negated=True),
    "StringEqualsIgnoreCase": _text(_equals_ignoring_case),
    "StringNotEqualsIgnoreCase": _text(_equals_ignoring_case, negated=True),
    "StringLike": _wild(_like, _like_patterns),
    "StringNotLike": _wild(_like, _like_patterns, negated=True),
    "ArnEquals": _wild(_arn, _arn_patterns),
    "ArnNotEquals": _wild(_arn, _arn_patterns, negated=True),
    "ArnLike": _wild(_arn, _arn_patterns),
    "ArnNotLike": _wild(_arn, _arn_patterns, negated=True),
    "NumericEquals": _numeric(),
    "NumericNotEquals": _numeric(negated=True),
    "NumericLessThan": _numeric(compare.lt),
    "NumericLessThanEquals": _numeric(compare.le),
    "NumericGreaterThan": _numeric(compare.gt),
    "NumericGreaterThanEquals": _numeric(compare.ge),
    "DateEquals": _date(),
    "DateNotEquals": _date(negated=True),
    "DateLessThan": _date(compare.lt),
    "DateLessThanEquals": _date(compare.le),
    "DateGreaterThan": _date(compare.gt),
    "DateGreaterThanEquals": _date(compare.ge),
    "Bool": Operator(_typed(boolean)),
    "BinaryEquals": Operator(_typed(decoded)),
    "IpAddress": Operator(_addresses),
    "NotIpAddress": Operator(_addresses, negated=True),
}
"""Every operator but `Null`, by AWS's spelling, without qualifier and without `IfExists`."""

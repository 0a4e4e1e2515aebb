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
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from rolekeeper.policy.crowd import FEW, Crowd, Patterns
from rolekeeper.policy.document import Condition, Qualifier
from rolekeeper.policy.patterns import Alternatives
from rolekeeper.policy.scan import Scan, scan, scan_arns
from rolekeeper.policy.shapes import Test, test_of
from rolekeeper.policy.tokens import SEGMENTS, Tokens, has_segments, plain_text, tokenize
from rolekeeper.policy.values import Address, address, boolean, decoded, instant, network, number
from rolekeeper.policy.variables import Lookup, Template, expand, is_constant, parse_template

Value: TypeAlias = "str | tuple[str, ...] | None"
"""What a request has for a key: one value, several, or none."""

Check: TypeAlias = Callable[[Lookup], bool]
"""Whether a condition holds of a request, given the request's keys."""

Holds: TypeAlias = Callable[[Any], bool]
"""The test of what has been read of one value of the request; that is None where it is not of the type."""

Build: TypeAlias = Callable[[Sequence[Tokens], bool], Holds]
"""The test of one value of the request, from the values of the policy; the flag says that it is negated."""


class Operator(NamedTuple):
    """A row of the table. Only text operators take variables, and of those only some take wildcards.

    Those have `patterns` as well, for where many values of a policy are held against many of a request.
    `read` is what is done to a value of the request first; without one the text itself is tested.
    """

    build: Build
    read: Callable[[str], Any] | None = None
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
    missing = condition.if_exists or (
        row.negated if condition.qualifier is None else condition.qualifier == "ForAllValues"
    )
    constant = _constant(condition.values, row, variables and row.variables)
    if constant is None:
        return _changing_check(key, condition.qualifier, missing, row, _templates(condition.values, row))
    if condition.base == "StringEquals" and condition.qualifier is None and not missing:
        texts = frozenset(plain_text(value) for value in constant)
        return lambda lookup: lookup(key) in texts  # neither several values nor none are in it
    return _check(key, condition.qualifier, missing, row, constant)


def _constant(values: Sequence[str], row: Operator, variables: bool) -> Sequence[Tokens] | None:
    """The values of a policy; None where one of them changes with the request."""
    if not (variables and any("${" in value for value in values)):
        return [tokenize(value) if row.wildcards else [value] for value in values]
    templates = _templates(values, row)
    constant = [template for template in templates if is_constant(template)]
    return constant if len(constant) == len(templates) else None


def _templates(values: Sequence[str], row: Operator) -> list[Template]:
    return [parse_template(value, wildcards=row.wildcards) for value in values]


# -- how a test is applied to the values of the request ---------------------------------------------


def _check(
    key: str, qualifier: Qualifier | None, missing: bool, row: Operator, values: Sequence[Tokens]
) -> Check:
    if qualifier is not None and row.patterns is not None:
        crowd = Crowd(row.patterns(values), row.negated, lambda: row.build(values, row.negated))
        return _crowd_check(key, missing, crowd.all if qualifier == "ForAllValues" else crowd.any)
    test, read = row.build(values, row.negated), row.read
    if qualifier is not None:
        some = all if qualifier == "ForAllValues" else any
        if read is None:
            return _crowd_check(key, missing, lambda texts: some(map(test, texts)))
        return _crowd_check(key, missing, lambda texts: some(map(test, _all_read(read, texts))))
    return _check_text(key, missing, test) if read is None else _check_read(key, missing, test, read)


def _check_text(key: str, missing: bool, test: Test) -> Check:
    def check(lookup: Lookup) -> bool:
        value = lookup(key)
        if value is None:
            return missing
        return isinstance(value, str) and test(value)

    return check


def _check_read(key: str, missing: bool, test: Holds, read: Callable[[str], Any]) -> Check:
    def check(lookup: Lookup) -> bool:
        value = lookup(key)
        if value is None:
            return missing
        return isinstance(value, str) and test(read(value))

    return check


@lru_cache(maxsize=16)
def _all_read(read: Callable[[str], Any], texts: tuple[str, ...]) -> Sequence[Any]:
    """What many values are, each once: condition after condition asks for those of one key."""
    return tuple(dict.fromkeys(map(read, texts)))


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

    pruned = len(values) > FEW and row.build in (_equals, _equals_ignoring_case, _like)

    def check(lookup: Lookup) -> bool:
        given = lookup(key)
        if given is None:
            return missing
        longest = sys.maxsize if row.build is _arn else _longest(given)  # one that is no ARN tells, too
        expanded = [tokens for value in values if (tokens := expand(value, lookup, longest)) is not None]
        if pruned and isinstance(given, str):
            text = given if row.read is None else row.read(given)
            expanded = [tokens for tokens in expanded if _may_begin(text, tokens, row.read)]
        return _check(key, qualifier, missing, row, expanded)(lookup)

    return check


def _may_begin(text: str, tokens: Tokens, read: Callable[[str], str] | None) -> bool:
    """Whether a text begins as a pattern does; long values of variables are not put together where not."""
    place = 0
    for token in tokens:
        if not isinstance(token, str) or (read is not None and _SIGMA in token):
            return True
        piece = token if read is None else read(token)
        if not text.startswith(piece, place):
            return False
        place += len(piece)
    return place == len(text)


_SIGMA: Final = "\u03a3"
"""The one letter whose lower case depends on what stands beside it."""


@lru_cache(maxsize=16)
def _longest(given: Value) -> int:
    """The most characters of what can be equal to one of the request's values, whose case may be ignored."""
    texts = (given,) if isinstance(given, str) else given or ()
    return max((len(text.lower()) for text in texts), default=0)


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
    return _not(texts.__contains__) if negated else texts.__contains__


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


def _addresses(values: Sequence[Tokens], negated: bool) -> Holds:
    """Ranges of one length are one set: a long list costs as many looks as it has lengths."""
    ranges = [network(plain_text(value) or "") for value in values]
    if negated and None in ranges:
        return _holds_never
    starts: dict[tuple[int, int], set[int]] = {}
    for found in ranges:
        if found is not None:
            starts.setdefault((found.version, found.mask), set()).add(found.start)
    groups = [(version, mask, frozenset(numbers)) for (version, mask), numbers in starts.items()]
    if len(groups) == 1:
        return _in_range(*groups[0], negated)

    def test(host: Address | None) -> bool:
        if host is None:
            return False
        for version, mask, numbers in groups:
            if version == host.version and host.number & mask in numbers:
                return not negated
        return negated

    return test


def _in_range(version: int, mask: int, numbers: frozenset[int], negated: bool) -> Holds:
    """The same for ranges of one length, as most policies have them."""
    if negated:
        return lambda host: host is not None and not (host[1] & mask in numbers and host[0] == version)
    return lambda host: host is not None and host[1] & mask in numbers and host[0] == version


# -- typed values ---------------------------------------------------------------------------------


def _typed(read: Callable[[str], Any], holds: Callable[[Any, Any], bool] | None = None) -> Build:
    """The family that reads both sides and compares what it has read: equal, where no comparison is given.

    Of many values that a value may be less than, the greatest is the one to ask for.
    """

    def build(values: Sequence[Tokens], negated: bool) -> Holds:
        read_values = [read(plain_text(value) or "") for value in values]
        wanted = frozenset(value for value in read_values if value is not None)
        if (negated and None in read_values) or (not negated and not wanted):
            return _holds_never
        if holds is None and negated:
            return lambda value: value is not None and value not in wanted
        if holds is None:
            return wanted.__contains__  # None, which no value of a policy is here, is not in it
        bound = (max if holds in (compare.lt, compare.le) else min)(wanted)
        return lambda value: value is not None and holds(value, bound)

    return build


def _holds_never(value: object) -> bool:
    return False


def _numeric(holds: Callable[[Any, Any], bool] | None = None, *, negated: bool = False) -> Operator:
    return Operator(_typed(number, holds), number, negated=negated)


def _date(holds: Callable[[Any, Any], bool] | None = None, *, negated: bool = False) -> Operator:
    return Operator(_typed(instant, holds), instant, negated=negated)


def _text(build: Build, read: Callable[[str], Any] | None = None, *, negated: bool = False) -> Operator:
    return Operator(build, read, negated=negated, variables=True)


def _wild(
    build: Build, patterns: Callable[[Sequence[Tokens]], Patterns], *, negated: bool = False
) -> Operator:
    return Operator(build, negated=negated, variables=True, wildcards=True, patterns=patterns)


OPERATORS: Final[dict[str, Operator]] = {
    "StringEquals": _text(_equals),
    "StringNotEquals": _text(_equals, negated=True),
    "StringEqualsIgnoreCase": _text(_equals_ignoring_case, str.lower),
    "StringNotEqualsIgnoreCase": _text(_equals_ignoring_case, str.lower, negated=True),
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
    "Bool": Operator(_typed(boolean), boolean),
    "BinaryEquals": Operator(_typed(decoded), decoded),
    "IpAddress": Operator(_addresses, address),
    "NotIpAddress": Operator(_addresses, address, negated=True),
}
"""Every operator but `Null`, by AWS's spelling, without qualifier and without `IfExists`."""

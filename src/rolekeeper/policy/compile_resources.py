"""Resource and NotResource as closures.

What depends on the kind of policy is decided here: how an ARN pattern of fewer than six segments is read.
Source: "IAM JSON policy elements: Resource" and "... NotResource" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from rolekeeper.policy.beginnings import beginning
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import Statement
from rolekeeper.policy.patterns import Alternatives, Test, any_of, is_always, is_never
from rolekeeper.policy.tokens import SEGMENTS, Token, Wildcard, plain_text, tokenize
from rolekeeper.policy.variables import Lookup, Template, expand, is_constant, parse_template

Applies: TypeAlias = Callable[[RequestContext, Lookup], int]
"""Whether a statement applies to a request of whose action it speaks: 0, or how closely (`audience`)."""

Changing: TypeAlias = Callable[[str, Lookup], bool]
"""Whether a pattern with variables matches a resource, given the request's keys."""

ANYWHERE: Final = ("",)
"""How a resource begins of which nothing is known."""

_PADDED: Final = frozenset({"identity", "boundary", "session"})


def compile_resources(statement: Statement, layer: Layer, variables: bool) -> tuple[Applies | None, bool]:
    """The test of the resource, and whether it asks for keys; None where every resource passes."""
    inverted = statement.resources is None
    patterns = statement.not_resources if inverted else statement.resources
    if patterns is None:
        return None, False
    static, changing = _tests(patterns, layer, variables)
    if changing:
        return _changing_resource(static, changing, inverted), True
    if inverted:
        return (lambda context, lookup: not static(context.resource)), False
    return (None if is_always(static) else lambda context, lookup: static(context.resource)), False


def names_star(statement: Statement) -> bool:
    """Whether it speaks of `*`, on which an action is asked that takes no resources: no ARN matches that."""
    if statement.resources is not None:
        return any_of(statement.resources)("*")
    return statement.not_resources is None or not any_of(statement.not_resources)("*")


def resource_beginnings(statement: Statement) -> tuple[str, ...]:
    """How the resources begin of which a statement can speak."""
    if statement.resources is None:
        return ANYWHERE
    found = {beginning(pattern) for pattern in statement.resources}
    return ANYWHERE if "" in found else tuple(found)


def _changing_resource(static: Test, changing: Sequence[Changing], inverted: bool) -> Applies:
    def applies(context: RequestContext, lookup: Lookup) -> int:
        resource = context.resource
        listed = static(resource) or any(pattern(resource, lookup) for pattern in changing)
        return listed is not inverted

    return applies


def _tests(patterns: Sequence[str], layer: Layer, variables: bool) -> tuple[Test, list[Changing]]:
    """The patterns as a test of a resource; and those which change with the request.

    A pattern of fewer than six segments is one text where the resource has no ARN's form, else it is padded.
    """
    alternatives, as_written = Alternatives(), Alternatives()
    changing: list[Changing] = []
    for pattern in dict.fromkeys(patterns):
        segments = pattern.split(":", SEGMENTS - 1)
        if len(segments) == 1:
            alternatives.add(tokenize(pattern))
            continue
        if len(segments) < SEGMENTS:
            as_written.add(tokenize(pattern))
            if _is_padded(pattern, layer):
                alternatives.add_segments([*map(tokenize, segments), *[_STAR] * (SEGMENTS - len(segments))])
            continue
        *head, last = segments
        tail = parse_template(last, wildcards=True, variables=variables)
        if is_constant(tail):
            alternatives.add_segments([*map(tokenize, head), tail])
        else:
            changing.append(_changing(head, tail))
    short = as_written.test()
    if not is_never(short):
        alternatives.add_test(lambda text: text.count(":") < SEGMENTS - 1 and short(text))
    return alternatives.test(), changing


_STAR: Final[Sequence[Token]] = [Wildcard.ANY]


def _is_padded(pattern: str, layer: Layer) -> bool:
    if layer in _PADDED:
        return True
    if layer == "scp":
        return pattern.endswith("*")
    return layer in ("resource", "vpc_endpoint") and plain_text(tokenize(pattern)) is None


def _changing(head: Sequence[str], tail: Template) -> Changing:
    """A pattern whose last segment has variables: the first five are tested as they are."""
    first_five = Alternatives()
    first_five.add_segments([*map(tokenize, head), [Wildcard.ANY]])
    head_matches = first_five.test()

    def test(resource: str, lookup: Lookup) -> bool:
        if not head_matches(resource):
            return False
        tokens = expand(tail, lookup)
        if tokens is None:
            return False
        alternatives = Alternatives()
        alternatives.add(tokens)
        return alternatives.test()(resource.split(":", SEGMENTS - 1)[-1])

    return test

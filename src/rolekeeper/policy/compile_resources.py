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
from rolekeeper.policy.patterns import Alternatives, any_of, is_always
from rolekeeper.policy.shapes import Test
from rolekeeper.policy.tokens import SEGMENTS, plain_text, tokenize
from rolekeeper.policy.variables import Lookup, Template, expand, is_constant, parse_template

Applies: TypeAlias = Callable[[RequestContext, Lookup], int]
"""Whether a statement applies to a request of whose action it speaks: 0, or how closely (`audience`)."""

Changing: TypeAlias = "Sequence[tuple[Test, Sequence[Template]]]"
"""Patterns whose last segment has variables: the test of the first five, and those last ones."""

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


def _changing_resource(static: Test, changing: Changing, inverted: bool) -> Applies:
    def applies(context: RequestContext, lookup: Lookup) -> int:
        resource = context.resource
        listed = static(resource) or _some_changing(changing, resource, lookup)
        return listed is not inverted

    return applies


def _tests(patterns: Sequence[str], layer: Layer, variables: bool) -> tuple[Test, Changing]:
    """The patterns as a test of a resource; and those which change with the request.

    A pattern of fewer than six segments is one text where the resource has no ARN's form, else it is padded.
    """
    alternatives = Alternatives()
    short: list[str] = []
    changing: dict[str, list[Template]] = {}
    for pattern in dict.fromkeys(patterns):
        segments = pattern.split(":", SEGMENTS - 1)
        if len(segments) == 1:
            alternatives.add(tokenize(pattern))
            continue
        if len(segments) < SEGMENTS:
            short.append(pattern)
            if _is_padded(pattern, layer):
                alternatives.add_arn(tokenize(pattern + ":*" * (SEGMENTS - len(segments))))
            continue
        last = segments[-1]
        if not variables or "${" not in last:
            alternatives.add_arn(tokenize(pattern))
            continue
        head, tail = pattern.removesuffix(last), parse_template(last, wildcards=True)
        if is_constant(tail):
            alternatives.add_arn([*tokenize(head), *tail])
        else:
            changing.setdefault(head, []).append(tail)
    if short:
        alternatives.add_test(_as_written(short))
    return alternatives.test(), [(_head_test(head), tails) for head, tails in changing.items()]


def _is_padded(pattern: str, layer: Layer) -> bool:
    if layer in _PADDED:
        return True
    if layer == "scp":
        return pattern.endswith("*")
    return layer in ("resource", "vpc_endpoint") and plain_text(tokenize(pattern)) is None


def _as_written(short: Sequence[str]) -> Test:
    """The test of patterns of fewer than six segments, made for the first resource that has no ARN's form."""
    made: list[Test] = []

    def test(text: str) -> bool:
        if text.count(":") >= SEGMENTS - 1:
            return False
        if not made:
            made.append(any_of(short))
        return made[0](text)

    return test


# -- patterns with variables ------------------------------------------------------------------------


def _head_test(head: str) -> Test:
    """The first five segments, which have no variables: they are tested as they are."""
    first_five = Alternatives()
    first_five.add_arn(tokenize(f"{head}*"))
    return first_five.test()


def _some_changing(changing: Changing, resource: str, lookup: Lookup) -> bool:
    """Whether one of the patterns matches a resource, given the request's keys."""
    for head_matches, tails in changing:
        if head_matches(resource):
            last = resource.split(":", SEGMENTS - 1)[-1]
            alternatives = Alternatives()
            for tail in tails:
                tokens = expand(tail, lookup, len(last))
                if tokens is not None:
                    alternatives.add(tokens)
            if alternatives.test()(last):
                return True
    return False

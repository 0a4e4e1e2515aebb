"""Policies as closures: what can be known before any request is known is done here, once.

A statement becomes one function of a request, made of the tests that it needs and no others. A document holds
every action that it is asked about against its statements once, and from then on knows which of them speak of
it: an exact index, filled as it is used. Compiled documents are shared, in a bounded cache, by their text.

What depends on the kind of policy is decided here too: how an ARN pattern of fewer than six segments is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rolekeeper.policy.audience import Audience, compile_audience, everyone
from rolekeeper.policy.conditions import Check, compile_condition
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import PolicyDocument, Statement
from rolekeeper.policy.patterns import (
    SEGMENTS,
    Alternatives,
    Test,
    Token,
    Wildcard,
    any_of,
    is_always,
    matcher,
    plain_text,
    tokenize,
)
from rolekeeper.policy.variables import Lookup, Template, expand, is_constant, parse_template

Applies: TypeAlias = Callable[[RequestContext, Lookup], int]
"""Whether a statement applies to a request of whose action it speaks: 0, or how closely (`audience`)."""

Changing: TypeAlias = Callable[[str, Lookup], bool]
"""Whether a pattern with variables matches a resource, given the request's keys."""

MAX_CHARACTERS: Final = 16_000_000
"""The text of all compiled documents that are kept; past it all are dropped, and made again as needed."""

MAX_ACTIONS: Final = 1024
"""Actions that one document's index keeps."""

_PADDED: Final = frozenset({"identity", "boundary", "session"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledStatement:
    """One statement: `speaks_of` tests a lower-case action, `applies` all the rest.

    `asks` says that it asks for keys of the request.
    """

    index: int
    sid: str | None
    deny: bool
    asks: bool
    speaks_of: Test
    applies: Applies


Selection: TypeAlias = tuple[tuple[CompiledStatement, ...], tuple[CompiledStatement, ...]]
"""The denies and the allows that speak of one action, each in the order of the document."""


class CompiledDocument:
    """A policy of one kind, ready to be asked."""

    __slots__ = ("_by_action", "statements")

    def __init__(self, statements: Iterable[CompiledStatement]) -> None:
        self.statements = tuple(statements)
        self._by_action: dict[str, Selection] = {}

    def select(self, action: str) -> Selection:
        """The statements that speak of an action, which is given in lower case."""
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= MAX_ACTIONS:
                self._by_action.clear()
            speaking = [statement for statement in self.statements if statement.speaks_of(action)]
            found = (
                tuple(statement for statement in speaking if statement.deny),
                tuple(statement for statement in speaking if not statement.deny),
            )
            self._by_action[action] = found
        return found


def compile_document(document: PolicyDocument, layer: Layer, *, bounded: bool = False) -> CompiledDocument:
    """The compiled form of a document that stands in `layer`; cheap when the text has been seen before.

    `bounded` says that the callers have a permissions boundary, which some denies ask (`audience`).
    """
    bounded = bounded and any(statement.not_principals is not None for statement in document.statements)
    key = (document.source, layer, bounded)
    found = _compiled.get(key)
    return found if found is not None else _compiled.add(key, document)


class _Cache(dict[tuple[str, Layer, bool], CompiledDocument]):
    """Compiled documents by their text and place, bounded by the length of the texts."""

    characters = 0

    def add(self, key: tuple[str, Layer, bool], document: PolicyDocument) -> CompiledDocument:
        """Compile a document and keep it."""
        _, layer, bounded = key
        compiled = CompiledDocument(
            compile_statement(statement, layer, variables=document.has_variables, bounded=bounded)
            for statement in document.statements
        )
        if self.characters > MAX_CHARACTERS:
            self.clear()
            self.characters = 0
        self.characters += len(document.source)
        self[key] = compiled
        return compiled


_compiled: Final = _Cache()


def compile_statement(
    statement: Statement, layer: Layer, *, variables: bool, bounded: bool = False
) -> CompiledStatement:
    """One statement as closures."""
    audience = compile_audience(statement, bounded=bounded)
    resource, changes = _resources(statement, layer, variables)
    checks = [compile_condition(condition, variables=variables) for condition in statement.conditions]
    return CompiledStatement(
        index=statement.index,
        sid=statement.sid,
        deny=statement.effect == "Deny",
        asks=changes or bool(checks),
        speaks_of=_actions(statement),
        applies=_applies(audience or (everyone if layer == "resource" else None), resource, checks),
    )


# -- Action and NotAction ---------------------------------------------------------------------------


def _actions(statement: Statement) -> Test:
    if statement.actions is not None:
        return any_of(filter(_is_action, map(str.lower, statement.actions)))
    listed = any_of(filter(_is_action, map(str.lower, statement.not_actions or ())))
    return lambda action: not listed(action)


def _is_action(pattern: str) -> bool:
    """Whether it can match at all: `*`, or a service without wildcards and a name without space or comma."""
    if pattern == "*":
        return True
    service, _, name = pattern.partition(":")
    return (
        bool(name) and not any(character in service for character in "*?") and not set(pattern) & {" ", ","}
    )


# -- Resource and NotResource -----------------------------------------------------------------------


def _resources(statement: Statement, layer: Layer, variables: bool) -> tuple[Applies | None, bool]:
    """The test of the resource, and whether it asks for keys; None where every resource passes."""
    inverted = statement.resources is None
    patterns = statement.not_resources if inverted else statement.resources
    if patterns is None:
        return None, False
    static, changing = _resource_tests(patterns, layer, variables)
    if changing:
        return _changing_resource(static, changing, inverted), True
    if inverted:
        return (lambda context, lookup: not static(context.resource)), False
    return (None if is_always(static) else lambda context, lookup: static(context.resource)), False


def _changing_resource(static: Test, changing: Sequence[Changing], inverted: bool) -> Applies:
    def applies(context: RequestContext, lookup: Lookup) -> int:
        resource = context.resource
        listed = static(resource) or any(pattern(resource, lookup) for pattern in changing)
        return listed is not inverted

    return applies


def _resource_tests(patterns: Sequence[str], layer: Layer, variables: bool) -> tuple[Test, list[Changing]]:
    alternatives = Alternatives()
    changing: list[Changing] = []
    for pattern in patterns:
        segments = pattern.split(":", SEGMENTS - 1)
        if len(segments) < SEGMENTS:
            _add_short(alternatives, pattern, segments, layer)
            continue
        *head, last = segments
        tail = parse_template(last, wildcards=True, variables=variables)
        if is_constant(tail):
            alternatives.add_segments([*map(tokenize, head), tail])
        else:
            changing.append(_changing(head, tail))
    return alternatives.test(), changing


def _add_short(alternatives: Alternatives, pattern: str, segments: Sequence[str], layer: Layer) -> None:
    """A pattern of fewer than six segments: one text where one of the two has no ARN's form, else padded."""
    if len(segments) == 1:
        alternatives.add(tokenize(pattern))
        return
    as_written = matcher(pattern)
    alternatives.add_test(lambda text: text.count(":") < SEGMENTS - 1 and as_written(text))
    if _is_padded(pattern, layer):
        missing: list[Sequence[Token]] = [[Wildcard.ANY]] * (SEGMENTS - len(segments))
        alternatives.add_segments([*map(tokenize, segments), *missing])


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


# -- all together -----------------------------------------------------------------------------------


def _applies(audience: Audience | None, resource: Applies | None, checks: Sequence[Check]) -> Applies:
    holds = _resource_and_checks(resource, checks)
    if audience is None:
        return holds
    if resource is None and not checks:
        return lambda context, lookup: audience(context.principal)

    def applies(context: RequestContext, lookup: Lookup) -> int:
        level = audience(context.principal)
        return level if level and holds(context, lookup) else 0

    return applies


def _resource_and_checks(resource: Applies | None, checks: Sequence[Check]) -> Applies:
    if not checks:
        return _everything if resource is None else resource
    if resource is None and len(checks) == 1:
        check = checks[0]
        return lambda context, lookup: check(lookup)

    def applies(context: RequestContext, lookup: Lookup) -> int:
        if resource is not None and not resource(context, lookup):
            return False
        for check in checks:  # noqa: SIM110 - a generator costs more than the checks
            if not check(lookup):
                return False
        return True

    return applies


def _everything(context: RequestContext, lookup: Lookup) -> int:
    return True

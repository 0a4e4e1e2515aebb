"""Policies as closures: what can be known before any request is known is done here, once.

A document holds every action that it is asked about against its statements once, and from then on knows which
of them speak of it: an exact index, filled as it is used. All else that a statement asks becomes one function
of a request, made of the tests that it needs and no others, when the first action is asked about of which the
statement speaks: most statements of most documents never are. Compiled documents are shared, in a bounded
cache, by their text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from rolekeeper.policy.audience import Audience, compile_audience, everyone
from rolekeeper.policy.compile_resources import (
    ANYWHERE,
    Applies,
    compile_resources,
    names_star,
    resource_beginnings,
)
from rolekeeper.policy.conditions import Check, compile_condition
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import PolicyDocument, Statement
from rolekeeper.policy.patterns import any_of
from rolekeeper.policy.shapes import Test
from rolekeeper.policy.variables import Lookup

MAX_CHARACTERS: Final = 16_000_000
"""The text of all compiled documents that are kept; past it all are dropped, and made again as needed."""

MAX_ACTIONS: Final = 1024
"""Actions that one document's index keeps."""


class Terms(NamedTuple):
    """What a statement asks of a request, its action apart.

    `asks` says that it asks for keys, `always` that it asks for nothing; `beginnings` are those of the
    resources of which it can speak.
    """

    applies: Applies
    asks: bool
    always: bool
    beginnings: tuple[str, ...]


class CompiledStatement:
    """One statement: `speaks_of` tests a lower-case action, and the terms are all the rest."""

    __slots__ = ("_bounded", "_layer", "_statement", "_terms", "_terms_on_star", "_variables", "speaks_of")

    def __init__(
        self, statement: Statement, layer: Layer, speaks_of: Test, *, variables: bool, bounded: bool
    ) -> None:
        self.speaks_of = speaks_of
        self._statement = statement
        self._layer: Layer = layer
        self._variables = variables
        self._bounded = bounded
        self._terms: Terms | None = None
        self._terms_on_star: Terms | None = None

    @property
    def index(self) -> int:
        """Its place in the document."""
        return self._statement.index

    @property
    def sid(self) -> str | None:
        """Its name, if it has one."""
        return self._statement.sid

    @property
    def deny(self) -> bool:
        """Whether it denies."""
        return self._statement.effect == "Deny"

    def terms(self) -> Terms:
        """What it asks of a request whose action takes resources."""
        if self._terms is None:
            resource, changes = compile_resources(self._statement, self._layer, self._variables)
            self._terms = self._compiled(resource, changes, resource_beginnings(self._statement))
        return self._terms

    def terms_on_star(self) -> Terms | None:
        """The same where the action takes none and so is asked on `*`; None if it does not speak of that."""
        if self._terms_on_star is None and names_star(self._statement):
            self._terms_on_star = self._compiled(None, False, ANYWHERE)
        return self._terms_on_star

    def _compiled(self, resource: Applies | None, changes: bool, beginnings: tuple[str, ...]) -> Terms:
        statement = self._statement
        audience = compile_audience(statement, bounded=self._bounded)
        checks = [compile_condition(each, variables=self._variables) for each in statement.conditions]
        if audience is None and self._layer == "resource":
            audience = everyone
        return Terms(
            applies=_applies(audience, resource, checks),
            asks=changes or bool(checks),
            always=audience in (None, everyone) and resource is None and not checks,
            beginnings=beginnings,
        )


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
            self._by_action[action] = found if speaking else _NOTHING
        return found


_NOTHING: Final[Selection] = ((), ())


_Key: TypeAlias = tuple[str, Layer, bool]
"""A document's text, the layer in which it stands, and whether its callers have a boundary."""


def compile_document(document: PolicyDocument, layer: Layer, *, bounded: bool = False) -> CompiledDocument:
    """The compiled form of a document that stands in `layer`; cheap when the text has been seen before.

    `bounded` says that the callers have a permissions boundary, which some denies ask (`audience`).
    """
    bounded = bounded and any(statement.not_principals is not None for statement in document.statements)
    key = (document.source, layer, bounded)
    found = _compiled.get(key)
    return found if found is not None else _compiled.add(key, document)


class _Cache:
    """Compiled documents by their text and place, bounded by the length of the texts."""

    __slots__ = ("_characters", "_documents", "get")

    def __init__(self) -> None:
        self._characters = 0
        self._documents: dict[_Key, CompiledDocument] = {}
        self.get = self._documents.get

    def add(self, key: _Key, document: PolicyDocument) -> CompiledDocument:
        """Compile a document and keep it."""
        _, layer, bounded = key
        if self._characters > MAX_CHARACTERS:
            self._documents.clear()
            self._characters = 0
        self._characters += len(document.source)
        compiled = self._documents[key] = _document(document, layer, bounded)
        return compiled


_compiled: Final = _Cache()


def _document(document: PolicyDocument, layer: Layer, bounded: bool) -> CompiledDocument:
    actions = _Actions()
    variables = document.has_variables
    return CompiledDocument(
        CompiledStatement(each, layer, actions.test(each), variables=variables, bounded=bounded)
        for each in document.statements
    )


# -- Action and NotAction ---------------------------------------------------------------------------


class _Actions:
    """The tests of the actions of one document, in which many statements have the same."""

    def __init__(self) -> None:
        self._tests: dict[tuple[str, ...], Test] = {}

    def test(self, statement: Statement) -> Test:
        """Whether a statement speaks of an action."""
        if statement.actions is not None:
            return self._listed(statement.actions)
        listed = self._listed(statement.not_actions or ())
        return lambda action: not listed(action)

    def _listed(self, patterns: tuple[str, ...]) -> Test:
        found = self._tests.get(patterns)
        if found is None:
            found = self._tests[patterns] = any_of(filter(_is_action, map(str.lower, patterns)))
        return found


def _is_action(pattern: str) -> bool:
    """Whether it can match at all: `*`, or a service without wildcards and a name without space or comma."""
    if pattern == "*":
        return True
    service, _, name = pattern.partition(":")
    wildcard = "*" in service or "?" in service
    return bool(name) and not wildcard and " " not in pattern and "," not in pattern


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

"""What a set of layers holds for one action: the denies in the order of blame, and the allows of each layer.

Layers are reused over many requests of one caller, so their plans are kept: found by the identity of the
layers, which the entry keeps alive, and by the action as it was asked for. Both are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from rolekeeper.policy.compile import Applies, CompiledDocument, CompiledStatement, compile_document
from rolekeeper.policy.decision import (
    LAYERS,
    Decision,
    Documents,
    Layer,
    Outcome,
    PolicyLayers,
    StatementReference,
)
from rolekeeper.policy.document import PolicyDocument

MAX_LAYERS: Final = 32_768
"""Sets of layers that are kept; past it all are dropped, and made again as needed."""

MAX_PLANS: Final = 512
"""Actions for which one set of layers keeps its plan."""


class Entry:
    """One statement in its place, with the decision that it causes by itself, made when first needed."""

    __slots__ = ("_document", "_layer", "_level", "_statement", "_together", "alone", "applies")

    def __init__(self, layer: Layer, level: int | None, document: int, statement: CompiledStatement) -> None:
        self._layer: Layer = layer
        self._level = level
        self._document = document
        self._statement = statement
        self.applies: Applies = statement.applies
        self.alone: Decision | None = None
        self._together: tuple[Entry, Decision] | None = None

    def decision(self) -> Decision:
        """The denial that a Deny is, or the grant that an Allow is where it suffices."""
        if self.alone is None:
            outcome = Outcome.EXPLICIT_DENY if self._statement.deny else Outcome.ALLOW
            self.alone = Decision(outcome=outcome, layer=self._layer, determining=(self.reference(),))
        return self.alone

    def decision_with(self, agreeing: Entry) -> Decision:
        """The grant of an identity's Allow to which the resource's policy has agreed; the last is kept."""
        if self._together is None or self._together[0] is not agreeing:
            determining = (self.reference(), agreeing.reference())
            decision = Decision(outcome=Outcome.ALLOW, layer=self._layer, determining=determining)
            self._together = (agreeing, decision)
            return decision
        return self._together[1]

    def reference(self) -> StatementReference:
        """Where the statement stands."""
        return StatementReference(
            layer=self._layer,
            level=self._level,
            document=self._document,
            statement=self._statement.index,
            sid=self._statement.sid,
        )


Entries: TypeAlias = tuple[Entry, ...]

Place: TypeAlias = tuple[Layer, int | None, int, CompiledDocument]
"""A document, and the layer, the level and the place in which it stands."""


class Plan:
    """The statements that speak of one action. A guard that does not apply is None.

    `asks` counts the statements that ask for keys of the request; `may_be_door` is false where the action
    alone says that its resource is no door; `organized` says that SCPs or RCPs bear on the request.
    """

    __slots__ = (
        "action",
        "asks",
        "boundary",
        "denies",
        "identity",
        "may_be_door",
        "organized",
        "rcp_allows",
        "resource",
        "scp",
        "session",
        "vpc_endpoint",
    )

    def __init__(self, action: str, layers: PolicyLayers, places: Iterable[Place]) -> None:
        denies: dict[Layer, list[Entry]] = {}
        allows: dict[Layer, list[Entry]] = {layer: [] for layer in LAYERS}
        scp: list[list[Applies]] = [[] for _ in layers.scp or ()]
        self.asks = 0
        for layer, level, place, document in places:
            denying, allowing = document.select(action)
            self.asks += sum(statement.asks for statement in (*denying, *allowing))
            if denying:
                denied = denies.setdefault(layer, [])
                denied.extend(Entry(layer, level, place, statement) for statement in denying)
            if layer == "scp" and level is not None:
                scp[level].extend(statement.applies for statement in allowing)
            else:
                allows[layer].extend(Entry(layer, level, place, statement) for statement in allowing)
        self.action = action
        self.may_be_door = layers.resource_kind is not None or action.startswith(("sts:", "kms:"))
        self.organized = layers.scp is not None or layers.rcp is not None
        self.denies = tuple((layer, tuple(entries)) for layer, entries in denies.items())
        self.scp = None if layers.scp is None else tuple(map(tuple, scp))
        self.rcp_allows = layers.rcp != ()  # else every level has AWS's own full access: RCPs only deny
        self.vpc_endpoint = None if layers.vpc_endpoint is None else tuple(allows["vpc_endpoint"])
        self.boundary = None if layers.boundary is None else tuple(allows["boundary"])
        self.session = None if layers.session is None else tuple(allows["session"])
        self.resource = tuple(allows["resource"])
        self.identity = tuple(allows["identity"])


class PreparedLayers:
    """Compiled documents in their places, and the plans that were made of them."""

    __slots__ = ("_layers", "_places", "_plans")

    def __init__(self, layers: PolicyLayers) -> None:
        self._layers = layers
        self._plans: dict[str, Plan] = {}
        bounded = layers.boundary is not None
        self._places: list[Place] = [
            (
                layer,
                level,
                place,
                compile_document(document, layer, bounded=bounded),
            )
            for layer, level, place, document in _places(layers)
        ]

    def plan(self, action: str) -> Plan:
        """The plan for an action, in whatever case it is asked for."""
        found = self._plans.get(action)
        if found is None:
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            found = self._plans[action] = Plan(action.lower(), self._layers, self._places)
        return found


_prepared: dict[int, tuple[PolicyLayers, PreparedLayers]] = {}


def prepare(layers: PolicyLayers) -> PreparedLayers:
    """The prepared form of layers; at once when these very layers have been seen before."""
    found = _prepared.get(id(layers))
    if found is not None and found[0] is layers:
        return found[1]
    if len(_prepared) >= MAX_LAYERS:
        _prepared.clear()
    prepared = PreparedLayers(layers)
    _prepared[id(layers)] = (layers, prepared)
    return prepared


def _places(layers: PolicyLayers) -> Iterator[tuple[Layer, int | None, int, PolicyDocument]]:
    """Every document with its layer, its level if it has one, and its place there; in the order of blame."""
    levels: tuple[tuple[Layer, tuple[Documents, ...] | None], ...] = (
        ("scp", layers.scp),
        ("rcp", layers.rcp),
    )
    for layer, levelled in levels:
        for level, documents in enumerate(levelled or ()):
            for place, document in enumerate(documents):
                yield layer, level, place, document
    flat: tuple[tuple[Layer, Documents | None], ...] = (
        ("vpc_endpoint", layers.vpc_endpoint),
        ("boundary", layers.boundary),
        ("session", layers.session),
        ("resource", None if layers.resource is None else (layers.resource,)),
        ("identity", layers.identity),
    )
    for layer, present in flat:
        for place, document in enumerate(present or ()):
            yield layer, None, place, document

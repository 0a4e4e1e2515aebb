"""What a set of layers holds for one action: the denies in the order of blame, and the allows of each layer.

Layers are reused over many requests of one caller, so their plans are kept: found by the identity of the
layers, which the entry keeps alive, and by the action as it was asked for. Both are bounded. Where many
statements speak of the action, a plan has narrower ones for how resources begin (`beginnings`), each made
when it is first needed, so that a request does not pay for statements about other resources.

An action that takes no resources is asked on `*`: whether a statement speaks of that is known here already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from rolekeeper.policy.beginnings import Beginnings
from rolekeeper.policy.catalog import takes_rcps, takes_resources
from rolekeeper.policy.compile import CompiledDocument, CompiledStatement, Terms, compile_document
from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamRole,
    IamUser,
    Principal,
    ServicePrincipal,
)
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

FEW: Final = 4
"""Statements that are asked sooner than the right ones among them are found."""


class Entry:
    """One statement in its place, with the decision that it causes by itself, made when first needed."""

    __slots__ = (
        "_alone",
        "_document",
        "_level",
        "_statement",
        "_together",
        "applies",
        "layer",
        "terms",
    )

    def __init__(
        self, layer: Layer, level: int | None, document: int, statement: CompiledStatement, terms: Terms
    ) -> None:
        self.layer: Layer = layer
        self._level = level
        self._document = document
        self._statement = statement
        self.terms = terms
        self.applies = terms.applies
        self._alone: Decision | None = None
        self._together: tuple[Entry, Decision] | None = None

    def decision(self) -> Decision:
        """The denial that a Deny is, or the grant that an Allow is where it suffices."""
        if self._alone is None:
            outcome = Outcome.EXPLICIT_DENY if self._statement.deny else Outcome.ALLOW
            self._alone = Decision(outcome=outcome, layer=self.layer, determining=(self.reference(),))
        return self._alone

    def decision_with(self, agreeing: Entry) -> Decision:
        """The grant of an identity's Allow to which the resource's policy has agreed; the last is kept."""
        if self._together is None or self._together[0] is not agreeing:
            determining = (self.reference(), agreeing.reference())
            decision = Decision(outcome=Outcome.ALLOW, layer=self.layer, determining=determining)
            self._together = (agreeing, decision)
            return decision
        return self._together[1]

    def reference(self) -> StatementReference:
        """Where the statement stands."""
        return StatementReference(
            layer=self.layer,
            level=self._level,
            document=self._document,
            statement=self._statement.index,
            sid=self._statement.sid,
        )


Entries: TypeAlias = tuple[Entry, ...]

Place: TypeAlias = tuple[Layer, int | None, int, CompiledDocument]
"""A document, and the layer, the level and the place in which it stands."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """The statements that speak of one action. A guard that is None has nothing to be asked.

    `free_for` are the kinds of callers who need no permission for it. `asks` counts the statements that ask
    for keys of the request; `may_be_door` is false where the action alone says that its resource is no door;
    `organized` says that SCPs or RCPs bear on the request, `guarded` that a guard around the accounts may
    refuse it, `limited` that boundary or session policy may. `scp` has the levels that may refuse.
    """

    free_for: tuple[type[Principal], ...]
    may_be_door: bool
    organized: bool
    guarded: bool
    limited: bool
    rcp_allows: bool
    asks: int
    denies: Entries
    scp: tuple[Entries, ...]
    vpc_endpoint: Entries | None
    boundary: Entries | None
    session: Entries | None
    resource: Entries
    identity: Entries

    def entries(self) -> Iterator[Entry]:
        """All statements of the plan."""
        yield from self.denies
        for entries in (*self.scp, self.vpc_endpoint, self.boundary, self.session, self.resource):
            yield from entries or ()
        yield from self.identity

    def narrowed(self, beginning: str) -> Plan:
        """The plan for the resources that begin so, and as no longer beginning of its statements does."""

        def those(entries: Entries) -> Entries:
            return tuple([each for each in entries if beginning.startswith(each.terms.beginnings)])

        plan = replace(
            self,
            denies=those(self.denies),
            scp=tuple(map(those, self.scp)),
            vpc_endpoint=None if self.vpc_endpoint is None else those(self.vpc_endpoint),
            boundary=None if self.boundary is None else those(self.boundary),
            session=None if self.session is None else those(self.session),
            resource=those(self.resource),
            identity=those(self.identity),
        )
        return replace(plan, asks=_asking(plan.entries()))


class NarrowerPlans:
    """A plan with those that it has for how resources begin; there are as many as beginnings at most."""

    __slots__ = ("_beginnings", "_narrowed", "whole")

    def __init__(self, whole: Plan, beginnings: Beginnings) -> None:
        self.whole = whole
        self._beginnings = beginnings
        self._narrowed: list[Plan | None] = [None] * len(beginnings.texts)

    def at(self, resource: str) -> Plan:
        """The plan that suffices for a resource."""
        place = self._beginnings.longest(resource)
        found = self._narrowed[place]
        if found is None:
            found = self._narrowed[place] = self.whole.narrowed(self._beginnings.texts[place])
        return found


class PreparedLayers:
    """Compiled documents in their places, and the plans that were made of them."""

    __slots__ = ("_layers", "_places", "plans")

    def __init__(self, layers: PolicyLayers) -> None:
        self._layers = layers
        self.plans: dict[str, Plan | NarrowerPlans] = {}
        bounded = layers.boundary is not None
        self._places: list[Place] = [
            (layer, level, place, compile_document(document, layer, bounded=bounded))
            for layer, level, place, document in _places(layers)
        ]

    def asks_for_keys(self, action: str) -> bool:
        """Whether a statement about the action looks at keys of the request."""
        found = self.plans.get(action) or self.make(action)
        return (found if isinstance(found, Plan) else found.whole).asks > 0

    def make(self, action: str) -> Plan | NarrowerPlans:
        """Make the plan for an action, and keep it."""
        if len(self.plans) >= MAX_PLANS:
            self.plans.clear()
        whole = _plan(action.lower(), self._layers, self._places)
        found = self.plans[action] = _with_narrower(whole)
        return found


_prepared: dict[int, tuple[PolicyLayers, PreparedLayers]] = {}


def plan_for(layers: PolicyLayers, action: str, resource: str) -> Plan:
    """The plan of the layers for an action, in whatever case, that suffices for the resource."""
    known = _prepared.get(id(layers))
    prepared = known[1] if known is not None and known[0] is layers else _prepare(layers)
    found = prepared.plans.get(action)
    if found is None:
        found = prepared.make(action)
    return found.at(resource) if isinstance(found, NarrowerPlans) else found


def prepare(layers: PolicyLayers) -> PreparedLayers:
    """The prepared form of layers; at once when these very layers have been seen before."""
    known = _prepared.get(id(layers))
    return known[1] if known is not None and known[0] is layers else _prepare(layers)


def _prepare(layers: PolicyLayers) -> PreparedLayers:
    if len(_prepared) >= MAX_LAYERS:
        _prepared.clear()
    prepared = PreparedLayers(layers)
    _prepared[id(layers)] = (layers, prepared)
    return prepared


def forget() -> None:
    """Drop all that is prepared: whoever drops his layers together need not wait until there are too many."""
    _prepared.clear()


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


# -- making a plan ----------------------------------------------------------------------------------


def _plan(action: str, layers: PolicyLayers, places: Iterable[Place]) -> Plan:
    denies: list[Entry] = []
    allows: dict[Layer, list[Entry]] = {layer: [] for layer in LAYERS}
    scp: list[list[Entry]] = [[] for _ in layers.scp or ()]
    on_resources = takes_resources(action)
    rcp = layers.rcp if layers.rcp is None or takes_rcps(action.partition(":")[0]) else None
    for layer, level, place, document in places:
        if layer == "rcp" and rcp is None:
            continue
        denying, allowing = document.select(action)
        denies += _entries((layer, level, place), denying, on_resources)
        into = allows[layer] if layer != "scp" or level is None else scp[level]
        into += _entries((layer, level, place), allowing, on_resources)
    guards = ((),) if layers.scp == () else tuple(filter(_may_refuse, map(tuple, scp)))
    vpc_endpoint = _guard(layers.vpc_endpoint, allows["vpc_endpoint"])
    boundary = _guard(layers.boundary, allows["boundary"])
    everything = [*denies, *(each for entries in (*scp, *allows.values()) for each in entries)]
    return Plan(
        free_for=_WITHOUT_PERMISSION.get(action, ()),
        may_be_door=layers.resource_kind is not None or action.startswith(("sts:", "kms:")),
        organized=layers.scp is not None or rcp is not None,
        guarded=bool(guards) or rcp == () or vpc_endpoint is not None,
        limited=boundary is not None or layers.session is not None,
        rcp_allows=rcp != (),  # else every level has AWS's own full access: RCPs only deny
        asks=_asking(everything),
        denies=tuple(denies),
        scp=guards,
        vpc_endpoint=vpc_endpoint,
        boundary=boundary,
        session=None if layers.session is None else tuple(allows["session"]),
        resource=tuple(allows["resource"]),
        identity=tuple(allows["identity"]),
    )


def _entries(
    place: tuple[Layer, int | None, int], statements: Iterable[CompiledStatement], on_resources: bool
) -> Iterator[Entry]:
    for statement in statements:
        terms = statement.terms() if on_resources else statement.terms_on_star()
        if terms is not None:
            yield Entry(*place, statement, terms)


def _guard(documents: Documents | None, allows: Sequence[Entry]) -> Entries | None:
    return None if documents is None or not _may_refuse(allows) else tuple(allows)


def _may_refuse(allows: Sequence[Entry]) -> bool:
    """Whether there is a request that none of them allows, as far as that is plain."""
    return not any(entry.terms.always for entry in allows)


def _asking(entries: Iterable[Entry]) -> int:
    return sum([entry.terms.asks for entry in entries])


def _with_narrower(whole: Plan) -> Plan | NarrowerPlans:
    found = {text for entry in whole.entries() for text in entry.terms.beginnings if text}
    return whole if len(found) < FEW else NarrowerPlans(whole, Beginnings(found))


_WITHOUT_PERMISSION: Final[dict[str, tuple[type[Principal], ...]]] = {
    "sts:getcalleridentity": (
        *(IamUser, IamRole, AssumedRole, FederatedUser, AccountRoot),
        *(ServicePrincipal, FederatedIdentity, Anonymous),
    ),
    "sts:getsessiontoken": (IamUser,),
}
"""The calls that need no permission and that no deny stops, and who may make them so."""

"""Why a request was decided so, in a sentence that costs little: for those who ask a great many times.

The decision says most of it. What a refusal for want of an Allow adds is the statement that came nearest, of
those in the layer to blame that speak of the action; which these are is kept, since policies are asked again.
`explain` looks at everything.
"""

from __future__ import annotations

from typing import Final

from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, Layer, Outcome, PolicyLayers, StatementReference
from rolekeeper.policy.document import Statement
from rolekeeper.policy.element_report import ElementReport
from rolekeeper.policy.explanation import reason
from rolekeeper.policy.reference_elements import speaks_of_action
from rolekeeper.policy.reference_statement import elements

MAX_KEPT: Final = 1024
MOST_LOOKED_AT: Final = 8

Candidate = tuple[StatementReference, Statement, bool]
"""An Allow that speaks of the action, its place, and whether its document has variables."""


def why(context: RequestContext, layers: PolicyLayers, decision: Decision) -> str:
    """The reason of a decision, and for want of an Allow the nearest one, with what it fails by."""
    said = reason(decision)
    if decision.outcome is not Outcome.IMPLICIT_DENY or decision.layer is None:
        return said
    candidates = _candidates(context.action, layers, decision.layer)
    if not candidates:
        return f"{said}: no Allow there speaks of the action"
    fewest: tuple[int, StatementReference, ElementReport] | None = None
    for reference, statement, has_variables in candidates[:MOST_LOOKED_AT]:
        failing = [
            element
            for element in elements(
                statement,
                context,
                decision.layer,
                has_variables=has_variables,
                bounded=layers.boundary is not None,
            )
            if not element.holds
        ]
        if failing and (fewest is None or len(failing) < fewest[0]):
            fewest = len(failing), reference, failing[0]
    return said if fewest is None else f"{said}; nearest is {fewest[1]}: {fewest[2].text}"


_kept: Final[dict[tuple[int, str, Layer], tuple[PolicyLayers, tuple[Candidate, ...]]]] = {}


def _candidates(action: str, layers: PolicyLayers, layer: Layer) -> tuple[Candidate, ...]:
    key = id(layers), action, layer
    found = _kept.get(key)
    if found is not None and found[0] is layers:
        return found[1]
    if len(_kept) >= MAX_KEPT:
        _kept.clear()
    candidates = tuple(
        (reference, statement, has_variables)
        for reference, statement, has_variables in _allows(layers, layer)
        if speaks_of_action(statement, action)
    )
    _kept[key] = layers, candidates
    return candidates


def _allows(layers: PolicyLayers, layer: Layer) -> list[Candidate]:
    if layer == "scp" or layer == "rcp":
        levels = list(enumerate((layers.scp if layer == "scp" else layers.rcp) or ()))
    elif layer == "resource":
        levels = [(-1, () if layers.resource is None else (layers.resource,))]
    else:
        documents = {
            "vpc_endpoint": layers.vpc_endpoint,
            "boundary": layers.boundary,
            "session": layers.session,
            "identity": layers.identity,
        }[layer]
        levels = [(-1, documents or ())]
    return [
        (
            StatementReference(
                layer=layer,
                level=level if level >= 0 else None,
                document=place,
                statement=statement.index,
                sid=statement.sid,
            ),
            statement,
            document.has_variables,
        )
        for level, documents in levels
        for place, document in enumerate(documents)
        for statement in document.statements
        if statement.effect == "Allow"
    ]

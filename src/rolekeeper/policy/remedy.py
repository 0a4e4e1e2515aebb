"""The smallest change that would allow a request: no part of it can be left out.

A Deny that applies has to go, wherever it stands. Then the layer that should have allowed and did not is
given a statement, of this action on this resource and no more, until the request is allowed. What a later
change has made needless is dropped at last: an Allow that names the caller at the resource, in his own
account, needs no boundary's. Whether the change is a good idea is for a person to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.changes import Change, DenyingStatement, MissingAllow, apply
from rolekeeper.policy.context import (
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    RequestContext,
    ServicePrincipal,
)
from rolekeeper.policy.decision import Layer, PolicyLayers, door
from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError, parse_document
from rolekeeper.policy.explanation import Explanation, LayerReport, StatementReport
from rolekeeper.policy.reference import explain
from rolekeeper.policy.reference_elements import Reach
from rolekeeper.policy.reference_statement import elements

MOST_NEAR: Final = 3
"""Near misses that are named for one missing statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """The changes that together allow a request; none where it is allowed as it is.

    `impossible` says why no change of the policies allows it, and is None where one does.
    """

    changes: tuple[Change, ...] = ()
    impossible: str | None = None


def remedy(context: RequestContext, layers: PolicyLayers) -> Remedy:
    """The smallest change of the layers that allows the request."""
    explanation = explain(context, layers)
    changes: list[Change] = []
    if not explanation.decision.allowed:
        changes += [DenyingStatement(report=each) for found in explanation.layers for each in found.denies]
    seen: set[tuple[Layer | None, int | None]] = set()
    while not (explanation := explain(context, apply(changes, layers))).decision.allowed:
        missing = _missing(explanation, context, layers)
        if missing is None or (missing.layer, missing.level) in seen:
            return Remedy(impossible=f"{explanation.rule}, and no statement could")
        seen.add((missing.layer, missing.level))
        changes.append(missing)
    return Remedy(changes=_needed(changes, context, layers))


def _needed(changes: list[Change], context: RequestContext, layers: PolicyLayers) -> tuple[Change, ...]:
    """The changes without those that others have made needless."""
    for change in tuple(changes):
        others = [each for each in changes if each is not change]
        if authorize(context, apply(others, layers)).allowed:
            changes = others
    return tuple(changes)


def _missing(explanation: Explanation, context: RequestContext, layers: PolicyLayers) -> MissingAllow | None:
    """The statement that the layer to blame lacks; None if there is none that could be put there."""
    layer = explanation.decision.layer
    if layer is None:
        return None
    report = next((found for found in explanation.layers if found.layer == layer), None)
    level = _level(report) if layer in ("scp", "rcp") else None
    version = layers.resource.version if layer == "resource" and layers.resource else "2012-10-17"
    for statement in _candidates(context, layers, layer, variables=version == "2012-10-17"):
        document = _readable(version, statement)
        if document is not None and _applies(document, context, layer, layers):
            near = _near(report, level, layer)
            return MissingAllow(layer=layer, level=level, statement=statement, near=near)
    return None


def _level(report: LayerReport | None) -> int:
    """The first level that allows nothing."""
    levels = report.levels if report is not None else ()
    for number, level in enumerate(levels):
        if not any(each.applies and each.effect == "Allow" for each in level):
            return number
    return 0


# -- the statement ----------------------------------------------------------------------------------


def _candidates(
    context: RequestContext, layers: PolicyLayers, layer: Layer, *, variables: bool
) -> Iterator[dict[str, Any]]:
    """Statements that could allow the request, the narrowest first."""
    at_resource = layer in ("resource", "rcp", "vpc_endpoint")
    kind = door(context, layers) if layer == "resource" else None
    for resource in (_literally(context.resource, variables), "*"):
        for action in (context.action, "*"):
            for principal in (_named(context), "*") if at_resource else (None,):
                statement: dict[str, Any] = {"Effect": "Allow"}
                if principal is not None:
                    statement["Principal"] = principal
                statement["Action"] = action
                if kind != "trust":  # a role's trust has no Resource
                    statement["Resource"] = "*" if kind == "kms" else resource
                yield statement


def _literally(resource: str, variables: bool) -> str:
    """The pattern that is the resource's ARN, in which a variable's beginning is text."""
    *head, tail = resource.split(":", 5)
    if len(head) < 5 or not variables:
        return resource
    return ":".join((*head, tail.replace("${", "${$}{")))


def _named(context: RequestContext) -> Any:
    """The Principal that names the caller: of a role session its role, which lasts."""
    principal = context.principal
    match principal:
        case Anonymous():
            return "*"
        case ServicePrincipal():
            return {"Service": principal.name}
        case FederatedIdentity():
            return {"Federated": principal.provider}
        case AssumedRole():
            return {"AWS": principal.role_arn}
        case _:
            return {"AWS": principal.arn}


def _readable(version: str, statement: dict[str, Any]) -> PolicyDocument | None:
    try:
        return parse_document({"Version": version, "Statement": [statement]})
    except PolicySyntaxError:
        return None


def _applies(document: PolicyDocument, context: RequestContext, layer: Layer, layers: PolicyLayers) -> bool:
    (statement,) = document.statements
    bounded = layers.boundary is not None
    found = elements(statement, context, layer, has_variables=document.has_variables, bounded=bounded)
    return all(element.holds for element in found)


# -- near misses ------------------------------------------------------------------------------------


def _near(report: LayerReport | None, level: int | None, layer: Layer) -> tuple[StatementReport, ...]:
    """The Allow statements, at the level if there is one, that a single element keeps from the request."""
    found = [
        each
        for each in (report.near if report is not None else ())
        if each.reference.level == level and len(each.failures) == 1 and _would_do(each, layer)
    ]
    return tuple(found[:MOST_NEAR])


def _would_do(report: StatementReport, layer: Layer) -> bool:
    """At a resource, a statement that names only the account would not do alone."""
    return layer != "resource" or report.reach is not Reach.ACCOUNT

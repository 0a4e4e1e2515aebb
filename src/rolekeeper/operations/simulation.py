"""What would happen: actions on resources beside given policies, decided and explained by the reference.

One result an action, with the strictest decision over its resources, and one inside it a resource. Only the
statements that led to a decision are shown, those of service control policies never.
Source: "EvaluationResult" and "ResourceSpecificResult" in the IAM API Reference; "IAM policy testing with the
IAM policy simulator" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rolekeeper.policy import catalog
from rolekeeper.policy.asked_keys import keys_of_statement
from rolekeeper.policy.context import KeyValue, Principal, RequestContext
from rolekeeper.policy.decision import Documents, Layer, Outcome, PolicyLayers, ResourceKind
from rolekeeper.policy.document import PolicyDocument
from rolekeeper.policy.explanation import LayerReport, StatementReport
from rolekeeper.policy.patterns import matcher
from rolekeeper.policy.positions import Position, simulator_spans
from rolekeeper.policy.reference import explain
from rolekeeper.policy.reference_elements import speaks_of_action

DECISIONS = {
    Outcome.ALLOW: "allowed",
    Outcome.IMPLICIT_DENY: "implicitDeny",
    Outcome.EXPLICIT_DENY: "explicitDeny",
}
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}")
_STRICTEST = ("explicitDeny", "implicitDeny", "allowed")
_SHOWN: tuple[Layer, ...] = ("identity", "resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One policy of the simulation: what it is called, and whose it is (`PolicySourceType`)."""

    identifier: str
    type: str
    document: PolicyDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicy:
    """The policy at every resource; `kind` where it is a role's trust."""

    source: Source
    kind: ResourceKind | None = None
    shown: bool = True
    """Whether its statements are among the matched ones; not where it is only assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Who asks, beside which policies, with which condition keys (lower-case names)."""

    principal: Principal
    known: bool
    """The caller was named: what follows from him is no missing value."""
    identity: tuple[Source, ...]
    boundary: tuple[Source, ...] | None = None
    resource: ResourcePolicy | None = None
    scp: tuple[Documents, ...] | None = None
    owner: str | None = None
    """The account of resources whose ARN has none."""
    keys: Mapping[str, KeyValue] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many statements a request is compared with, a trust policy's own left out."""
        sources = [*self.identity, *(self.boundary or ())]
        if self.resource is not None:
            sources.append(self.resource.source)
        levels = [document for level in self.scp or () for document in level]
        return sum(len(document.statements) for document in (*levels, *(one.document for one in sources)))

    def evaluate(self, action: str, resources: Iterable[tuple[str, ResourcePolicy | None]]) -> dict[str, Any]:
        """An `EvaluationResult`. Each resource comes with a policy of its own where it has one."""
        results = [self._one(action, arn, policy or self.resource) for arn, policy in resources]
        decisions = [result["EvalResourceDecision"] for result in results]
        strictest = min(decisions, key=_STRICTEST.index)
        of_strictest = [one for one in results if one["EvalResourceDecision"] == strictest]
        specific = any(result["EvalResourceName"] != "*" for result in results)
        answer: dict[str, Any] = {
            "EvalActionName": action,
            "EvalResourceName": _template(action, [one["EvalResourceName"] for one in results]),
            "EvalDecision": strictest,
            "MatchedStatements": _union(one["MatchedStatements"] for one in of_strictest),
            "MissingContextValues": _union(one["MissingContextValues"] for one in results),
        }
        answer |= self._details(results)
        if specific:
            answer["ResourceSpecificResults"] = [
                {name: value for name, value in one.items() if name != "OrganizationsDecisionDetail"}
                for one in results
            ]
        return answer

    def _details(self, results: list[dict[str, Any]]) -> dict[str, Any]:
        """What the guards and, across accounts, each side had to say of all resources together."""
        found: dict[str, Any] = {}
        for name, member in (
            ("OrganizationsDecisionDetail", "AllowedByOrganizations"),
            ("PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
        ):
            said = [one[name][member] for one in results if name in one]
            if said:
                found[name] = {member: all(said)}
        sides = [one["EvalDecisionDetails"] for one in results if "EvalDecisionDetails" in one]
        if sides:
            found["EvalDecisionDetails"] = {
                side: min((one[side] for one in sides if side in one), key=_STRICTEST.index)
                for side in {name: None for one in sides for name in one}
            }
        return found

    def _one(self, action: str, resource: str, at_resource: ResourcePolicy | None) -> dict[str, Any]:
        layers = PolicyLayers(
            identity=tuple(source.document for source in self.identity),
            boundary=None if self.boundary is None else tuple(one.document for one in self.boundary),
            resource=None if at_resource is None else at_resource.source.document,
            resource_kind=None if at_resource is None else at_resource.kind,
            scp=self.scp,
        )
        context = RequestContext(
            principal=self.principal,
            action=action,
            resource=resource,
            resource_account=self.owner if _account_of(resource) is None else None,
            keys=self.keys,
        )
        explanation = explain(context, layers)
        reports = {report.layer: report for report in explanation.layers}
        answer: dict[str, Any] = {
            "EvalResourceName": resource,
            "EvalResourceDecision": DECISIONS[explanation.decision.outcome],
            "MatchedStatements": self._matched(explanation.decision.outcome, reports, at_resource),
            "MissingContextValues": self._missing(context, at_resource),
        }
        if not context.same_account:
            answer["EvalDecisionDetails"] = _sides(reports)
        if self.boundary is not None and "boundary" in reports:
            answer["PermissionsBoundaryDecisionDetail"] = {
                "AllowedByPermissionsBoundary": _lets_pass(reports["boundary"])
            }
        if self.scp is not None and "scp" in reports:
            scp = reports["scp"]
            allowed = not scp.denies and scp.every_level_allows
            answer["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": allowed}
        return answer

    def _matched(
        self, outcome: Outcome, reports: Mapping[Layer, LayerReport], at_resource: ResourcePolicy | None
    ) -> list[dict[str, Any]]:
        found: list[StatementReport] = []
        hidden = at_resource is not None and not at_resource.shown
        for layer in _SHOWN[:1] if hidden else _SHOWN:
            if layer in reports and outcome is not Outcome.IMPLICIT_DENY:
                report = reports[layer]
                found += report.denies if outcome is Outcome.EXPLICIT_DENY else report.allows
        return [self._shown(report, at_resource) for report in found]

    def _shown(self, report: StatementReport, at_resource: ResourcePolicy | None) -> dict[str, Any]:
        reference = report.reference
        if reference.layer == "resource" and at_resource is not None:
            source = at_resource.source
        else:
            source = self.identity[reference.document]
        span = simulator_spans(source.document.source)[reference.statement]
        return {
            "SourcePolicyId": source.identifier,
            "SourcePolicyType": source.type,
            "StartPosition": _position(span.start),
            "EndPosition": _position(span.end),
        }

    def _missing(self, context: RequestContext, at_resource: ResourcePolicy | None) -> list[str]:
        """Keys that a policy of the simulation asks for about this action, and that nobody gave."""
        sources = [*self.identity, *(self.boundary or ())]
        if at_resource is not None:
            sources.append(at_resource.source)
        found: dict[str, str] = {}
        for source in sources:
            document = source.document
            for statement in document.statements:
                if speaks_of_action(statement, context.action):
                    for key in keys_of_statement(statement, variables=document.has_variables):
                        found.setdefault(key.lower(), key)
        return [key for name, key in found.items() if self._lacks(context, name)]

    def _lacks(self, context: RequestContext, key: str) -> bool:
        if self.known:
            return context.value(key) is None
        return self.keys.get(key) is None


def _sides(reports: Mapping[Layer, LayerReport]) -> dict[str, str]:
    names: tuple[tuple[Layer, str], ...] = (("identity", "IAM Policy"), ("resource", "Resource Policy"))
    return {name: _alone(reports[layer]) for layer, name in names if layer in reports}


def _alone(report: LayerReport) -> str:
    if report.denies:
        return "explicitDeny"
    return "allowed" if report.allows else "implicitDeny"


def _lets_pass(report: LayerReport) -> bool:
    return bool(report.allows) and not report.denies


def _template(action: str, resources: list[str]) -> str:
    """The form of the ARNs that the action is asked on, of several that of a resource; `*` for none."""
    known = catalog.action(action)
    if known is None or not known.resources:
        return "*"
    kinds = {kind.name: kind.arn for kind in catalog.resource_types(action.partition(":")[0])}
    forms = [kinds[resource.type] for resource in known.resources if resource.type in kinds]
    for form in forms:
        if any(map(matcher(_PLACEHOLDER.sub("*", form)), resources)):
            return form
    return min(forms, key=len, default="*")


def _account_of(resource: str) -> str | None:
    parts = resource.split(":", 5)
    return parts[4] or None if len(parts) == 6 else None


def _position(position: Position) -> dict[str, int]:
    return {"Line": position.line, "Column": position.column}


def _union(groups: Iterable[list[Any]]) -> list[Any]:
    found: list[Any] = []
    for group in groups:
        found += [one for one in group if one not in found]
    return found

"""What the policies mean: AWS's evaluation logic by the book, one `if` a rule.

This is the specification. It is written to be read beside the guide, looks at everything and explains what it
found; `authorize` is the fast way to the same decision, and the two share nothing but the document, the
request and the decision. The order:

1. A few calls need no permission at all.
2. A deny that applies, in any layer that bears on the caller, decides.
3. The guards around the accounts have to allow: every level of the SCPs, and the VPC endpoint.
4. Somebody has to grant: the caller's own policies within boundary and session policy; or the resource's
   policy, which in the caller's own account can be enough; across accounts, and at a door, both.

Source: "Policy evaluation logic", "Cross-account policy evaluation logic", "Permissions boundaries for IAM
entities" and "Session policies" in the IAM User Guide; "SCP evaluation" and "RCP evaluation" in the
Organizations User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.policy.catalog import takes_rcps
from rolekeeper.policy.context import (
    AccountRoot,
    AssumedRole,
    FederatedUser,
    IamRole,
    IamUser,
    RequestContext,
)
from rolekeeper.policy.decision import (
    LAYERS,
    Decision,
    Documents,
    Layer,
    Outcome,
    PolicyLayers,
    StatementReference,
    door,
)
from rolekeeper.policy.document import PolicyDocument, Statement
from rolekeeper.policy.explanation import Explanation, LayerReport, StatementReport
from rolekeeper.policy.reference_elements import Reach, reach
from rolekeeper.policy.reference_statement import elements

__all__ = ["Explanation", "LayerReport", "StatementReport", "explain"]

Reports = Mapping[Layer, LayerReport]


def explain(context: RequestContext, layers: PolicyLayers) -> Explanation:
    """The decision on a request, and why."""
    if _needs_no_permission(context):
        return _allow("the call needs no permission, and no deny stops it", {}, None)
    reports = {
        layer: _report(layer, levels, context, layers)
        for layer, levels in _bearing_on(context, layers).items()
    }
    for layer in LAYERS:
        if layer in reports and reports[layer].denies:
            return _explicit_deny(reports, layer)
    for layer in ("scp", "rcp", "vpc_endpoint"):
        if layer in reports and not _guard_allows(reports[layer]):
            return _implicit_deny(reports, layer)
    return _granted(context, layers, reports)


def _needs_no_permission(context: RequestContext) -> bool:
    """GetCallerIdentity answers everyone; GetSessionToken any user who calls it."""
    action = context.action.lower()
    if action == "sts:getcalleridentity":
        return True
    return action == "sts:getsessiontoken" and isinstance(context.principal, IamUser)


# -- which layers bear on the caller ----------------------------------------------------------------


def _bearing_on(context: RequestContext, layers: PolicyLayers) -> dict[Layer, tuple[Documents, ...]]:
    """The layers to look at, each as its levels, in the order of blame."""
    principal = context.principal
    is_identity = isinstance(principal, IamUser | IamRole | AssumedRole | FederatedUser)
    found: dict[Layer, tuple[Documents, ...]] = {}
    # SCPs follow the principal's account, root user included; service-linked roles are spared.
    if layers.scp is not None and principal.account is not None and not _is_service_linked(context):
        found["scp"] = layers.scp
    # RCPs follow the resources of services that have them, and hit whoever comes but service-linked roles.
    reached = takes_rcps(context.action.partition(":")[0])
    if layers.rcp is not None and reached and not _is_service_linked(context):
        found["rcp"] = layers.rcp
    if layers.vpc_endpoint is not None:
        found["vpc_endpoint"] = (layers.vpc_endpoint,)
    # Services and strangers have no policies of their own, and the root user only those of a session.
    if is_identity and layers.boundary is not None:
        found["boundary"] = (layers.boundary,)
    if (is_identity or isinstance(principal, AccountRoot)) and layers.session is not None:
        found["session"] = (layers.session,)
    elif isinstance(principal, FederatedUser):
        found["session"] = ((),)  # without a session policy a federated user may nothing
    if layers.resource is not None:
        found["resource"] = ((layers.resource,),)
    if is_identity:
        found["identity"] = (layers.identity,)
    return found


def _is_service_linked(context: RequestContext) -> bool:
    principal = context.principal
    if isinstance(principal, AssumedRole):
        return ":role/aws-service-role/" in principal.role_arn
    return isinstance(principal, IamRole) and ":role/aws-service-role/" in principal.arn


def _guard_allows(report: LayerReport) -> bool:
    """Whether a guard around the accounts lets the request pass, now that it does not deny it."""
    if report.layer == "rcp":
        return bool(report.levels)  # every level has AWS's own full access; RCPs only deny
    return report.every_level_allows


# -- who grants -------------------------------------------------------------------------------------


def _granted(context: RequestContext, layers: PolicyLayers, reports: Reports) -> Explanation:
    principal = context.principal
    granting = _closest(reports.get("resource"))
    reached = granting.reach if granting is not None else Reach.NONE

    # Services, identities of other providers and anonymous callers: the resource's policy is all there is.
    if principal.account is None:
        if granting is None:
            return _implicit_deny(reports, "resource")
        return _allow(
            "the resource's policy allows the caller, who has no policies", reports, "resource", granting
        )

    # In the same account, what names the caller himself is limited by nothing but a deny.
    if context.same_account and granting is not None and reached is Reach.DIRECT:
        return _allow("the resource's policy allows the caller directly", reports, "resource", granting)

    # Whatever else grants is limited by the boundary and by the session policy.
    for layer in ("boundary", "session"):
        if layer in reports and not reports[layer].allows:
            return _implicit_deny(reports, layer)

    # Across accounts, and at a role's trust or a KMS key, the resource's policy has to agree.
    if granting is None and (not context.same_account or door(context, layers) is not None):
        return _implicit_deny(reports, "resource")

    # In the same account, what names the role of the session is as good as an identity policy.
    if context.same_account and granting is not None and reached is Reach.ENTITY:
        return _allow("the resource's policy allows the caller's role", reports, "resource", granting)

    # The root user needs no identity policy, nor does the session that it has made.
    if _is_root(context):
        return _allow("the root user is allowed what nothing denies", reports, None)

    own = reports["identity"].allows
    if not own:
        return _implicit_deny(reports, "identity")
    if granting is None:
        return _allow("an identity-based policy allows it", reports, "identity", own[0])
    return _allow(
        "an identity-based policy allows it, and the resource's policy", reports, "identity", own[0], granting
    )


def _closest(report: LayerReport | None) -> StatementReport | None:
    """The first of the Allow statements that reach the caller most closely."""
    allows = report.allows if report is not None else ()
    return max(allows, key=lambda statement: statement.reach, default=None)


def _is_root(context: RequestContext) -> bool:
    principal = context.principal
    if isinstance(principal, FederatedUser):
        return principal.user_arn is not None and principal.user_arn.endswith(":root")
    return isinstance(principal, AccountRoot)


# -- the answers ------------------------------------------------------------------------------------


def _allow(rule: str, reports: Reports, layer: Layer | None, *granting: StatementReport) -> Explanation:
    determining = tuple(statement.reference for statement in granting)
    decision = Decision(outcome=Outcome.ALLOW, layer=layer, determining=determining)
    return Explanation(decision=decision, rule=rule, layers=tuple(reports.values()))


def _explicit_deny(reports: Reports, layer: Layer) -> Explanation:
    first = reports[layer].denies[0].reference
    decision = Decision(outcome=Outcome.EXPLICIT_DENY, layer=layer, determining=(first,))
    rule = f"a statement of the {_NAMES[layer]} denies it"
    return Explanation(decision=decision, rule=rule, layers=tuple(reports.values()))


def _implicit_deny(reports: Reports, layer: Layer) -> Explanation:
    decision = Decision(outcome=Outcome.IMPLICIT_DENY, layer=layer)
    rule = f"nothing in the {_NAMES[layer]} allows it"
    return Explanation(decision=decision, rule=rule, layers=tuple(reports.values()))


_NAMES: dict[Layer, str] = {
    "scp": "service control policies",
    "rcp": "resource control policies",
    "vpc_endpoint": "VPC endpoint's policy",
    "boundary": "permissions boundary",
    "session": "session policies",
    "resource": "resource-based policy",
    "identity": "identity-based policies",
}


# -- one statement ----------------------------------------------------------------------------------


def _report(
    layer: Layer, levels: tuple[Documents, ...], context: RequestContext, layers: PolicyLayers
) -> LayerReport:
    bounded = layers.boundary is not None
    has_levels = layer in ("scp", "rcp")
    return LayerReport(
        layer=layer,
        levels=tuple(
            tuple(
                _statement(
                    statement,
                    document,
                    context,
                    StatementReference(
                        layer=layer,
                        level=number if has_levels else None,
                        document=place,
                        statement=statement.index,
                        sid=statement.sid,
                    ),
                    bounded=bounded,
                )
                for place, document in enumerate(level)
                for statement in document.statements
            )
            for number, level in enumerate(levels)
        ),
    )


def _statement(
    statement: Statement,
    document: PolicyDocument,
    context: RequestContext,
    reference: StatementReference,
    *,
    bounded: bool,
) -> StatementReport:
    compared = elements(
        statement, context, reference.layer, has_variables=document.has_variables, bounded=bounded
    )
    return StatementReport(
        reference=reference,
        statement=statement,
        reach=reach(statement, context, bounded=bounded),
        applies=all(element.holds for element in compared),
        context=context,
        has_variables=document.has_variables,
        bounded=bounded,
    )

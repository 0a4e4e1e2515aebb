"""The decision: all layers on compiled policies, as fast as a request needs it.

The rules are those of `reference`, which says them at length and explains what it finds; here they are so
arranged that nothing is asked twice (`plan` has the statements that speak of the action). In short: any deny
that applies decides. Then the guards must allow: every level of the SCPs, the VPC endpoint. Then somebody
must grant: the identity policies within boundary and session policy, or the resource's own policy, which in
the same account can suffice by naming the caller, and which at a door (a role's trust, a KMS key) and across
accounts has to agree in any case.
Source: "Policy evaluation logic" and its subpages in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rolekeeper.policy.audience import DIRECT, ENTITY, NOBODY
from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamRole,
    IamUser,
    Principal,
    RequestContext,
    ServicePrincipal,
)
from rolekeeper.policy.decision import LAYERS, Decision, Layer, Outcome, PolicyLayers, door
from rolekeeper.policy.plan import Entries, Entry, Plan, plan_for, prepare
from rolekeeper.policy.principal import account_of_arn
from rolekeeper.policy.variables import Lookup


def authorize(context: RequestContext, layers: PolicyLayers) -> Decision:
    """Whether the layers let the request through, and which layer and statements decided it."""
    principal = context.principal
    plan = plan_for(layers, context.action, context.resource)
    if plan.free_for and isinstance(principal, plan.free_for):
        return _ALLOWED
    lookup = context.value if plan.asks < 2 else _remembering(context.value)
    subject = _SUBJECT[type(principal)]
    if plan.organized and _is_service_linked(principal):
        subject = _SERVICE_LINKED
    for entry in plan.denies:
        if entry.applies(context, lookup) and entry.layer in subject:
            return entry.decision()
    if plan.guarded:
        refusing = _refusing_guard(plan, subject, context, lookup)
        if refusing is not None:
            return _NOT_ALLOWED[refusing]
    return _granted(context, layers, plan, lookup)


def asks_for_keys(layers: PolicyLayers, action: str) -> bool:
    """Whether any statement about the action looks at condition keys. Where none does, the same caller gets
    the same answer for the same resource, whatever else the request says.
    """
    return prepare(layers).asks_for_keys(action)


def _refusing_guard(
    plan: Plan, subject: frozenset[Layer], context: RequestContext, lookup: Lookup
) -> Layer | None:
    """The first guard around the accounts that bears on the caller and does not allow the request."""
    if plan.scp and "scp" in subject and not _every_level_allows(plan.scp, context, lookup):
        return "scp"
    if not plan.rcp_allows and "rcp" in subject:
        return "rcp"
    if plan.vpc_endpoint is not None and _first(plan.vpc_endpoint, context, lookup) is None:
        return "vpc_endpoint"
    return None


def _refusing_limit(
    plan: Plan, principal: Principal, context: RequestContext, lookup: Lookup
) -> Layer | None:
    """The first of boundary and session policy that does not allow it; a federated user has a session's."""
    boundary = None if isinstance(principal, AccountRoot) else plan.boundary
    if boundary is not None and _first(boundary, context, lookup) is None:
        return "boundary"
    session = () if plan.session is None and isinstance(principal, FederatedUser) else plan.session
    if session is not None and _first(session, context, lookup) is None:
        return "session"
    return None


def _granted(context: RequestContext, layers: PolicyLayers, plan: Plan, lookup: Lookup) -> Decision:
    """Who grants the request, now that nothing denies it and every guard around the accounts lets it pass."""
    principal = context.principal
    account = _account_in(principal.arn) if isinstance(principal, _ACCOUNT_IN_ARN) else principal.account
    level, granting = _closest(plan.resource, context, lookup) if plan.resource else _NOTHING_GRANTS
    if account is None:
        return _NOT_ALLOWED["resource"] if granting is None else granting.decision()
    owner = context.resource_account or account_of_arn(context.resource)
    same_account = owner is None or account == owner
    if same_account and level == DIRECT and granting is not None:
        return granting.decision()
    if plan.limited or isinstance(principal, _ROOTS):
        refusing = _refusing_limit(plan, principal, context, lookup)
        if refusing is not None:
            return _NOT_ALLOWED[refusing]
    if granting is None and (not same_account or (plan.may_be_door and door(context, layers) is not None)):
        return _NOT_ALLOWED["resource"]
    if same_account and level == ENTITY and granting is not None:
        return granting.decision()
    return _by_identity(context, plan, lookup, granting)


def _by_identity(context: RequestContext, plan: Plan, lookup: Lookup, agreeing: Entry | None) -> Decision:
    """The grant of the caller's own policies, to which the resource's policy has agreed where it has to."""
    if isinstance(context.principal, _ROOTS) and _is_root(context.principal):
        return _ALLOWED
    granting = _first(plan.identity, context, lookup)
    if granting is None:
        return _NOT_ALLOWED["identity"]
    return granting.decision() if agreeing is None else granting.decision_with(agreeing)


# -- asking statements ------------------------------------------------------------------------------


def _first(entries: Entries, context: RequestContext, lookup: Lookup) -> Entry | None:
    for entry in entries:
        if entry.applies(context, lookup):
            return entry
    return None


def _every_level_allows(levels: Sequence[Entries], context: RequestContext, lookup: Lookup) -> bool:
    for level in levels:  # noqa: SIM110 - a generator costs more than the levels
        if _first(level, context, lookup) is None:
            return False
    return True


def _closest(entries: Entries, context: RequestContext, lookup: Lookup) -> tuple[int, Entry | None]:
    """How closely the resource's policy grants, and the first statement that grants so closely."""
    best, granting = NOBODY, None
    for entry in entries:
        level = entry.applies(context, lookup)
        if level > best:
            best, granting = level, entry
            if level == DIRECT:
                break
    return best, granting


# -- the caller -------------------------------------------------------------------------------------


def _is_root(principal: AccountRoot | FederatedUser) -> bool:
    """The root user, or the session that it has made: they need no identity policies."""
    if isinstance(principal, FederatedUser):
        return principal.user_arn is not None and principal.user_arn.endswith(":root")
    return True


def _is_service_linked(principal: Principal) -> bool:
    """Whether the caller is a role that a service owns: an organization's policies spare it."""
    if isinstance(principal, AssumedRole):
        return _SERVICE_LINKED_PATH in principal.role_arn
    return isinstance(principal, IamRole) and _SERVICE_LINKED_PATH in principal.arn


def _remembering(lookup: Lookup) -> Lookup:
    """The same lookup, for a request of which several statements ask: each key is worked out once."""
    known: dict[str, str | tuple[str, ...] | None] = {}

    def remembered(key: str) -> str | tuple[str, ...] | None:
        if key in known:
            return known[key]
        value = known[key] = lookup(key)
        return value

    return remembered


_account_in: Final = lru_cache(maxsize=16_384)(account_of_arn)
_ACCOUNT_IN_ARN: Final = (AssumedRole, IamUser, IamRole, FederatedUser)
_ROOTS: Final = (AccountRoot, FederatedUser)
_NOTHING_GRANTS: Final = (NOBODY, None)
_SERVICE_LINKED_PATH: Final = ":role/aws-service-role/"
_EVERY: Final = frozenset(LAYERS)
_SERVICE_LINKED: Final = _EVERY - {"scp", "rcp"}
_STRANGER: Final = frozenset[Layer]({"rcp", "vpc_endpoint", "resource"})
_SUBJECT: Final[dict[type[Principal], frozenset[Layer]]] = {
    IamUser: _EVERY,
    IamRole: _EVERY,
    AssumedRole: _EVERY,
    FederatedUser: _EVERY,
    AccountRoot: _STRANGER | {"scp", "session"},
    ServicePrincipal: _STRANGER,
    FederatedIdentity: _STRANGER,
    Anonymous: _STRANGER,
}

_ALLOWED: Final = Decision(outcome=Outcome.ALLOW)
_NOT_ALLOWED: Final = {layer: Decision(outcome=Outcome.IMPLICIT_DENY, layer=layer) for layer in LAYERS}

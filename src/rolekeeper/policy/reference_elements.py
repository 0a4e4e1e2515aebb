"""The elements of a statement, by the book: whose it is, which actions, which resources.

Source: "IAM JSON policy elements": Principal, NotPrincipal, Action, NotAction, Resource, NotResource in the
IAM User Guide.
"""

from __future__ import annotations

from enum import IntEnum

from rolekeeper.policy.catalog import takes_resources
from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamRole,
    IamUser,
    RequestContext,
    ServicePrincipal,
)
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import Principals, Statement
from rolekeeper.policy.reference_text import Pattern, expand, matches, wildcards


class Reach(IntEnum):
    """How a statement with principals reaches the caller; what it grants depends on it."""

    NONE = 0
    ACCOUNT = 1  # it names the account, whose administrators have to agree
    ENTITY = 2  # it names the role of a session, or the user of a federated one
    DIRECT = 3  # it names the caller himself, or everyone


# -- Principal, NotPrincipal ------------------------------------------------------------------------


def reach(statement: Statement, context: RequestContext, *, bounded: bool) -> Reach:
    """How the statement reaches the caller; one without principals is in a policy of the caller's own.

    `bounded` says that the caller has a permissions boundary.
    """
    if statement.principals is not None:
        return _named(statement.principals, context)
    if statement.not_principals is None:
        return Reach.DIRECT
    if statement.effect == "Allow":
        listed = _named(statement.not_principals, context) is not Reach.NONE
        return Reach.NONE if listed else Reach.DIRECT
    # A deny with NotPrincipal hits whoever has a boundary, whatever it lists.
    if bounded and isinstance(context.principal, IamUser | IamRole | AssumedRole):
        return Reach.DIRECT
    return Reach.NONE if _spared(statement.not_principals, context) else Reach.DIRECT


def _named(principals: Principals, context: RequestContext) -> Reach:
    principal = context.principal
    if principals.everyone:
        return Reach.DIRECT
    names = principals.aws
    match principal:
        case ServicePrincipal():
            return Reach.DIRECT if principal.name in principals.service else Reach.NONE
        case FederatedIdentity():
            return Reach.DIRECT if principal.provider in principals.federated else Reach.NONE
        case Anonymous():
            return Reach.NONE
        case AccountRoot():
            return Reach.DIRECT if _names_account(names, principal.account) else Reach.NONE
        case IamUser():
            if principal.arn in names or principal.user_id in names:
                return Reach.DIRECT
        case IamRole():
            if principal.arn in names or principal.role_id in names:
                return Reach.ENTITY
        case AssumedRole():
            if principal.arn in names:
                return Reach.DIRECT
            if principal.role_arn in names or principal.role_id in names:
                return Reach.ENTITY
        case FederatedUser():
            if principal.arn in names:
                return Reach.DIRECT
            if principal.user_arn in names or principal.user_id in names:
                return Reach.ENTITY
    return Reach.ACCOUNT if _names_account(names, principal.account) else Reach.NONE


def _spared(principals: Principals, context: RequestContext) -> bool:
    """Whether a deny with NotPrincipal leaves the caller alone: he and all that he belongs to are listed."""
    principal = context.principal
    if principals.everyone:
        return True
    names = principals.aws
    match principal:
        case IamUser():
            listed = principal.arn in names or principal.user_id in names
        case IamRole():
            listed = principal.arn in names or principal.role_id in names
        case AssumedRole():
            role = principal.role_arn in names or principal.role_id in names
            listed = principal.arn in names and role
        case FederatedUser():
            listed = principal.arn in names
        case ServicePrincipal() | FederatedIdentity() | Anonymous() | AccountRoot():
            return _named(principals, context) is not Reach.NONE
    return listed and _names_account(names, principal.account)


def _names_account(names: tuple[str, ...], account: str | None) -> bool:
    """Whether an account is named, by its number or by the ARN of its root."""
    if account is None or len(account) != 12:
        return False
    return any(
        name == account or (name.startswith("arn:") and name.split(":")[2:] == ["iam", "", account, "root"])
        for name in names
    )


# -- Action, NotAction ------------------------------------------------------------------------------


def speaks_of_action(statement: Statement, action: str) -> bool:
    """Whether the action is one of the statement's."""
    if statement.actions is not None:
        return any(_action_matches(written, action) for written in statement.actions)
    if statement.not_actions is not None:
        return not any(_action_matches(written, action) for written in statement.not_actions)
    return False


def _action_matches(written: str, action: str) -> bool:
    if written == "*":
        return True
    service, _, name = written.partition(":")
    if "*" in service or "?" in service or not name:
        return False
    if " " in written or "," in written:
        return False
    return matches(wildcards(written.lower()), action.lower())


# -- Resource, NotResource --------------------------------------------------------------------------


def speaks_of_resource(
    statement: Statement, context: RequestContext, layer: Layer, *, has_variables: bool
) -> bool:
    """Whether the resource is one of the statement's. A statement without resources is at its resource."""
    if statement.resources is not None:
        return any(_resource_matches(text, context, layer, has_variables) for text in statement.resources)
    if statement.not_resources is not None:
        return not any(
            _resource_matches(text, context, layer, has_variables) for text in statement.not_resources
        )
    return True


def asks_on_everything(context: RequestContext) -> bool:
    """Whether the action is one that takes no resources, and so is asked on `*` whatever the request says."""
    return not takes_resources(context.action.lower())


def _resource_matches(text: str, context: RequestContext, layer: Layer, has_variables: bool) -> bool:
    if asks_on_everything(context):
        return matches(wildcards(text), "*")  # no ARN is, and no variable stands outside of one
    written = text.split(":", 5)
    asked = context.resource.split(":", 5)
    if len(written) == 1 or (len(written) < 6 and len(asked) < 6):
        return matches(wildcards(text), context.resource)  # `*`, and what is no ARN on either side
    if len(asked) < 6:
        return False
    *head, tail = written
    patterns: list[Pattern] = [wildcards(part) for part in head]
    if len(written) == 6 and has_variables:
        expanded = expand(tail, context, with_wildcards=True)
        if expanded is None:
            return False
        patterns.append(expanded)
    else:
        patterns.append(wildcards(tail))
    if len(patterns) < 6:
        if not _may_be_short(text, layer):
            return False
        patterns += [wildcards("*")] * (6 - len(patterns))
    return all(map(matches, patterns, asked))


def _may_be_short(text: str, layer: Layer) -> bool:
    """Whether an ARN of fewer than six segments stands for the longer ones, in a policy of this layer."""
    if layer in ("identity", "boundary", "session"):
        return True
    if layer in ("resource", "vpc_endpoint"):
        return "*" in text or "?" in text
    if layer == "scp":
        return text.endswith("*")
    return False

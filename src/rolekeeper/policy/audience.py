"""Of whom a statement speaks: the Principal and NotPrincipal elements, and how close a grant comes.

An Allow in a resource policy may name the caller itself, the role behind its session, or only its account,
and that decides what else has to agree; so the answer is a level, of which zero is "not of this caller".
Nothing is matched by pattern: `*` alone means everyone, and a star in an ARN is a star. A unique ID
(`AIDA...`, `AROA...`) names the entity that has it, and nobody else after that is gone.
Source: "IAM JSON policy elements: Principal" and "... NotPrincipal" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from rolekeeper.policy.document import Principals, Statement
from rolekeeper.policy.principal import (
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

NOBODY: Final = 0
"""The statement does not speak of the caller."""
ACCOUNT: Final = 1
"""It speaks of the caller's account, whose own policies then decide."""
ENTITY: Final = 2
"""It names the role or the user behind the session: boundary and session policy still limit."""
DIRECT: Final = 3
"""It names the caller, or everyone: in the same account only an explicit deny limits."""

Audience: TypeAlias = Callable[[Principal], int]


def compile_audience(statement: Statement, *, bounded: bool) -> Audience | None:
    """The test of a statement's principals; None where it has none, and so speaks of whoever asks.

    `bounded` says that the caller has a permissions boundary: a Deny with NotPrincipal then hits it anyway.
    """
    if statement.principals is not None:
        return _named(statement.principals)
    if statement.not_principals is None:
        return None
    if statement.effect == "Allow":
        return _others(statement.not_principals)
    return _not_spared(statement.not_principals, bounded)


def _named(principals: Principals) -> Audience:
    if principals.everyone:
        return everyone
    return _Names(principals).level


def _others(principals: Principals) -> Audience:
    """Allow with NotPrincipal: everyone whom the list does not name in any way."""
    level = _named(principals)
    return lambda principal: NOBODY if level(principal) else DIRECT


def _not_spared(principals: Principals, bounded: bool) -> Audience:
    """Deny with NotPrincipal: it spares whoever is listed together with all that he stands in."""
    names = _Names(principals)
    spares_everyone = principals.everyone

    def level(principal: Principal) -> int:
        if bounded and isinstance(principal, IamUser | IamRole | AssumedRole):
            return DIRECT
        return NOBODY if spares_everyone or names.spare(principal) else DIRECT

    return level


def everyone(principal: Principal) -> int:
    """The audience of a statement that speaks of whoever asks."""
    return DIRECT


class _Names:
    """The names of one element, as sets."""

    __slots__ = ("_accounts", "_aws", "_federated", "_services")

    def __init__(self, principals: Principals) -> None:
        self._aws = frozenset(principals.aws)
        self._accounts = frozenset(filter(None, map(_account_named, principals.aws)))
        self._services = frozenset(principals.service)
        self._federated = frozenset(principals.federated)

    def level(self, principal: Principal) -> int:
        """How close the names come to the caller."""
        match principal:
            case AssumedRole():
                return self._session(principal.arn, principal.role_arn, principal.role_id, principal.account)
            case IamUser():
                return self._entity(principal.arn, principal.user_id, principal.account, DIRECT)
            case ServicePrincipal():
                return DIRECT if principal.name in self._services else NOBODY
            case AccountRoot():
                return DIRECT if principal.account in self._accounts else NOBODY
            case IamRole():
                return self._entity(principal.arn, principal.role_id, principal.account, ENTITY)
            case FederatedUser():
                return self._session(principal.arn, principal.user_arn, principal.user_id, principal.account)
            case FederatedIdentity():
                return DIRECT if principal.provider in self._federated else NOBODY
            case Anonymous():
                return NOBODY

    def _session(self, arn: str, entity_arn: str | None, entity_id: str | None, account: str | None) -> int:
        return DIRECT if arn in self._aws else self._entity(entity_arn, entity_id, account, ENTITY)

    def _entity(self, arn: str | None, identifier: str | None, account: str | None, level: int) -> int:
        if arn in self._aws or identifier in self._aws:
            return level
        return ACCOUNT if account in self._accounts else NOBODY

    def spare(self, principal: Principal) -> bool:
        """Whether the caller is listed with everything that he stands in: session, role or user, account."""
        match principal:
            case AssumedRole():
                return (
                    principal.account in self._accounts
                    and principal.arn in self._aws
                    and (principal.role_arn in self._aws or principal.role_id in self._aws)
                )
            case IamUser():
                return self._listed(principal.arn, principal.user_id, principal.account)
            case IamRole():
                return self._listed(principal.arn, principal.role_id, principal.account)
            case FederatedUser():
                return self._listed(principal.arn, None, principal.account)
            case _:
                return self.level(principal) != NOBODY

    def _listed(self, arn: str, identifier: str | None, account: str | None) -> bool:
        return account in self._accounts and (arn in self._aws or identifier in self._aws)


def _account_named(name: str) -> str | None:
    """The account that a principal names, by its number or by the ARN of its root."""
    if len(name) == 12 and name.isascii() and name.isdigit():
        return name
    parts = name.split(":")
    if len(parts) == 6 and parts[0] == "arn" and parts[2:4] == ["iam", ""] and parts[5] == "root":
        return parts[4]
    return None

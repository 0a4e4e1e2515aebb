"""Making the session of a role: what all ways to become a role have in common, and answer.

Source: "AssumeRole", "AssumeRoleWithWebIdentity" and "AssumeRoleWithSAML" in the STS API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import Arn, assumed_role_arn
from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.iam.credentials import RoleSession
from rolekeeper.iam.entities import Role
from rolekeeper.operations import session_terms
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.sessions import is_closed
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.query_output import Lasting


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is to be, checked: its length in seconds, its limits, and what it carries."""

    duration: int
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    source_identity: str | None = None
    tags: dict[str, str] = {}
    transitive: tuple[str, ...] = ()
    claims: Mapping[str, str | tuple[str, ...]] = {}


def target(store: Transaction, role_arn: str, partition: str) -> Role | None:
    """The role of an ARN in whatever account it is; ValidationError where it is no role's ARN. In an account
    that is closed there is none."""
    account, name = account_and_name(role_arn)
    if not store.has_account(account) or is_closed(store.account(account)):
        return None
    role = store.account(account).roles.find(name)
    return role if role is not None and role.arn(partition) == role_arn else None


@lru_cache(maxsize=10_000)
def account_and_name(role_arn: str) -> tuple[str, str]:
    """The account and the name in a role's ARN; ValidationError where it is none."""
    try:
        arn = Arn.parse(role_arn)
    except ValueError:
        raise ValidationError(f"{role_arn} is invalid") from None
    if arn.service != "iam" or arn.resource_type != "role":
        raise ValidationError(f"{role_arn} is invalid")
    return arn.account, arn.name


def trusted_role(call: Call, *, role_arn: str, **_: Any) -> Resource:
    """The role to assume, with its trust policy. A role that does not exist trusts nobody, and a refusal is
    the same in both cases."""
    if call.caller.is_root:
        raise AccessDenied("Roles may not be assumed by root accounts.")
    return call.store.derived(_trusted, role_arn, call.partition)


def _trusted(store: Transaction, role_arn: str, partition: str) -> Resource:
    role = target(store, role_arn, partition)
    return Resource(
        arn=role_arn,
        account=role.account if role else Arn.parse(role_arn).account,
        tags=role.tags if role else {},
        policy=role.trust if role else None,
        policy_kind="trust",
        entity=role,
        hidden=True,
    )


def role_of(call: Call) -> Role:
    """The role that the call was allowed to assume."""
    role = call.resource.entity if call.resource is not None else None
    if not isinstance(role, Role):  # nobody is trusted by what is not there: authorization has refused
        raise AccessDenied(f"Not authorized to perform {call.operation.action}")
    return role


@lru_cache(maxsize=10_000)  # many sessions have the name of an earlier one
def _assumed(partition: str, account: str, role: str, role_id: str, name: str) -> Lasting:
    return Lasting(
        {"AssumedRoleId": f"{role_id}:{name}", "Arn": assumed_role_arn(partition, account, role, name)}
    )


def begin(call: Call, role: Role, name: str, terms: Terms, *, minimum_token_size: int = 0) -> dict[str, Any]:
    """Make the session, and what every way to become a role answers of it."""
    issued = int(call.now.timestamp())
    session = RoleSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, role.account),
        account=role.account,
        issued=issued,
        expires=issued + terms.duration,
        role_id=role.id,
        name=name,
        chained=call.caller.role_session is not None,
        policy=terms.policy,
        policy_arns=terms.policy_arns,
        source_identity=terms.source_identity,
        tags=terms.tags,
        transitive=terms.transitive,
        mfa_at=call.mfa_at,
        claims=dict(terms.claims),
    )
    answer: dict[str, Any] = {
        **call.sessions.issue(session, minimum_token_size=minimum_token_size).answer(),
        "AssumedRoleUser": _assumed(call.partition, role.account, role.name, role.id, name),
    }
    packed = session_terms.packed_percentage(call, session)
    if packed is not None:
        answer["PackedPolicySize"] = packed
    if session.source_identity is not None:
        answer["SourceIdentity"] = session.source_identity
    return answer

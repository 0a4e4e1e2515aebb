"""AssumeRole: whom the role's trust policy and the caller's own policies let in becomes the role.

Source: "AssumeRole" in the STS API Reference; "Methods to assume a role" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from rolekeeper import ids
from rolekeeper.arn import Arn, assumed_role_arn
from rolekeeper.errors import AccessDenied, ValidationError
from rolekeeper.iam.credentials import RoleSession
from rolekeeper.iam.entities import Role
from rolekeeper.operations import mfa_codes, session_terms
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation


def _target(call: Call, role_arn: str) -> Role | None:
    """The role of an ARN in whatever account it is; ValidationError where it is no role's ARN."""
    account, name = _account_and_name(role_arn)
    if not call.store.has_account(account):
        return None
    role = call.store.account(account).roles.find(name)
    return role if role is not None and role.arn(call.partition) == role_arn else None


@lru_cache(maxsize=10_000)
def _account_and_name(role_arn: str) -> tuple[str, str]:
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
    role = _target(call, role_arn)
    return Resource(
        arn=role_arn,
        account=role.account if role else Arn.parse(role_arn).account,
        tags=role.tags if role else {},
        policy=role.trust if role else None,
        policy_kind="trust",
        entity=role,
        hidden=True,
    )


def _verified(
    call: Call, *, serial_number: str | None = None, token_code: str | None = None, **arguments: Any
) -> Resource:
    """The role to assume, once the caller's code is checked: trust policies may ask for MFA."""
    resource = trusted_role(call, **arguments)
    mfa_codes.verify(call, serial_number, token_code)
    return resource


def _session_keys(
    call: Call,
    *,
    role_session_name: str,
    external_id: str | None = None,
    source_identity: str | None = None,
    transitive_tag_keys: list[str] | None = None,
    duration_seconds: int | None = None,
    **_: Any,
) -> Keys:
    keys: dict[str, str | tuple[str, ...]] = {"sts:rolesessionname": role_session_name}
    if external_id is not None:
        keys["sts:externalid"] = external_id
    if source_identity is not None:
        keys["sts:sourceidentity"] = source_identity
    if transitive_tag_keys:
        keys["sts:transitivetagkeys"] = tuple(transitive_tag_keys)
    if duration_seconds is not None:
        keys["sts:durationseconds"] = str(duration_seconds)
    return keys


def _session_accesses(call: Call, **arguments: Any) -> Iterable[Access]:
    """Tags and a source identity are permissions of their own, on the caller's side and in the trust."""
    session = call.caller.role_session
    actions = []
    if arguments.get("tags") or (session is not None and session.transitive):
        actions.append("sts:TagSession")
    if arguments.get("source_identity") or (session is not None and session.source_identity):
        actions.append("sts:SetSourceIdentity")
    keys = _session_keys(call, **arguments) if actions else {}
    for action in actions:
        resource = trusted_role(call, **arguments)
        yield Access(action=action, resource=resource, keys=lambda: keys)


@operation(resource=_verified, keys=_session_keys, also=_session_accesses)
def assume_role(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    duration_seconds: int | None = None,
    policy: str | None = None,
    policy_arns: list[dict[str, str]] | None = None,
    external_id: str | None = None,
    tags: list[dict[str, str]] | None = None,
    transitive_tag_keys: list[str] | None = None,
    source_identity: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    provided_contexts: list[dict[str, str]] | None = None,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Become a role for a while."""
    role = call.resource.entity if call.resource is not None else None
    if not isinstance(role, Role):  # nobody is trusted by what is not there: authorization has refused
        raise AccessDenied(f"Not authorized to perform: sts:AssumeRole on resource: {role_arn}")
    session_terms.refuse_foreign_contexts(provided_contexts)
    own_tags, transitive = session_terms.tags(call, tags, transitive_tag_keys)
    issued = int(call.now.timestamp())
    session = RoleSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, role.account),
        account=role.account,
        issued=issued,
        expires=issued + session_terms.duration(call, role, duration_seconds),
        role_id=role.id,
        name=role_session_name,
        chained=call.caller.role_session is not None,
        policy=session_terms.policy(call, policy),
        policy_arns=session_terms.policy_arns(call, role, policy_arns, beside=policy),
        source_identity=session_terms.source_identity(call, source_identity),
        tags=own_tags,
        transitive=transitive,
        mfa_at=call.mfa_at,
    )
    answer: dict[str, Any] = {
        "Credentials": call.sessions.issue(session, minimum_token_size=minimum_session_token_size).view(),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role.id}:{role_session_name}",
            "Arn": assumed_role_arn(call.partition, role.account, role.name, role_session_name),
        },
    }
    packed = session_terms.packed_percentage(call, session)
    if packed is not None:
        answer["PackedPolicySize"] = packed
    if session.source_identity is not None:
        answer["SourceIdentity"] = session.source_identity
    return answer

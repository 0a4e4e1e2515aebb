"""AssumeRole: whom the role's trust policy and the caller's own policies let in becomes the role.

Source: "AssumeRole" in the STS API Reference; "Methods to assume a role" and "Monitor and control actions
taken with assumed roles" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rolekeeper.operations import mfa_codes, role_sessions, session_terms
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation


def _verified(
    call: Call, *, serial_number: str | None = None, token_code: str | None = None, **arguments: Any
) -> Resource:
    """The role to assume, once the caller's code is checked: trust policies may ask for MFA."""
    resource = role_sessions.trusted_role(call, **arguments)
    mfa_codes.verify(call, serial_number, token_code)
    return resource


def _session_keys(
    call: Call,
    *,
    role_session_name: str,
    external_id: str | None = None,
    source_identity: str | None = None,
    transitive_tag_keys: list[str] | None = None,
    **_: Any,
) -> Keys:
    """How long the session shall last is no condition key here, with AWS."""
    keys: dict[str, str | tuple[str, ...]] = {"sts:rolesessionname": role_session_name}
    if external_id is not None:
        keys["sts:externalid"] = external_id
    session = call.caller.role_session
    identity = source_identity or (session.source_identity if session is not None else None)
    if identity is not None:  # along a chain it is there without being said again
        keys["sts:sourceidentity"] = identity
    if transitive_tag_keys:
        keys["sts:transitivetagkeys"] = tuple(transitive_tag_keys)
    return keys


def _session_accesses(call: Call, **arguments: Any) -> Iterable[Access]:
    """Tags, a source identity and contexts are permissions of their own, on both sides."""
    session = call.caller.role_session
    actions = []
    if arguments.get("tags") or (session is not None and session.transitive):
        actions.append("sts:TagSession")
    if arguments.get("source_identity") or (session is not None and session.source_identity):
        actions.append("sts:SetSourceIdentity")
    if arguments.get("provided_contexts"):
        actions.append("sts:SetContext")
    keys = _session_keys(call, **arguments) if actions else {}
    for action in actions:
        resource = role_sessions.trusted_role(call, **arguments)
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
    role = role_sessions.role_of(call)
    session_terms.refuse_foreign_contexts(provided_contexts)
    own_tags, handed_down = session_terms.tags(call, tags, transitive_tag_keys)
    inline, managed = session_terms.policies(call, role.account, policy, policy_arns)
    terms = role_sessions.Terms(
        duration=session_terms.duration(call, role, duration_seconds),
        policy=inline,
        policy_arns=managed,
        source_identity=session_terms.source_identity(call, source_identity),
        tags=own_tags,
        transitive=handed_down,
    )
    return role_sessions.begin(
        call, role, role_session_name, terms, minimum_token_size=minimum_session_token_size
    )

"""Sessions of whom an identity provider vouches for: what OpenID Connect and SAML have in common.

Tags and a source identity come from the provider's word, not from the request; they need sts:TagSession and
sts:SetSourceIdentity in the role's trust policy all the same.
Source: "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed roles" in the IAM
User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

from rolekeeper.errors import InvalidIdentityToken
from rolekeeper.operations import role_sessions, session_terms
from rolekeeper.service.call import Access, Call, Vouched
from rolekeeper.service.registry import Keys


class Asked(TypedDict, total=False):
    """What a call of either may ask for besides, by the names of AWS's model."""

    policy_arns: list[dict[str, str]]
    policy: str
    duration_seconds: int
    minimum_session_token_size: int


def proven(call: Call) -> Vouched:
    """What was vouched for; a call that got so far has it."""
    vouched = call.caller.vouched
    if vouched is None:
        raise InvalidIdentityToken("The call brings no word of an identity provider.")
    return vouched


def keys(call: Call, *, role_session_name: str = "", **_: Any) -> Keys:
    """The condition keys of the call itself. How long the session shall last is none of them, with AWS."""
    vouched = proven(call)
    found: dict[str, str | tuple[str, ...]] = {}
    name = role_session_name or vouched.session_name
    if name:
        found["sts:rolesessionname"] = name
    if vouched.source_identity is not None:
        found["sts:sourceidentity"] = vouched.source_identity
    if vouched.transitive:
        found["sts:transitivetagkeys"] = vouched.transitive
    return found


def accesses(call: Call, **arguments: Any) -> Iterable[Access]:
    """Tags and a source identity are permissions of their own."""
    vouched = proven(call)
    actions = ["sts:TagSession"] if vouched.tags else []
    if vouched.source_identity is not None:
        actions.append("sts:SetSourceIdentity")
    given = keys(call, **arguments) if actions else {}
    for action in actions:
        resource = role_sessions.trusted_role(call, **arguments)
        yield Access(action=action, resource=resource, keys=lambda: given)


def begin(call: Call, name: str, **asked: Unpack[Asked]) -> dict[str, Any]:
    """Make the session of the role that the call was allowed to assume."""
    vouched, role = proven(call), role_sessions.role_of(call)
    tags, transitive = session_terms.tags(
        call, [{"Key": key, "Value": value} for key, value in vouched.tags.items()], list(vouched.transitive)
    )
    inline, managed = session_terms.policies(
        call, role.account, asked.get("policy"), asked.get("policy_arns")
    )
    duration = session_terms.duration(call, role, asked.get("duration_seconds") or vouched.duration)
    if vouched.ends is not None:
        duration = min(duration, vouched.ends - int(call.now.timestamp()))
    terms = role_sessions.Terms(
        duration=duration,
        policy=inline,
        policy_arns=managed,
        source_identity=session_terms.checked_source_identity(vouched.source_identity),
        tags=tags,
        transitive=transitive,
        claims=vouched.keys,
    )
    return role_sessions.begin(
        call, role, name, terms, minimum_token_size=asked.get("minimum_session_token_size", 0)
    )

"""The Security Token Service: who am I, and becoming a role.

Source: the STS API Reference, and "Roles terms and concepts" (role chaining) in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import Arn, assumed_role_arn
from rolekeeper.errors import (
    AccessDenied,
    InvalidInput,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ValidationError,
)
from rolekeeper.iam import tagging
from rolekeeper.iam.credentials import CHAINED_DURATION, RoleSession, UserSession
from rolekeeper.iam.entities import AccessKey, Role
from rolekeeper.operations import resources
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.authorizer import managed_policy_by_arn
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import Keys, operation
from rolekeeper.service.sessions import session_tags

Given = list[dict[str, str]]


@operation(resource=resources.everything, permission=False)
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Who signed the request. It needs no permission, and no policy denies it."""
    caller = call.caller
    user_id = caller.account
    if caller.role is not None and caller.role_session is not None:
        user_id = f"{caller.role.id}:{caller.role_session.name}"
    elif caller.user is not None:
        user_id = caller.user.id
    return {"UserId": user_id, "Account": caller.account, "Arn": caller.principal.arn}


@operation(resource=resources.everything)
def get_access_key_info(call: Call, *, access_key_id: str) -> dict[str, Any]:
    """The account of an access key ID: it is in the ID, so the key need not exist any more."""
    key = call.store.by_unique_id(access_key_id)
    account = key.account if isinstance(key, AccessKey) else ids.account_of(access_key_id)
    if account is None:
        raise ValidationError(f"Access Key ID {access_key_id} is not valid.")
    return {"Account": account}


@operation(resource=resources.everything, permission=False)
def get_session_token(
    call: Call,
    *,
    duration_seconds: int | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Temporary credentials of the user (12 hours by default) or the root user (one hour at most)."""
    _refuse_unknown_mfa(serial_number, token_code)
    longest = 3600 if call.caller.is_root else 129_600
    seconds = min(duration_seconds or 43_200, longest)
    issued = int(call.now.timestamp())
    session = UserSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, call.account),
        account=call.account,
        issued=issued,
        expires=issued + seconds,
        user_id=call.caller.user.id if call.caller.user else None,
    )
    issue = call.sessions.issue
    return {"Credentials": issue(session, minimum_token_size=minimum_session_token_size).view()}


def _target(call: Call, role_arn: str) -> Role | None:
    """The role of an ARN in whatever account it is; ValidationError where it is no role's ARN."""
    try:
        arn = Arn.parse(role_arn)
    except ValueError:
        raise ValidationError(f"{role_arn} is invalid") from None
    if arn.service != "iam" or arn.resource_type != "role":
        raise ValidationError(f"{role_arn} is invalid")
    if not call.store.has_account(arn.account):
        return None
    role = call.store.account(arn.account).roles.find(arn.name)
    return role if role is not None and role.arn(call.partition) == role_arn else None


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
        hidden=True,
    )


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
    for action in actions:
        resource, keys = trusted_role(call, **arguments), _session_keys(call, **arguments)
        yield Access(action=action, resource=resource, keys=keys)


@operation(resource=trusted_role, keys=_session_keys, also=_session_accesses)
def assume_role(
    call: Call,
    *,
    role_arn: str,
    role_session_name: str,
    duration_seconds: int | None = None,
    policy: str | None = None,
    policy_arns: list[dict[str, str]] | None = None,
    external_id: str | None = None,
    tags: Given | None = None,
    transitive_tag_keys: list[str] | None = None,
    source_identity: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    provided_contexts: list[dict[str, str]] | None = None,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Become a role for a while."""
    role = _target(call, role_arn)
    if role is None:  # no trust policy allowed it: authorization has refused
        raise AccessDenied(f"Not authorized to perform: sts:AssumeRole on resource: {role_arn}")
    _refuse_unknown_mfa(serial_number, token_code)
    _refuse_foreign_contexts(provided_contexts)
    caller_session = call.caller.role_session
    own_tags, kept = _tags(call, tags or [])
    transitive = tuple(dict.fromkeys((*kept, *_transitive(transitive_tag_keys or [], own_tags))))
    issued = int(call.now.timestamp())
    session = RoleSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, role.account),
        account=role.account,
        issued=issued,
        expires=issued + _duration(call, role, duration_seconds),
        role_id=role.id,
        name=role_session_name,
        chained=caller_session is not None,
        policy=_session_policy(call, policy),
        policy_arns=_session_policy_arns(call, role, policy_arns or []),
        source_identity=_source_identity(call, source_identity),
        tags=own_tags,
        transitive=transitive,
    )
    answer: dict[str, Any] = {
        "Credentials": call.sessions.issue(session, minimum_token_size=minimum_session_token_size).view(),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role.id}:{role_session_name}",
            "Arn": assumed_role_arn(call.partition, role.account, role.name, role_session_name),
        },
    }
    packed = _packed_percentage(call, session)
    if packed is not None:
        answer["PackedPolicySize"] = packed
    if session.source_identity is not None:
        answer["SourceIdentity"] = session.source_identity
    return answer


def _duration(call: Call, role: Role, asked: int | None) -> int:
    chained = call.caller.role_session is not None
    if asked is None:
        return min(3600, role.max_session_duration)
    if chained and asked > CHAINED_DURATION:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
            "chaining"
        )
    if asked > role.max_session_duration:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    return asked


def _tags(call: Call, given: Given) -> tuple[dict[str, str], tuple[str, ...]]:
    tags = tagging.merged({}, given, limit=call.limits.tags)
    try:
        return session_tags(call.caller, tags)
    except ValueError as error:
        raise InvalidInput(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive "
            f"tag key from the calling session: {error}"
        ) from None


def _transitive(keys: list[str], tags: dict[str, str]) -> list[str]:
    named = {key.lower(): key for key in tags}
    for key in keys:
        if key.lower() not in named:
            raise ValidationError(f"The transitive tag key {key} is not one of the specified tags.")
    return [named[key.lower()] for key in keys]


def _source_identity(call: Call, asked: str | None) -> str | None:
    session = call.caller.role_session
    inherited = session.source_identity if session is not None else None
    if inherited is not None and asked is not None and asked != inherited:
        raise AccessDenied("The source identity of a session cannot be changed along a chain of roles.")
    return inherited or asked


def _session_policy(call: Call, text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) > call.limits.session_policy_size:
        raise PackedPolicyTooLarge(
            f"Session policy is over the limit of {call.limits.session_policy_size} characters."
        )
    validate(text, PolicyKind.SESSION)
    return text


def _session_policy_arns(call: Call, role: Role, given: list[dict[str, str]]) -> tuple[str, ...]:
    if len(given) > call.limits.session_policy_arns:
        raise ValidationError(f"At most {call.limits.session_policy_arns} policy ARNs can be given.")
    arns = tuple(entry["arn"] for entry in given)
    for arn in arns:
        policy = managed_policy_by_arn(arn, call.store)
        if policy is None or policy.account not in (role.account, "aws"):
            raise MalformedPolicyDocument(f"Policy {arn} does not exist or is not of the role's account.")
    return arns


def _packed_percentage(call: Call, session: RoleSession) -> int | None:
    """How much of the packed limit policies and tags take, in percent; PackedPolicyTooLarge over 100."""
    if session.policy is None and not session.policy_arns and not session.tags:
        return None
    size = len(msgspec.msgpack.encode((session.policy, session.policy_arns, session.tags)))
    percentage = -(-100 * size // call.limits.packed_size)
    if percentage > 100:
        what = "Packed policy" if session.policy or session.policy_arns else "Packed size of session tags"
        raise PackedPolicyTooLarge(f"{what} consumes {percentage}% of allotted space.")
    return percentage


def _refuse_unknown_mfa(serial_number: str | None, token_code: str | None) -> None:
    if serial_number is not None or token_code is not None:
        raise AccessDenied(
            "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA serial "
            "number is valid and associated with this user."
        )


def _refuse_foreign_contexts(provided_contexts: list[dict[str, str]] | None) -> None:
    # An assertion is one that STS itself has signed, and this server signs none.
    if provided_contexts:
        raise ValidationError("The context assertion of a provided context is not valid.")

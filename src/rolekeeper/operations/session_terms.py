"""What a new session carries, and for how long: the rules on the parameters of becoming a role.

Source: "AssumeRole" in the STS API Reference; "Roles terms and concepts" (role chaining) and "Pass session
tags in AWS STS" in the IAM User Guide.
"""

from __future__ import annotations

import re

import msgspec

from rolekeeper.errors import (
    AccessDenied,
    IdentityProviderRejectedClaim,
    InvalidInput,
    InvalidParameterValue,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ValidationError,
)
from rolekeeper.iam import tagging
from rolekeeper.iam.credentials import CHAINED_DURATION, FederationSession, RoleSession
from rolekeeper.iam.entities import Role
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.authorizer import managed_policy_by_arn
from rolekeeper.service.call import Call
from rolekeeper.service.sessions import session_tags

Given = list[dict[str, str]]


def duration(call: Call, role: Role, asked: int | None) -> int:
    """Seconds that the session lasts; ValidationError over what the role or a chain allows."""
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


def tags(
    call: Call, given: Given | None, transitive: list[str] | None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The tags of a session with those handed down, and the keys of those that go on to later sessions."""
    caller_session = call.caller.role_session
    if not given and not transitive and (caller_session is None or not caller_session.transitive):
        return {}, ()
    try:
        merged = tagging.merged({}, given, limit=call.limits.tags)
    except InvalidInput as error:  # the rule is IAM's, and the code that STS has for it another
        raise InvalidParameterValue(error.message) from None
    try:
        own, kept = session_tags(call.caller, merged)
    except ValueError:
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive "
            "tag key from the calling session."
        ) from None
    return own, tuple(dict.fromkeys((*kept, *_transitive_keys(transitive or [], merged))))


def _transitive_keys(keys: list[str], tags: dict[str, str]) -> list[str]:
    named = {key.lower(): key for key in tags}
    for key in keys:
        if key.lower() not in named:
            raise InvalidParameterValue(
                "The specified transitive tag key must be included in the requested tags."
            )
    return [named[key.lower()] for key in keys]


def source_identity(call: Call, asked: str | None) -> str | None:
    """The source identity: once set, it stays the same along a chain of roles."""
    session = call.caller.role_session
    inherited = session.source_identity if session is not None else None
    if inherited is not None and asked is not None and asked != inherited:
        raise ValidationError("The source identity is already set for this assume role session")
    return inherited or asked


_SOURCE_IDENTITY = re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII | re.IGNORECASE)


def checked_source_identity(claimed: str | None) -> str | None:
    """A source identity that an identity provider gives; IDPRejectedClaim where it has not its form."""
    if claimed is not None and not _SOURCE_IDENTITY.fullmatch(claimed):
        raise IdentityProviderRejectedClaim("The source identity must have 2 to 64 characters of [\\w+=,.@-]")
    return claimed


def policies(
    call: Call, account: str, text: str | None, given: list[dict[str, str]] | None
) -> tuple[str | None, tuple[str, ...]]:
    """The session policies: one inline, and ARNs of managed ones, which must be of that account.

    The text and the ARNs have one limit of characters together.
    Source: "IAM and AWS STS quotas" in the IAM User Guide (session policies).
    """
    if text is None and not given:
        return None, ()
    if len(given or ()) > call.limits.session_policy_arns:
        raise ValidationError(f"At most {call.limits.session_policy_arns} policy ARNs can be given.")
    arns = tuple(entry["arn"] for entry in given or ())
    if len(text or "") + sum(map(len, arns)) > call.limits.session_policy_size:
        raise PackedPolicyTooLarge(
            f"Session policies are over the limit of {call.limits.session_policy_size} characters."
        )
    if text is not None:
        validate(text, PolicyKind.SESSION)
    for arn in arns:
        found = managed_policy_by_arn(arn, call.store)
        if found is None or found.account not in (account, "aws"):
            raise MalformedPolicyDocument(f"Policy {arn} does not exist or is not of account {account}.")
    return text, arns


def maker_id(call: Call) -> str | None:
    """The ID of the user who makes a session of their own; None for the root user, and nobody else may."""
    if call.caller.user is None and not call.caller.is_root:
        raise AccessDenied(f"Cannot call {call.operation.name} with session credentials")
    return call.caller.user.id if call.caller.user is not None else None


def packed_percentage(call: Call, session: RoleSession | FederationSession) -> int | None:
    """How much of the packed limit policies and tags take, in percent; PackedPolicyTooLarge over 100.

    They are measured in the form in which the session's token holds them.
    """
    if session.policy is None and not session.policy_arns and not session.tags:
        return None
    size = len(msgspec.msgpack.encode((session.policy, session.policy_arns, session.tags)))
    percentage = -(-100 * size // call.limits.packed_size)
    if percentage > 100:
        what = "Packed policy" if session.policy or session.policy_arns else "Packed size of session tags"
        raise PackedPolicyTooLarge(f"{what} consumes {percentage}% of allotted space.")
    return percentage


def refuse_foreign_contexts(provided_contexts: list[dict[str, str]] | None) -> None:
    """ValidationError where a request brings context assertions."""
    # An assertion is one that STS itself has signed, and this server signs none.
    if provided_contexts:
        raise ValidationError("The context assertion of a provided context is not valid.")

"""Break-glass roles: the policies that make one, and what such policies say. All of it is AWS's own language.

The trust policy names the people and demands MFA, a session named after the user, a source identity that
carries the reason, and a moment before the end of a window. An inline policy denies everything from that
moment on, so that nothing has to run for the role to close; and it keeps sessions off the role itself. A
closed role is one whose window ended long ago. Sessions are ended at once by AWS's own policy for that.
Source: "Configuring MFA-protected API access", "Monitor and control actions taken with assumed roles" and
"Revoke IAM role temporary security credentials" in the IAM User Guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

PATH: Final = "/break-glass/"
"""The path of all break-glass roles: a policy on `role/break-glass/*` says who may open them."""

CLOSED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The end of a closed role's window; no clock that goes wrong can open it."""

MFA_SECONDS: Final = 300
"""How old the use of the MFA device may be."""

SESSION_SECONDS: Final = 3600
"""How long a session lasts at most. AWS has no shorter maximum."""

WINDOW_POLICY: Final = "BreakGlassWindow"
REVOKING_POLICY: Final = "AWSRevokeOlderSessions"
"""AWS's name for it, which its console shows as what it is."""

REASON_TAG: Final = "break-glass:reason"
SINCE_TAG: Final = "break-glass:opened-at"
OPENER_TAG: Final = "break-glass:opened-by"
EXTENDER_TAG: Final = "break-glass:extended"
"""When it was last extended, and by whom: of this opening, where that is not before it."""

LONGEST: Final = timedelta(hours=12)
"""How long a role may be open, with all extensions, before it must be closed and opened anew."""

_MAX_REASON: Final = 256
_NO_REASON: Final = re.compile(r"[^\w\s_.:/=+\-@]")
_NO_IDENTITY: Final = re.compile(r"[^\w+=.@-]+", re.ASCII)
_MAX_IDENTITY: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the trust policy of the recipe says: until when, and which source identity (`*`: any)."""

    ends: datetime
    source_identity: str


def refusal_of_reason(reason: str) -> str | None:
    """Why a reason cannot be one: it stands in a tag, and in part in a source identity."""
    if len(reason) > _MAX_REASON:
        return f"a reason has up to {_MAX_REASON} characters, and not {len(reason)}"
    wrong = _NO_REASON.search(reason)
    if wrong is not None or not reason.isprintable():
        found = repr(wrong[0]) if wrong is not None else "control characters"
        return f"a reason is kept in a tag, which has letters, digits, spaces and _.:/=+-@, and not {found}"
    if len(source_identity(reason)) < 2 or source_identity(reason).lower().startswith("aws:"):
        return "a reason has two letters or digits of ASCII at least: they become the source identity"
    return None


def source_identity(reason: str) -> str:
    """The reason in the characters of a source identity: `INC-42-database-down`."""
    return _NO_IDENTITY.sub("-", reason)[:_MAX_IDENTITY].strip("-")


def trust_policy(people: Any, *, ends: datetime = CLOSED, identity: str = "*") -> str:
    """The trust policy. `people` are the ARNs of those who may assume the role; of nobody, it denies all."""
    if not people:
        nobody = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        return _text(nobody)
    principal, reason = {"AWS": people}, {"sts:SourceIdentity": identity}
    entering = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": str(MFA_SECONDS)},
        "StringEquals": {"sts:RoleSessionName": "${aws:username}"},
        "StringLike": reason,
        "DateLessThan": {"aws:CurrentTime": instant(ends)},
    }
    return _text(
        {
            "Sid": "Enter",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:AssumeRole",
            "Condition": entering,
        },
        {
            "Sid": "SayWhy",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sts:SetSourceIdentity",
            "Condition": {"StringLike": reason},
        },
    )


def window_policy(role_arn: str, *, ends: datetime = CLOSED) -> str:
    """The inline policy that ends running sessions with the window, and keeps them off the role itself."""
    late = {"DateGreaterThanEquals": {"aws:CurrentTime": instant(ends)}}
    return _text(
        {"Sid": "Late", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": late},
        {"Sid": "Itself", "Effect": "Deny", "NotAction": ["iam:Get*", "iam:List*"], "Resource": role_arn},
    )


def revoking_policy(before: datetime) -> str:
    """AWS's inline policy against sessions that are older than a moment."""
    older = {"DateLessThan": {"aws:TokenIssueTime": instant(before)}}
    return _text({"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": older})


def window(trust: str) -> Window | None:
    """What a trust policy says; None where it is not just the recipe's, and might let in anybody."""
    try:
        document = json.loads(trust)
        if document == json.loads(trust_policy(())):
            return Window(ends=CLOSED, source_identity="*")
        conditions = document["Statement"][0]["Condition"]
        ends = moment(conditions["DateLessThan"]["aws:CurrentTime"])
        identity = conditions["StringLike"]["sts:SourceIdentity"]
        named = document["Statement"][0]["Principal"]["AWS"]
        if "*" in named or document != json.loads(trust_policy(named, ends=ends, identity=identity)):
            return None
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return Window(ends=ends, source_identity=identity)


def people(trust: str) -> tuple[str, ...]:
    """The ARNs that a trust policy names. Those of deleted users are IDs by now, and nobody any more."""
    statements = json.loads(trust)["Statement"]
    found = [
        arn
        for statement in (statements if isinstance(statements, list) else [statements])
        for arn in _named(statement.get("Principal"))
        if arn.startswith("arn:")
    ]
    return tuple(dict.fromkeys(found))


def instant(moment: datetime) -> str:
    """A moment as policies have it: `2026-11-22T10:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(text: str) -> datetime:
    """The moment that `instant` wrote; ValueError."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _named(principal: Any) -> Iterator[str]:
    named = principal.get("AWS", ()) if isinstance(principal, dict) else ()
    yield from [named] if isinstance(named, str) else named


def _text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

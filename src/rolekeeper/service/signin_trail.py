"""The events of signing in to the console, as CloudTrail has them of `signin.amazonaws.com`.

Every try is told, refused ones too, and never a password, a code, a token or a cookie.
Source: "AWS Management Console sign-in events" in the CloudTrail User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.audit import cloudtrail
from rolekeeper.audit.event import AuditRecord
from rolekeeper.service.call import Caller
from rolekeeper.service.dispatch import Service
from rolekeeper.service.identities import identity
from rolekeeper.wire.http import HttpRequest

HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Of each partition the region in which people sign in."""

NOBODY: Mapping[str, Any] = {"type": "Unknown", "principalId": "", "accessKeyId": ""}


def known(caller: Caller) -> dict[str, Any]:
    """The `userIdentity` of somebody; a user who has no session yet has no access key."""
    found = identity(caller)
    if not found["accessKeyId"]:
        del found["accessKeyId"]
    return found


def told(
    service: Service,
    request: HttpRequest,
    name: str,
    *,
    partition: str,
    account: str = "",
    who: Mapping[str, Any] = NOBODY,
    subject: str = "",
    refused: str | None = None,
    response: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **additional: Any,
) -> None:
    """Keep the event `name`, which went well where `refused` is None, in the trail of an account.

    `subject` is the ID of the user or role whose use it is, `additional` the `additionalEventData`.
    """
    event_id, now = ids.request_id(), service.clock.now()
    elements = {**(response or {}), name: "Success" if refused is None else "Failure"}
    record = AuditRecord(
        event_id=event_id,
        time=now,
        account=account,
        document=cloudtrail.record(
            event_id=event_id,
            time=now,
            service="signin",
            name=name,
            region=HOMES[partition],
            identity=msgspec.json.encode(who).decode(),
            account=account,
            source_ip=request.source_ip,
            user_agent=request.header("user-agent") or "",
            request_id=ids.request_id(),
            read_only=False,
            parameters="null" if parameters is None else msgspec.json.encode(parameters).decode(),
            response=msgspec.json.encode(elements).decode(),
            error=None if refused is None else ("", refused),
            additional=msgspec.json.encode(additional).decode() if additional else "",
            event_type="AwsConsoleSignIn",
        ),
    )
    service.store.journal.append(record, subject)


def subject_of(caller: Caller) -> str:
    """The ID of the user or role for whom what a caller does counts as use."""
    return caller.entity.id if caller.entity is not None else ""

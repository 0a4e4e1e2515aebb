"""The sessions of a role that the audit trail knows, read from its end back to a moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rolekeeper.iam.break_glass import instant

if TYPE_CHECKING:
    from rolekeeper.cli.audit import Source

_PAGE: Final = 1000
MOST_EVENTS: Final = 200_000
"""How far back the trail is read; a busy server's whole trail would be no answer in an emergency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session, by the event of its beginning."""

    name: str
    source_identity: str
    caller: str
    address: str
    since: str
    expires: str


def running(source: Source, role_arn: str, *, since: datetime, now: datetime) -> list[Session]:
    """The sessions of the role that began since then and are not over, oldest first."""
    found = [
        _session(event)
        for event in _events(source, instant(since))
        if event.get("eventName") == "AssumeRole"
        and "errorCode" not in event
        and (event.get("requestParameters") or {}).get("roleArn") == role_arn
    ]
    return [session for session in reversed(found) if session.expires > instant(now)]


def _events(source: Source, since: str) -> Iterator[Mapping[str, Any]]:
    """The events since a moment, latest first."""
    latest = source.latest(1)
    end = latest[-1][0] if latest else 0
    floor = max(end - MOST_EVENTS, 0)
    while end > floor:
        start = max(end - _PAGE, floor)
        for number, record in reversed(source.after(start)):
            event = json.loads(record)
            if number <= end and event["eventTime"] >= since:
                yield event
            elif number <= end:
                return
        end = start


def _session(event: Mapping[str, Any]) -> Session:
    asked, given = event["requestParameters"], event["responseElements"]
    identity = event["userIdentity"]
    return Session(
        name=str(asked.get("roleSessionName", "")),
        source_identity=str(asked.get("sourceIdentity", "")),
        caller=str(identity.get("arn", "")),
        address=str(event.get("sourceIPAddress", "")),
        since=str(event["eventTime"]),
        expires=str(given["credentials"]["expiration"]),
    )

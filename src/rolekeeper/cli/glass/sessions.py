"""The sessions of a role that the audit trail knows, read from its end back to a moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rolekeeper.iam.break_glass import instant

if TYPE_CHECKING:
    from rolekeeper.cli.audit import Source

_LOOKS: Final = (1_000, 10_000, 100_000)
"""How many of the latest events are looked at, one look after the other: a busy server's whole trail would be
no answer in an emergency."""

_ASIDE: Final = timedelta(minutes=1)
"""The trail follows the clock only roughly."""


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
        for event in _assumptions(source, since)
        if event["eventTime"] >= instant(since)
        and "errorCode" not in event
        and (event.get("requestParameters") or {}).get("roleArn") == role_arn
    ]
    alive = (session for session in found if session.expires > instant(now))
    return sorted(alive, key=lambda session: session.since)


def _assumptions(source: Source, since: datetime) -> list[Mapping[str, Any]]:
    """The calls of AssumeRole since a moment, and some before it."""
    latest: list[tuple[int, bytes]] = []
    for count in _LOOKS:
        latest = source.latest(count)
        if len(latest) < count or json.loads(latest[0][1])["eventTime"] < instant(since - _ASIDE):
            break
    # Most events are others, and need not be read.
    events = (json.loads(record) for _, record in latest if b'"AssumeRole"' in record)
    return [event for event in events if event.get("eventName") == "AssumeRole"]


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

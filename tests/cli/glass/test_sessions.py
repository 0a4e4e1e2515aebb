"""Who is in a role, by a trail of some pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from rolekeeper.cli.audit import Source
from rolekeeper.cli.glass import sessions

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/break-glass/fire"


def event(minute, name="AssumeRole", role=ROLE, lasts=60, **more):
    begun = NOW - timedelta(hours=1) + timedelta(minutes=minute)
    document = {
        "eventTime": f"{begun:%Y-%m-%dT%H:%M:%SZ}",
        "eventName": name,
        "userIdentity": {"arn": "arn:aws:iam::123456789012:user/ana"},
        "sourceIPAddress": "127.0.0.1",
        "requestParameters": {"roleArn": role, "roleSessionName": f"at-{minute}", "sourceIdentity": "INC-42"},
        "responseElements": {
            "credentials": {"expiration": f"{begun + timedelta(minutes=lasts):%Y-%m-%dT%H:%M:%SZ}"}
        },
    } | more
    return json.dumps(document).encode()


def trail(*events):
    """A trail that numbers its events as it likes."""
    return Source(
        after=None, latest=lambda limit: [(each * 7, event) for each, event in enumerate(events)][-limit:]
    )


def found(*events, since=0):
    begun = NOW - timedelta(hours=1) + timedelta(minutes=since)
    return [each.name for each in sessions.running(trail(*events), ROLE, since=begun, now=NOW)]


def test_an_empty_trail_has_none():
    assert found() == []


def test_only_sessions_of_the_role_that_began_and_are_not_over():
    assert found(
        event(1),
        event(2, role=ROLE + "2"),
        event(3, name="GetRole"),
        event(4, errorCode="AccessDenied", responseElements=None),
        event(5, lasts=15),
        event(6, name="ListRoles", requestParameters=None),
        event(7),
    ) == ["at-1", "at-7"]


def test_what_was_before_is_not_looked_at():
    assert found(event(1), event(2), event(3), since=2) == ["at-2", "at-3"]


def test_as_much_is_read_as_is_needed():
    filler = [event(5, name="GetRole")] * 2500
    assert found(event(1), *filler, event(6), *filler, event(7)) == ["at-1", "at-6", "at-7"]
    assert found(event(1), *filler * 5, event(7), since=4) == ["at-7"]


def test_what_comes_late_into_the_trail_is_in_its_place():
    assert found(event(1), event(3), event(2), event(0), since=1) == ["at-1", "at-2", "at-3"]


def test_a_session_is_told_whole():
    (session,) = sessions.running(trail(event(1)), ROLE, since=NOW - timedelta(hours=1), now=NOW)
    assert (session.source_identity, session.address) == ("INC-42", "127.0.0.1")
    assert (session.caller, session.since) == ("arn:aws:iam::123456789012:user/ana", "2026-11-22T09:01:00Z")

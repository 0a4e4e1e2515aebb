"""The life of a delegation request, by the clock and without anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rolekeeper.errors import InvalidInput
from rolekeeper.iam.delegation import EXPIRED, MOVES, DelegationRequest

NOW = datetime(2026, 11, 22, tzinfo=UTC)
REQUEST = DelegationRequest(
    account="222222222222",
    id="e4bdcdae-4f66-11ed-0000-000000000000",
    requestor_name="other",
    workflow="setup-1",
    description="",
    template="arn:aws:iam::222222222222:policy/template",
    policy="{}",
    channel="arn:aws:sns:us-east-1:222222222222:delegations",
    duration=3600,
    created=NOW,
    updated=NOW,
    since=NOW,
)


def test_nothing_leads_out_of_what_has_expired() -> None:
    assert all(EXPIRED not in move.before and move.after != EXPIRED for move in MOVES.values())
    later = NOW + timedelta(days=1)
    assert REQUEST.state_at(later - timedelta(microseconds=1)) == "UNASSIGNED"
    assert REQUEST.state_at(later) == EXPIRED
    for operation in MOVES:
        with pytest.raises(InvalidInput, match="EXPIRED"):
            REQUEST.moved(operation, later)


def test_a_move_changes_what_it_says_and_the_time() -> None:
    moment = NOW + timedelta(hours=1, microseconds=7)
    moved = REQUEST.moved("AssociateDelegationRequest", moment, owner_account="111111111111")
    assert (moved.state, moved.owner_account) == ("ASSIGNED", "111111111111")
    assert moved.since == moved.updated == NOW + timedelta(hours=1)
    assert moved.expires == moved.since + timedelta(days=7)
    assert REQUEST.state == "UNASSIGNED"

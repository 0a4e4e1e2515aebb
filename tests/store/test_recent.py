"""The trail in memory keeps the newest events, under numbers which stay."""

from __future__ import annotations

import pytest

from rolekeeper.store import recent
from rolekeeper.store.recent import RecentTrail
from tests.store.samples import event


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> RecentTrail:
    monkeypatch.setattr(recent, "SLACK", 2)
    return RecentTrail(3)


def test_the_oldest_events_are_forgotten_when_there_are_some_too_many(trail: RecentTrail) -> None:
    kept = []
    for number in range(1, 8):
        trail.add([event(f"e{number}")])
        kept.append(len(trail.events(None, 100, None)))
    assert kept == [1, 2, 3, 4, 5, 3, 4]


def test_numbers_stay_when_others_are_forgotten(trail: RecentTrail) -> None:
    for number in range(1, 8):
        trail.add([event(f"e{number}")])
        assert trail.latest(1) == [(number, event(f"e{number}"))]
    assert trail.events(5, 100, None) == [(6, event("e6")), (7, event("e7"))]
    assert [number for number, _ in trail.events(2, 100, None)] == [4, 5, 6, 7]


def test_more_than_are_kept_may_come_at_once(trail: RecentTrail) -> None:
    trail.add([event(f"e{number}") for number in range(1, 101)])
    assert [number for number, _ in trail.events(None, 1000, None)] == [98, 99, 100]

"""The trail in the tables is read across all that may be in a batch; no part of it hides another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rolekeeper.store import open_store, trail
from rolekeeper.store.contract import Store
from rolekeeper.store.frame import frame
from tests.store.samples import event, event_ids
from tests.store.test_frame import whole


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def _latest_ids(store: Store, limit: int) -> list[str]:
    return [record.event_id for _, record in store.latest(limit)]


def test_what_is_no_record_hides_nothing(store: Store, tmp_path: Path) -> None:
    data = frame(event("a")) + whole(b"odd") + frame(event("b")) + whole(b"odd")
    (tmp_path / "journal" / "0000000000000009.events").write_bytes(data)
    store.drain_journal()
    store.journal.append(event("c"))
    assert event_ids(store) == ["a", "b", "c"]
    assert _latest_ids(store, 3) == ["a", "b", "c"]
    numbers = [number for number, _ in store.events()]
    assert store.events(after=numbers[0]) == store.events()[1:]


def test_a_batch_of_nothing_readable_is_passed_over(store: Store, tmp_path: Path) -> None:
    store.journal.append(event("a"))
    store.drain_journal()
    (tmp_path / "journal" / "0000000000000009.events").write_bytes(whole(b"odd"))
    store.drain_journal()
    store.journal.append(event("b"))
    assert event_ids(store) == _latest_ids(store, 2) == ["a", "b"]
    assert store.events(limit=2) == store.events()


def test_a_batch_whose_bytes_changed_hides_its_own_events_alone(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.journal.append(event(name))
        store.drain_journal()
    store._rows.run("UPDATE audit_batch SET events = zeroblob(9) WHERE sequence = 2")  # type: ignore[attr-defined]
    assert event_ids(store) == _latest_ids(store, 2) == ["a", "c"]


def test_many_batches_are_read_a_part_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_LOOK", 2)
    for number in range(7):
        with store.write() as tx:
            tx.append_event(event(f"e{number}"))
    assert event_ids(store) == [f"e{number}" for number in range(7)]
    assert _latest_ids(store, 5) == [f"e{number}" for number in range(2, 7)]
    assert store.events(after=store.events()[3][0]) == store.events()[4:]


def test_the_events_of_a_group_are_one_row(store: Store) -> None:
    with store.group():
        for number in range(3):
            with store.write() as tx:
                tx.append_event(event(f"e{number}"))
    assert event_ids(store) == ["e0", "e1", "e2"]
    rows = store._rows.run("SELECT source, count FROM audit_batch")  # type: ignore[attr-defined]
    assert rows == [(None, 3)]

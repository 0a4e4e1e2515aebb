"""A commit that fails has not happened, in the tables, in the cache, or for the writes after it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolekeeper.errors import EntityAlreadyExists, NoSuchEntity, StoreError
from rolekeeper.store import open_store
from rolekeeper.store.contract import Store
from tests.store.samples import ONE, add_role, event, event_ids, names, role, settle

BIG = "x" * 2_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = settle(open_store(tmp_path))
    yield opened
    opened.close()


def _fill(store: Store, pages: int) -> None:
    """Let the database have so many pages and not one more, as if the disk were full."""
    store._rows.run(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]


def test_a_write_that_the_disk_has_no_room_for_leaves_nothing(store: Store) -> None:
    add_role(store, "before")
    _fill(store, 1)
    with pytest.raises(StoreError, match="full"), store.write() as tx:
        tx.account(ONE).roles.add(role("R", description=BIG))
    with store.read() as tx:
        assert tx.account(ONE).roles.find("R") is None
    assert names(store) == ["before"]


def test_a_group_in_which_the_disk_became_full_has_not_happened(store: Store) -> None:
    _fill(store, 1)
    with pytest.raises(StoreError, match="the changes were not made"), store.group():
        add_role(store, "small")
        with pytest.raises(StoreError), store.write() as tx:
            tx.account(ONE).roles.add(role("R", description=BIG))
        with pytest.raises(StoreError):
            add_role(store, "later")
    with store.read() as tx:
        assert [tx.account(ONE).roles.find(name) for name in ("small", "R", "later")] == [None, None, None]
    assert names(store) == []


def test_a_group_fails_even_if_the_write_went_on_after_the_failure(store: Store) -> None:
    _fill(store, 1)
    with pytest.raises(StoreError, match="the changes were not made"), store.group(), store.write() as tx:
        with pytest.raises(StoreError):
            tx.account(ONE).roles.add(role("R", description=BIG))
        tx.append_event(event("of nothing"))
    assert names(store) == event_ids(store) == []


def test_a_store_works_again_when_there_is_room(store: Store) -> None:
    _fill(store, 1)
    with pytest.raises(StoreError), store.write() as tx:
        tx.account(ONE).roles.add(role("R", description=BIG))
    _fill(store, 1_000_000)
    with store.group():
        add_role(store, "R")
    assert names(store) == ["R"]


def test_an_event_that_cannot_be_kept_undoes_its_change(store: Store) -> None:
    _fill(store, 1)
    with store.read() as tx:
        before = tx.account(ONE).revision
    with pytest.raises(StoreError, match="the changes were not made"), store.write() as tx:
        tx.account(ONE).roles.add(role("R"))
        for number in range(1000):
            tx.append_event(event(f"e{number}"))
    with store.read() as tx:
        assert tx.account(ONE).roles.find("R") is None
        assert tx.account(ONE).revision == before
    assert names(store) == []


def test_an_answer_of_iam_does_not_make_a_group_fail(store: Store) -> None:
    with store.group():
        with pytest.raises(NoSuchEntity), store.write() as tx:
            tx.account(ONE).roles.get("nobody")
        add_role(store, "R")
    assert names(store) == ["R"]


def test_events_that_cannot_be_drained_stay_in_the_journal(store: Store) -> None:
    _fill(store, 1)
    for number in range(1000):
        store.journal.append(event(f"e{number}"))
    with pytest.raises(StoreError):
        store.drain_journal()
    _fill(store, 1_000_000)
    assert len(event_ids(store)) == 1000


def test_a_commit_says_what_it_changed(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        state = tx.account(ONE)
        state.roles.add(role("R"))
        state.roles.put(role("R", description="new"))
        state.links.add("attachment", "role/r", "P")
        revision = state.revision
    beside = sqlite3.connect(tmp_path / "rolekeeper.db")
    found = beside.execute("SELECT account, kind, key, revision FROM change ORDER BY sequence").fetchall()
    beside.close()
    assert found[-2:] == [(ONE, "role", "r", revision), (ONE, "link:attachment", "role/r", revision)]
    assert revision not in [row[3] for row in found[:-2]]


def changes(tmp_path: Path) -> list[tuple[int, str]]:
    """The kept changes: their numbers, and the keys that they are of."""
    beside = sqlite3.connect(tmp_path / "rolekeeper.db")
    found = beside.execute("SELECT sequence, key FROM change ORDER BY sequence").fetchall()
    beside.close()
    return found


def test_the_newest_changes_stay(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rolekeeper.store.rows.KEPT_CHANGES", 3)
    for number in range(5):
        add_role(store, f"R{number}")
    kept = changes(tmp_path)
    assert [key for _, key in kept] == ["r2", "r3", "r4"]
    with store.group():
        for number in range(5, 10):
            add_role(store, f"R{number}")
    assert [key for _, key in changes(tmp_path)] == ["r7", "r8", "r9"]
    assert changes(tmp_path)[-1][0] == kept[-1][0] + 5


def test_as_long_as_they_are_few_all_stay(store: Store, tmp_path: Path) -> None:
    before = changes(tmp_path)
    for number in range(5):
        add_role(store, f"R{number}")
    assert changes(tmp_path)[: len(before)] == before


def test_what_has_piled_up_goes_bit_by_bit(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rolekeeper.store.rows._MORE_CHANGES", 10_000)
    for number in range(40):
        add_role(store, f"R{number}")
    monkeypatch.setattr("rolekeeper.store.rows.KEPT_CHANGES", 5)
    monkeypatch.setattr("rolekeeper.store.rows._MORE_CHANGES", 9)
    left = [len(changes(tmp_path))]
    while left[-1] > 5:
        add_role(store, f"S{len(left)}")
        left.append(len(changes(tmp_path)))
        assert 0 < left[-2] - left[-1] <= 10
    assert left[-1] == 5


def test_a_change_that_failed_lets_none_go(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_role(store, "R")
    before = changes(tmp_path)
    monkeypatch.setattr("rolekeeper.store.rows.KEPT_CHANGES", 0)
    with pytest.raises(EntityAlreadyExists):
        add_role(store, "R")
    assert changes(tmp_path) == before


def test_a_number_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rolekeeper.store.rows.KEPT_CHANGES", 0)
    numbers = []
    for name in ("R", "S", "T"):
        opened = open_store(tmp_path / "own")
        if name == "R":
            settle(opened)
        add_role(opened, name)
        opened.close()
        beside = sqlite3.connect(tmp_path / "own" / "rolekeeper.db")
        assert beside.execute("SELECT count(*) FROM change").fetchone() == (0,)
        numbers += beside.execute("SELECT seq FROM sqlite_sequence WHERE name = 'change'").fetchall()
        beside.close()
    assert numbers == sorted(set(numbers))

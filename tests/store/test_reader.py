"""A store is read beside the process that writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.iam.secret import Secret
from rolekeeper.store import open_reader, open_store
from rolekeeper.store.contract import Store
from rolekeeper.store.frame import frame
from tests.store.samples import ONE, add_role, event, event_ids, names, role, settle


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = settle(open_store(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def reader(store: Store, tmp_path: Path) -> Iterator[Store]:
    opened = open_reader(tmp_path)
    yield opened
    opened.close()


def test_a_reader_follows_what_the_writer_commits(store: Store, reader: Store) -> None:
    for number in range(3):
        with reader.read() as tx:
            assert tx.account(ONE).roles.find(f"r{number}") is None
            before = tx.account(ONE).revision
        add_role(store, f"r{number}")
        with reader.read() as tx:
            assert tx.account(ONE).roles.find(f"r{number}") == role(f"r{number}")
            assert tx.account(ONE).revision == before + 1


def test_a_reader_opens_secrets(store: Store, reader: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).secrets.put("k", "k", Secret("s"))
    with reader.read() as tx:
        assert tx.account(ONE).secrets.get("k", "k") == Secret("s")


def test_a_reader_does_not_see_an_open_write(store: Store, reader: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).roles.add(role("R"))
        assert names(reader) == []
    assert names(reader) == ["R"]


def test_a_reader_changes_nothing(reader: Store) -> None:
    with pytest.raises(StoreError, match="for reading only"), reader.write():
        pass
    with pytest.raises(StoreError, match="for reading only"), reader.group():
        pass
    with pytest.raises(StoreError, match="for reading only"):
        reader.journal.append(event("e"))


def test_a_reader_sees_the_journals_events_when_they_are_drained(store: Store, reader: Store) -> None:
    store.journal.append(event("e"))
    assert event_ids(reader) == []
    store.drain_journal()
    assert event_ids(reader) == ["e"]


def test_a_reader_sees_the_latest_events(store: Store, reader: Store) -> None:
    for number in range(3):
        store.journal.append(event(f"e{number}"))
    store.drain_journal()
    assert reader.latest(2) == store.latest(2) == reader.events()[1:]


def test_where_no_server_runs_the_journal_is_drained_first(tmp_path: Path) -> None:
    settle(open_store(tmp_path)).close()
    (tmp_path / "journal" / "0000000000000001.events").write_bytes(frame(event("left")))
    reader = open_reader(tmp_path)
    assert event_ids(reader) == ["left"]
    open_store(tmp_path).close()  # the reader does not hold the lock
    reader.close()


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        open_reader(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []

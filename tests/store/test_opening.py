"""A directory becomes a store once, and only its own key opens it again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.iam.secret import Secret
from rolekeeper.store import memory_store, open_reader, open_store, recent
from tests.store.samples import ONE, add_role, event, event_ids, names, role, settle

KEY = b"k" * 32


def test_a_new_store_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = settle(open_store(tmp_path / "deep" / "data"))
    directory = tmp_path / "deep" / "data"
    assert directory.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in directory.iterdir() if path.is_file()}
    assert modes["rolekeeper.key"] == modes["rolekeeper.db"] == 0o600
    assert set(modes.values()) == {0o600}
    store.close()


def test_a_store_comes_back_as_it_was(tmp_path: Path) -> None:
    store = settle(open_store(tmp_path))
    add_role(store, "R")
    with store.write() as tx:
        tx.account(ONE).links.add("attachment", "role/r", "P")
        tx.account(ONE).secrets.put("k", "k", Secret("s"))
        revision = tx.account(ONE).revision
    derived = store.keyring.derive("tokens")
    store.close()
    store = open_store(tmp_path)
    with store.read() as tx:
        state = tx.account(ONE)
        assert state.roles.get("R") == role("R")
        assert state.links.targets("attachment", "role/r") == ["P"]
        assert state.secrets.get("k", "k") == Secret("s")
        assert state.revision == revision
    assert store.keyring.derive("tokens") == derived
    store.close()


def test_a_second_writer_is_refused_with_the_holders_name(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(StoreError, match=f"in use by the process with ID {os.getpid()}"):
        open_store(tmp_path)
    store.close()
    open_store(tmp_path).close()


def test_a_start_that_failed_lets_the_next_one_in(tmp_path: Path) -> None:
    open_store(tmp_path, key=KEY).close()
    with pytest.raises(StoreError, match="not the one that this store was made with"):
        open_store(tmp_path, key=b"x" * 32)
    open_store(tmp_path, key=KEY).close()


def test_a_store_with_a_given_key_keeps_no_key_file(tmp_path: Path) -> None:
    open_store(tmp_path, key=KEY).close()
    assert not (tmp_path / "rolekeeper.key").exists()
    with pytest.raises(StoreError, match="master key cannot be read"):
        open_store(tmp_path)
    assert not (tmp_path / "rolekeeper.key").exists()


def test_a_key_file_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    (tmp_path / "rolekeeper.key").chmod(0o644)
    with pytest.raises(StoreError, match="can be read by others"):
        open_store(tmp_path)


def test_the_key_file_of_another_store_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        open_store(tmp_path / name).close()
    (tmp_path / "a" / "rolekeeper.key").replace(tmp_path / "b" / "rolekeeper.key")
    with pytest.raises(StoreError, match="not the one that this store was made with"):
        open_store(tmp_path / "b")


def test_a_directory_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file/data` cannot be used"):
        open_store(tmp_path / "file" / "data")


def test_each_store_in_memory_is_its_own() -> None:
    one, two = settle(memory_store()), settle(memory_store())
    add_role(one, "R")
    assert (names(one), names(two)) == (["R"], [])
    assert one.keyring.derive("tokens") != two.keyring.derive("tokens")
    one.close()
    two.close()


def test_a_store_in_memory_is_not_read_beside_an_open_write() -> None:
    store = settle(memory_store())
    with store.write() as tx:
        tx.account(ONE).roles.add(role("R"))
        with pytest.raises(StoreError, match="beside an open write"):
            store.read()
    with store.read() as tx:
        assert tx.account(ONE).roles.count() == 1
    store.close()


def test_events_of_a_closed_store_are_in_its_table(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.journal.append(event("e"))
    store.close()
    assert list((tmp_path / "journal").iterdir()) == []
    reader = open_reader(tmp_path)
    assert event_ids(reader) == ["e"]
    reader.close()


def test_a_store_in_memory_forgets_the_oldest_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "SLACK", 2)
    store = settle(memory_store(most_events=3))
    for number in range(6):
        store.journal.append(event(f"j{number}"))
        with store.write() as tx:
            tx.append_event(event(f"w{number}"))
        assert len(event_ids(store)) <= 5
    assert event_ids(store)[-3:] == ["j4", "w5", "j5"]

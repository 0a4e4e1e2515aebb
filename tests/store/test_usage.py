"""The last use survives what events survive, and a store of an older form gets it from its trail."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.store import open_reader, open_store
from rolekeeper.store.contract import LastUse, Store
from rolekeeper.store.rows import Rows
from rolekeeper.store.usage import Waiting
from tests.store.samples import (
    NOW,
    ONE,
    TWO,
    access_key,
    account,
    add_role,
    by_role,
    by_user,
    event_ids,
    role,
    settle,
    use,
)

USED = LastUse(NOW, "iam", "us-east-1")


def _last(store: Store, name: str = "R") -> LastUse | None:
    with store.read() as tx:
        return tx.account(ONE).usage.last(role(name))


def _used(path: Path) -> Store:
    store = settle(open_store(path))
    add_role(store, "R")
    store.journal.append(use(by_role("AROAR")))
    return store


def test_a_use_that_waits_in_the_journal_survives_a_killed_process(tmp_path: Path) -> None:
    store = _used(tmp_path / "killed")
    shutil.copytree(tmp_path / "killed", tmp_path / "after")
    store.close()
    opened = open_store(tmp_path / "after")
    assert _last(opened) == USED
    opened.close()


def test_a_segment_that_was_moved_and_not_removed_changes_nothing(tmp_path: Path) -> None:
    store = _used(tmp_path)
    (segment,) = (tmp_path / "journal").iterdir()
    kept = segment.read_bytes()
    store.close()
    segment.write_bytes(kept)
    opened = open_store(tmp_path)
    assert _last(opened) == USED
    assert event_ids(opened) == ["e"]
    opened.close()


def test_a_reader_has_what_was_moved(tmp_path: Path) -> None:
    _used(tmp_path).close()
    reader = open_reader(tmp_path)
    assert _last(reader) == USED
    reader.close()


@pytest.mark.parametrize("times", [1, 3])
def test_a_commit_that_failed_loses_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    store = _used(tmp_path)

    def fail(*_: object) -> None:
        raise StoreError("no")

    monkeypatch.setattr(Rows, "put_uses", fail)
    for number in range(times):
        with pytest.raises(StoreError):
            store.drain_journal()
        assert _last(store) == USED
        store.journal.append(use(by_role("AROAR"), f"Call{number}", seconds=-1))
    monkeypatch.undo()
    store.drain_journal()
    assert _last(store) == USED
    with store.read() as tx:
        calls = {"GetRole", *(f"Call{number}" for number in range(times))}
        assert tx.account(ONE).usage.actions(role("R"), "iam").keys() == calls
    store.close()


def test_an_accounts_uses_outlive_who_made_them(tmp_path: Path) -> None:
    store = _used(tmp_path)
    store.journal.append(use(by_user("AIDAann"), service="sts", seconds=3))
    expected = {"sts": LastUse(NOW + timedelta(seconds=3), "sts", "us-east-1")}
    for _ in ("waiting", "moved"):
        with store.read() as tx:
            assert tx.account(ONE).usage.services(account(ONE)) == expected
            assert tx.account(TWO).usage.services(account(TWO)) == {}
        store.drain_journal()
    with store.write() as tx:
        tx.account(ONE).roles.delete(role("R"))
    store.close()
    opened = open_store(tmp_path)
    with opened.read() as tx:
        assert tx.account(ONE).usage.services(account(ONE)) == expected
    opened.close()


def test_of_what_does_not_exist_nothing_is_kept(tmp_path: Path) -> None:
    store = _used(tmp_path)
    store.journal.append(use(by_role("AROAgone")))
    store.drain_journal()
    with store.write() as tx:
        tx.account(ONE).roles.delete(role("R"))
    store.close()
    assert sqlite3.connect(tmp_path / "rolekeeper.db").execute("SELECT * FROM last_use").fetchall() == []


def test_what_was_asked_for_is_not_asked_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    store = _used(tmp_path)
    assert _last(store) == USED
    monkeypatch.setattr(Rows, "run", None)  # from here on a query fails
    assert _last(store) == USED
    monkeypatch.undo()
    store.close()


def test_a_store_of_the_first_form_is_summed_up_from_its_trail(tmp_path: Path) -> None:
    store = _used(tmp_path)
    with store.write() as tx:
        tx.account(ONE).access_keys.add(access_key("AKIAused"))
        tx.append_event(use(by_user("AIDAgone"), seconds=7))
    store.close()
    database = sqlite3.connect(tmp_path / "rolekeeper.db")
    before = sorted(database.execute("SELECT * FROM last_use"))
    database.executescript("DROP TABLE last_use; UPDATE alembic_version SET version_num = '0001'")
    database.close()
    opened = open_store(tmp_path)
    assert _last(opened) == USED
    opened.close()
    after = sorted(sqlite3.connect(tmp_path / "rolekeeper.db").execute("SELECT * FROM last_use"))
    assert after == before
    assert [row[0] for row in after] == [ONE, "AKIAused", "AROAR"]


def test_what_was_kept_is_seen_whatever_is_moved_meanwhile(tmp_path: Path) -> None:
    store = _used(tmp_path)
    done = threading.Event()

    def move() -> None:
        while not done.is_set():
            store.drain_journal()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for seconds in range(1, 200):
            store.journal.append(use(by_role("AROAR"), seconds=seconds))
            assert _last(store) == LastUse(NOW + timedelta(seconds=seconds), "iam", "us-east-1")
    finally:
        done.set()
        mover.join()
    store.close()


def test_who_has_called_nothing_waits_for_nobody() -> None:
    waiting = Waiting()
    waiting.append(use(by_role("AROAR")), "AROAR")
    waiting.append(use(by_user("AIDAU")), "AIDAU")
    assert waiting.of("AROAother") == {}
    assert len(waiting._records) == 2
    assert waiting.of("AROAR").keys() == {("iam", "GetRole")}
    assert not waiting._records
    waiting.append(use(by_role("AROAnew")))  # nobody says whose it is
    assert len(waiting.of("AROAnew")) == 1


def test_events_are_let_go_when_they_are_summed_up() -> None:
    waiting = Waiting()
    waiting.append(use(by_role("AROAR")))
    waiting.sum_up()
    waiting.append(use(by_role("AROAR"), seconds=1))
    assert len(waiting.of("AROAR")) == 1
    sealed = waiting.seal()
    waiting.append(use(by_role("AROAR"), "ListRoles"))
    waiting.settle()
    assert list(sealed["AROAR"]) == [("iam", "GetRole")]
    assert waiting.of("AROAR").keys() == {("iam", "ListRoles")}
    assert waiting.of("AROAother") == {}

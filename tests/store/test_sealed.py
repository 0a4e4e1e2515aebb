"""Secrets at rest: not readable in the files, and bound to their row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.iam.secret import Secret
from rolekeeper.store import open_store
from tests.store.samples import ONE, TWO, settle

TEXT = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """The directory of a closed store that has one secret of account ONE."""
    store = settle(open_store(tmp_path / "data"))
    with store.write() as tx:
        tx.account(ONE).secrets.put("access-key", "K", Secret(TEXT))
    store.close()
    yield tmp_path / "data"


def _change(directory: Path, sql: str) -> None:
    connection = sqlite3.connect(directory / "rolekeeper.db")
    assert connection.execute(sql).rowcount == 1
    connection.commit()
    connection.close()


def _get(directory: Path, account: str, kind: str, key: str) -> Secret | None:
    store = open_store(directory)
    try:
        with store.read() as tx:
            return tx.account(account).secrets.get(kind, key)
    finally:
        store.close()


def test_a_secret_survives_the_process_and_is_in_no_file(directory: Path) -> None:
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert not [path for path in files if TEXT.encode() in path.read_bytes()]
    assert _get(directory, ONE, "access-key", "K") == Secret(TEXT)


@pytest.mark.parametrize(
    ("change", "account", "kind", "key"),
    [
        (f"UPDATE secret SET account = '{TWO}'", TWO, "access-key", "K"),
        ("UPDATE secret SET kind = 'password'", ONE, "password", "K"),
        ("UPDATE secret SET key = 'OTHER'", ONE, "access-key", "OTHER"),
    ],
)
def test_a_secret_that_was_moved_does_not_open(
    directory: Path, change: str, account: str, kind: str, key: str
) -> None:
    _change(directory, change)
    with pytest.raises(StoreError, match="moved from its place"):
        _get(directory, account, kind, key)


def test_a_secret_that_was_changed_does_not_open(directory: Path) -> None:
    _change(directory, "UPDATE secret SET sealed = zeroblob(length(sealed))")
    with pytest.raises(StoreError):
        _get(directory, ONE, "access-key", "K")

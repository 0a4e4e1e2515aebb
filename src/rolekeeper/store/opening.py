"""How a store comes to be: in a directory, in memory, or read-only beside a running server.

A data directory has `rolekeeper.db` (with SQLite's own two files beside it), `rolekeeper.key` (the master
key, unless the caller gives it), `rolekeeper.lock` and `journal/`. Other users can read nothing of it.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from rolekeeper.errors import StoreError
from rolekeeper.store import keyring
from rolekeeper.store.contract import Store
from rolekeeper.store.database import connect_file, connect_memory, connect_reader
from rolekeeper.store.journal import FileJournal, MemoryJournal, sync_directory
from rolekeeper.store.lock import DirectoryLock
from rolekeeper.store.reader import StoreReader
from rolekeeper.store.recent import RecentTrail
from rolekeeper.store.rows import Rows
from rolekeeper.store.sql import SqlStore

DATABASE, KEY, LOCK, JOURNAL = "rolekeeper.db", "rolekeeper.key", "rolekeeper.lock", "journal"

MEMORY_EVENTS = 100_000
"""Newest events that a store in memory keeps, or a few more: about 130 MB."""


def open_store(path: Path, *, key: bytes | None = None, audit_sync: bool = False) -> Store:
    """The store in a directory, made where there is none. `key` is the master key in place of the key file's.

    With `audit_sync` an event of the journal is on the disk before `append` returns. StoreError where another
    process has the store, the key is not the store's or not kept safely, or the database cannot be used.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = DirectoryLock(path / LOCK)
    except OSError as error:
        raise StoreError(f"`{path}` cannot be used: {error.strerror}") from error
    try:
        return _open_locked(path, key, audit_sync, lock)
    except BaseException:
        lock.release()
        raise


def memory_store(*, most_events: int = MEMORY_EVENTS) -> Store:
    """A store that is gone with the process. Its memory is bounded: it forgets the oldest events."""
    connection, master = connect_memory(), keyring.new_master_key()
    _make_data_key(connection, master)
    return SqlStore(connection, None, master=master, journal=MemoryJournal(), recent=RecentTrail(most_events))


def open_reader(path: Path, key: bytes | None = None) -> Store:
    """The store in a directory, to read beside the server that writes to it.

    Of the journal's events it has those that the server has moved into the audit table; where no server runs
    it moves them first. StoreError where there is no store, or the key is not the store's.
    """
    database = path / DATABASE
    if not database.is_file():
        raise StoreError(f"there is no store in `{path}`")
    _empty_journal(path, key)
    connection = connect_reader(database)
    try:
        return StoreReader(connection, master=key or keyring.read_key_file(path / KEY))
    except BaseException:
        connection.close()
        raise


def _empty_journal(path: Path, key: bytes | None) -> None:
    try:
        lock = DirectoryLock(path / LOCK, patience=0)
    except (StoreError, PermissionError):
        return  # a server runs, or we may only read
    try:
        store = _open_locked(path, key, False, lock)
    except BaseException:
        lock.release()
        raise
    store.close()


def _open_locked(path: Path, key: bytes | None, audit_sync: bool, lock: DirectoryLock) -> Store:
    database = path / DATABASE
    master = key or _master_key(path / KEY, new=not database.exists())
    with ExitStack() as undo:
        writer = undo.enter_context(closing(connect_file(database)))
        _make_data_key(writer, master)
        sync_directory(path)
        reader = undo.enter_context(closing(connect_reader(database)))
        journal = FileJournal(path / JOURNAL, sync=audit_sync)
        store = SqlStore(writer, reader, master=master, journal=journal, released=lock.release)
        store.empty_journal()
        undo.pop_all()
    return store


def _master_key(path: Path, *, new: bool) -> bytes:
    if new and not path.exists():
        return keyring.make_key_file(path)
    return keyring.read_key_file(path)


def _make_data_key(connection: sqlite3.Connection, master: bytes) -> None:
    rows = Rows(connection, threading.Lock())
    if not rows.data_keys():
        rows.add_data_key(1, keyring.new_data_key(master, 1), datetime.now(UTC))

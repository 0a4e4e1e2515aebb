"""A store that another process writes to, seen from beside it.

Of the journal it has what the server has moved into the audit table; `opening.open_reader` moves the rest
itself where no server runs. Nothing is kept in memory across a commit of the other process.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import NoReturn

from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import StoreError
from rolekeeper.store.cache import Cache
from rolekeeper.store.keyring import Keyring
from rolekeeper.store.rows import Rows
from rolekeeper.store.state import Committed
from rolekeeper.store.trail import BatchTrail
from rolekeeper.store.transaction import ReadTransaction
from rolekeeper.store.usage import Waiting


class StoreReader:
    """`contract.Store` that refuses every change."""

    concurrent = True

    def __init__(self, connection: sqlite3.Connection, *, master: bytes) -> None:
        self._connection = connection
        self._rows = Rows(connection, threading.Lock())
        self._trail = BatchTrail(self._rows)
        self.keyring = Keyring(master, self._rows.data_keys())
        self.journal = _NoJournal()
        self._version: object = None
        self._committed = self._fresh()

    def read(self) -> ReadTransaction:
        version = self._rows.run("PRAGMA data_version")[0][0]
        if version != self._version:
            self._version = version
            self._committed = self._fresh()
        return self._committed

    def write(self) -> NoReturn:
        raise _refusal()

    def group(self) -> NoReturn:
        raise _refusal()

    def drain_journal(self) -> int:
        return 0

    def events(
        self, *, after: int | None = None, limit: int = 1000, account: str | None = None
    ) -> list[tuple[int, AuditRecord]]:
        return self._trail.events(after, limit, account)

    def latest(self, limit: int) -> list[tuple[int, AuditRecord]]:
        return self._trail.latest(limit)

    def close(self) -> None:
        self._connection.close()

    def _fresh(self) -> ReadTransaction:
        committed = Committed(self._rows, Cache(self._rows.revisions()))
        return ReadTransaction(committed, self.keyring, Waiting())  # of the journal it knows nothing


class _NoJournal:
    def append(self, record: AuditRecord, caller: str | None = None) -> None:
        raise _refusal()


def _refusal() -> StoreError:
    return StoreError("the store is open for reading only")

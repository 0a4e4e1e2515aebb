"""The store: one writer at a time, a commit before anything is acknowledged, readers who never wait for it.

A `write()` by itself is one durable commit. Inside `group()` it is a savepoint of a larger one. Only after
the commit does the cache show what changed. A store in memory has one connection, so there a group makes
each write by itself (nothing has to wait for a disk), and `read()` is refused while a write is open.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import StoreError
from rolekeeper.store.batch import BATCH_EVENTS, batches_of
from rolekeeper.store.cache import Cache
from rolekeeper.store.commit import Pending, Unit
from rolekeeper.store.journal import Segment
from rolekeeper.store.keyring import Keyring
from rolekeeper.store.recent import RecentTrail
from rolekeeper.store.rows import Rows
from rolekeeper.store.state import Committed
from rolekeeper.store.trail import BatchTrail
from rolekeeper.store.transaction import ReadTransaction, WriteTransaction
from rolekeeper.store.usage import Waiting


class SegmentedJournal(Protocol):
    """A journal as the store needs it. `waiting` has what is in it."""

    waiting: Waiting

    def append(self, record: AuditRecord, caller: str | None = None) -> None: ...
    def sealed(self) -> list[Segment]: ...
    def close(self) -> None: ...


class SqlStore:
    """`contract.Store` on SQLite. Without a `reader` connection it is the one in memory.

    The audit trail is in the tables, or else in `recent`.
    """

    def __init__(
        self,
        writer: sqlite3.Connection,
        reader: sqlite3.Connection | None,
        *,
        master: bytes,
        journal: SegmentedJournal,
        released: Callable[[], None] = lambda: None,
        recent: RecentTrail | None = None,
    ) -> None:
        self.concurrent = reader is not None
        self.journal = journal
        self._waiting = journal.waiting
        self._lock = threading.RLock()
        self._rows = Rows(writer, self._lock)
        self._cache = Cache(self._rows.revisions())
        reading = self._rows if reader is None else Rows(reader, threading.Lock())
        self.keyring = Keyring(master, self._rows.data_keys())
        self._committed = ReadTransaction(Committed(reading, self._cache), self.keyring, self._waiting)
        self._connections = [writer] if reader is None else [reader, writer]
        self._released = released
        self._recent = recent
        self._trail = BatchTrail(reading) if recent is None else recent
        self._unit: Unit | None = None
        self._grouping = self._writing = self._closed = False

    def read(self) -> ReadTransaction:
        if self._writing and not self.concurrent:
            raise StoreError("a store in memory cannot be read beside an open write")
        return self._committed

    @contextmanager
    def write(self) -> Iterator[WriteTransaction]:
        with self._lock:
            unit = self._enter()
            pending = Pending(unit, grouped=self._unit is not None)
            try:
                yield WriteTransaction(pending, self.keyring, self._waiting)
                pending.keep()
                if self._unit is None:
                    self._commit(unit)
            except BaseException:
                pending.undo()
                raise
            finally:
                self._writing = False

    @contextmanager
    def group(self) -> Iterator[None]:
        with self._lock:
            self._check_idle("a group cannot be made inside another one or inside a write")
            self._grouping = True
            unit = self._unit = Unit(self._rows, self._cache) if self.concurrent else None
            try:
                yield
            finally:
                self._grouping, self._unit = False, None
                if unit is not None:
                    self._commit(unit)

    def drain_journal(self) -> int:
        with self._lock:
            self._check_idle("the journal cannot be drained inside a write")
            moved = 0
            for segment in self.journal.sealed():
                moved += self._drain(segment)
                if moved >= BATCH_EVENTS:
                    break
            return moved

    def empty_journal(self) -> None:
        """Move all events that are in the journal now."""
        while self.drain_journal() >= BATCH_EVENTS:
            pass

    def events(
        self, *, after: int | None = None, limit: int = 1000, account: str | None = None
    ) -> list[tuple[int, AuditRecord]]:
        self.empty_journal()
        return self._trail.events(after, limit, account)

    def latest(self, limit: int) -> list[tuple[int, AuditRecord]]:
        self.empty_journal()
        return self._trail.latest(limit)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                self.empty_journal()
            finally:
                self._closed = True
                self.journal.close()
                for connection in self._connections:
                    connection.close()
                self._released()

    def _check_idle(self, text: str) -> None:
        if self._grouping or self._writing:
            raise StoreError(text)

    def _enter(self) -> Unit:
        if self._closed:
            raise StoreError("the store is closed")
        if self._writing:
            raise StoreError("a write cannot be made inside another one")
        unit = self._unit or Unit(self._rows, self._cache)
        if unit.failure is not None:
            raise StoreError("the group has failed") from unit.failure
        self._writing = True
        return unit

    def _drain(self, segment: Segment) -> int:
        unit = Unit(self._rows, self._cache)
        segment.give(unit)
        unit.uses.merge(self._waiting.seal())
        added = self._commit(unit)
        self._waiting.settle()
        segment.discard()
        return added

    def _commit(self, unit: Unit) -> int:
        """How many events the unit brought into the trail."""
        if self._recent is None:
            unit.batches += batches_of(unit.events)
            unit.commit()
            return unit.added
        unit.commit()
        self._recent.add(unit.events)
        return len(unit.events)

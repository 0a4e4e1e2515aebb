"""How changes come about. `Unit` is one durable commit, `Pending` is one `write()` in it.

A unit collects what its writes did and, when the tables have it durably, publishes it to the cache. A write
that fails leaves nothing in its unit.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from rolekeeper.audit.event import AuditRecord
from rolekeeper.audit.usage import Uses
from rolekeeper.errors import StoreError
from rolekeeper.store.batch import Batch
from rolekeeper.store.cache import Cache
from rolekeeper.store.facts import ABSENT, Fact
from rolekeeper.store.rows import Rows


class Unit:
    """One durable commit of one or more writes, or of `batches` for the audit trail.

    The `events` of the writes are collected for its owner, who puts them into `batches` or keeps them himself
    when the commit is made; what they say is in `uses`. `added` is then how many events of `batches` were new
    to the table.
    """

    def __init__(self, rows: Rows, cache: Cache) -> None:
        self.rows = rows
        self.cache = cache
        self.facts: dict[Fact, Any] = {}
        self.revisions: dict[str, int] = {}
        self.changes: list[tuple[str, str, str, int]] = []
        self.events: list[AuditRecord] = []
        self.batches: list[Batch] = []
        self.uses = Uses()
        self.added = 0
        self._begun = False
        rows.failure = None

    @property
    def failure(self) -> StoreError | None:
        """Why nothing of this can be made: the database may have undone more than the write that failed."""
        return self.rows.failure

    def begin(self) -> None:
        """Take the database for writing, once."""
        if not self._begun:
            self.rows.run("BEGIN IMMEDIATE")
            self._begun = True

    def commit(self) -> None:
        """Make all of it durable, then visible; StoreError where none of it has happened."""
        if self.failure is not None:
            self.abandon()
            raise StoreError(f"the changes were not made: {self.failure}") from self.failure
        if not (self._begun or self.batches or self.uses):
            return
        try:
            self._write_all()
        except (StoreError, sqlite3.Error) as error:
            self.abandon()
            raise StoreError(f"the changes were not made: {error}") from error
        self.cache.publish(self.facts, self.revisions)

    def abandon(self) -> None:
        """Undo all of it."""
        self.cache.forget(self.facts)
        if self._begun:
            self._begun = False
            self.rows.roll_back()

    def _write_all(self) -> None:
        self.begin()
        if self.revisions:
            self.rows.set_revisions(self.revisions)
            self.rows.add_changes(self.changes)
        if self.batches:
            self.added = self.rows.add_batches(self.batches)
        self._write_uses()
        self.rows.run("COMMIT")

    def _write_uses(self) -> None:
        gone = [fact[1] for fact, value in self.facts.items() if fact[0] == "place" and value is None]
        if self.uses:
            self.rows.put_uses(self.uses)
        if gone:
            self.rows.delete_uses(gone)
        self.facts.update((("uses", subject), ABSENT) for subject in (*self.uses, *gone))


class Pending:
    """The state as one `write()` sees it: its own changes, those of its unit, and what is committed."""

    __slots__ = (
        "_changes",
        "_events",
        "_facts",
        "_grouped",
        "_open",
        "_revisions",
        "_saved",
        "_unit",
        "rows",
    )

    def __init__(self, unit: Unit, *, grouped: bool) -> None:
        self.rows = unit.rows
        self._unit = unit
        self._grouped = grouped
        self._facts: dict[Fact, Any] = {}
        self._revisions: dict[str, int] = {}
        self._changes: dict[tuple[str, str, str], None] = {}
        self._events: list[AuditRecord] = []
        self._saved = False
        self._open = True

    def load(self, fact: Fact) -> Any:
        self._check_open()
        for known in (self._facts, self._unit.facts):
            value = known.get(fact)
            if value is not None or fact in known:
                return self._ask(fact) if value is ABSENT else value
        return self._committed(fact)

    def revision(self, account: str) -> int | None:
        for known in (self._revisions, self._unit.revisions, self._unit.cache.revisions):
            if account in known:
                return known[account]
        return None

    @property
    def edition(self) -> None:
        return None

    def change(self, account: str, kind: str, key: str) -> Rows:
        self._check_open()
        if not self._saved:
            self._save()
        if account not in self._revisions:
            self._revisions[account] = self._unit.cache.next_revision(account)
        self._changes[account, kind, key] = None
        return self.rows

    def set(self, fact: Fact, value: Any) -> None:
        self._facts[fact] = value

    def append_event(self, record: AuditRecord) -> None:
        self._check_open()
        self._events.append(record)

    def keep(self) -> None:
        """The write is done: what it did is the unit's."""
        self._open = False
        if self._saved and self._grouped:
            self.rows.run("RELEASE one_write")
        unit = self._unit
        unit.facts.update(self._facts)
        unit.revisions.update(self._revisions)
        unit.changes += [(*place, self._revisions[place[0]]) for place in self._changes]
        unit.events += self._events
        unit.uses.add(self._events)

    def undo(self) -> None:
        """The write has failed: nothing of it stays, and the unit's other writes do."""
        self._open = False
        if not self._grouped:
            self._unit.abandon()
        elif self._saved:
            self.rows.run("ROLLBACK TO one_write")
            self.rows.run("RELEASE one_write")

    def _save(self) -> None:
        self._unit.begin()
        if self._grouped:
            self.rows.run("SAVEPOINT one_write")
        self._saved = True

    def _ask(self, fact: Fact) -> Any:
        value = self.rows.load(fact)
        self._facts[fact] = value
        return value

    def _committed(self, fact: Fact) -> Any:
        # Nothing in this unit has changed the fact, and nobody else writes: what the tables say is committed.
        cache = self._unit.cache
        value = cache.facts.get(fact, ABSENT)
        if value is ABSENT:
            value = cache.remember(fact, self.rows.load(fact), cache.generation)
        return value

    def _check_open(self) -> None:
        if not self._open:
            raise StoreError("the transaction is over")

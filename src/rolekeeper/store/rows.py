"""What the tables answer, and how they are changed: rows to values and back. No cache, no rule of IAM."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import msgspec

from rolekeeper.audit.usage import Uses
from rolekeeper.errors import StoreError
from rolekeeper.iam.entities import Entity
from rolekeeper.iam.kinds import KINDS
from rolekeeper.store import statements
from rolekeeper.store.batch import Batch, microseconds, moment
from rolekeeper.store.contract import LastUse
from rolekeeper.store.facts import Fact

KEPT_CHANGES = 10_000
"""Rows of changes that stay, for processes that follow: the newest."""

_MORE_CHANGES = 1_000
_LAST = "\U0010ffff"  # follows every character that a path can have
_encode = msgspec.json.Encoder().encode
_decode: dict[str, Callable[[str], Any]] = {kind.kind: msgspec.json.Decoder(kind).decode for kind in KINDS}


class Rows:
    """The tables through one connection, which one thread uses at a time: `lock` sees to it."""

    def __init__(self, connection: sqlite3.Connection, lock: AbstractContextManager[Any]) -> None:
        self._connection = connection
        self._lock = lock
        self.failure: StoreError | None = None
        self._loaders: dict[str, Callable[..., Any]] = {
            "entity": self.entity,
            "place": self.place,
            "count": self.count,
            "targets": self.targets,
            "sources": self.sources,
            "secret": self.sealed,
            "uses": self.uses,
        }

    def load(self, fact: Fact) -> Any:
        """What the tables say of a fact."""
        return self._loaders[fact[0]](*fact[1:])

    def run(self, sql: str, *parameters: object) -> list[Any]:
        """The rows that a statement gives; IntegrityError where a key is taken, StoreError for all else."""
        try:
            with self._lock:
                return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def run_many(self, sql: str, parameters: Iterable[tuple[object, ...]]) -> int:
        """The same change for each of many rows; how many rows it changed."""
        try:
            with self._lock:
                return self._connection.executemany(sql, parameters).rowcount
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def roll_back(self) -> None:
        """End the open transaction, where the database has not done so by itself after a failure."""
        if self._connection.in_transaction:
            self.run("ROLLBACK")

    def _failed(self, error: sqlite3.Error) -> StoreError:
        self.failure = StoreError(f"the database failed: {error}")
        return self.failure

    # -- what there is -----------------------------------------------------------------------------

    def revisions(self) -> dict[str, int]:
        return dict(self.run(statements.REVISIONS))

    def entity(self, account: str, kind: str, key: str) -> Entity | None:
        found = self.run(statements.ENTITY, account, kind, key)
        return _decode[kind](found[0][0]) if found else None

    def place(self, unique_id: str) -> tuple[str, str, str] | None:
        """Account, kind and key of what has this ID."""
        found = self.run(statements.PLACE, unique_id)
        return found[0] if found else None

    def count(self, account: str, kind: str) -> int:
        return int(self.run(statements.COUNT, account, kind)[0][0])

    def every(self, kind: str) -> list[Any]:
        """All entities of one kind, by account."""
        decode = _decode[kind]
        return [decode(doc) for (doc,) in self.run(statements.ACCOUNTS, kind)]

    def page(self, account: str, kind: str, prefix: str, after: str, limit: int) -> list[Any]:
        decode = _decode[kind]
        if prefix in ("", "/"):
            found = self.run(statements.PAGE, account, kind, after, limit)
        else:
            found = self.run(statements.PAGE_UNDER, account, kind, after, prefix, prefix + _LAST, limit)
        return [decode(doc) for (doc,) in found]

    def targets(self, account: str, kind: str, source: str) -> tuple[str, ...]:
        return tuple(target for (target,) in self.run(statements.TARGETS, account, kind, source))

    def sources(self, account: str, kind: str, target: str) -> tuple[str, ...]:
        return tuple(source for (source,) in self.run(statements.SOURCES, account, kind, target))

    def next_target(self, account: str, kind: str, after: str) -> str | None:
        found = self.run(statements.NEXT_TARGET, account, kind, after)
        return found[0][0] if found else None

    def sealed(self, account: str, kind: str, key: str) -> bytes | None:
        found = self.run(statements.SECRET, account, kind, key)
        return found[0][0] if found else None

    def uses(self, subject: str) -> tuple[tuple[str, LastUse], ...]:
        """The action and the last use of each access by what has this ID, the newest first."""
        found = self.run(statements.USES, subject)
        return tuple(
            (action, LastUse(moment(time), service, region)) for service, action, time, region in found
        )

    def data_keys(self) -> dict[int, bytes]:
        return dict(self.run(statements.DATA_KEYS))

    def batch_sizes(self, first: int, limit: int) -> list[tuple[int, int]]:
        """Rows of the audit trail and how many events they have, from one on."""
        return self.run(statements.BATCH_SIZES, first, limit)

    def batch_sizes_before(self, row: int, limit: int) -> list[tuple[int, int]]:
        """The same backwards, from before a row."""
        return self.run(statements.BATCH_SIZES_BEFORE, row, limit)

    def batches(self, first: int, last: int) -> list[tuple[int, bytes]]:
        """Rows of the audit trail and their events' frames."""
        return self.run(statements.BATCHES, first, last)

    # -- changes -----------------------------------------------------------------------------------

    def add_account(self, account: str) -> None:
        self.run(statements.ADD_ACCOUNT, account, 0)

    def set_revisions(self, revisions: dict[str, int]) -> None:
        self.run_many(
            statements.SET_REVISION, [(revision, account) for account, revision in revisions.items()]
        )

    def add_entity(self, entity: Entity) -> None:
        place = (entity.account, entity.kind, entity.key)
        self.run(statements.ADD_ENTITY, *place, entity.path, entity.unique_id, _encode(entity).decode())

    def put_entity(self, entity: Entity) -> None:
        place = (entity.account, entity.kind, entity.key)
        self.run(statements.PUT_ENTITY, entity.path, entity.unique_id, _encode(entity).decode(), *place)

    def delete_entity(self, account: str, kind: str, key: str) -> None:
        self.run(statements.DELETE_ENTITY, account, kind, key)

    def add_link(self, account: str, kind: str, source: str, target: str) -> None:
        self.run(statements.ADD_LINK, account, kind, source, target, account, kind, source)

    def delete_link(self, account: str, kind: str, source: str, target: str) -> None:
        self.run(statements.DELETE_LINK, account, kind, source, target)

    def put_secret(self, account: str, kind: str, key: str, sealed: bytes) -> None:
        self.run(statements.PUT_SECRET, account, kind, key, sealed)

    def delete_secret(self, account: str, kind: str, key: str) -> None:
        self.run(statements.DELETE_SECRET, account, kind, key)

    def add_data_key(self, key_id: int, wrapped: bytes, created: datetime) -> None:
        self.run(statements.ADD_DATA_KEY, key_id, wrapped, microseconds(created))

    def add_changes(self, changes: Sequence[tuple[str, str, str, int]]) -> None:
        """Keep these, and let old ones go: as many, and some more where too many have piled up."""
        self.run_many(statements.ADD_CHANGE, changes)
        self.run(statements.PRUNE_CHANGES, KEPT_CHANGES, len(changes) + _MORE_CHANGES)

    def add_batches(self, batches: Iterable[Batch]) -> int:
        """Keep what is not kept already; how many events that was."""
        return sum(batch.count for batch in batches if self._add_batch(batch))

    def put_uses(self, uses: Uses) -> None:
        """Keep these uses, where they are later than what is kept, and the subject exists."""
        self.run_many(
            statements.PUT_USE,
            [
                (subject, *access, microseconds(time), region, subject, subject)
                for subject, of_subject in uses.items()
                for access, (time, region) in of_subject.items()
            ],
        )

    def delete_uses(self, subjects: Iterable[str]) -> None:
        self.run_many(statements.DELETE_USES, [(subject,) for subject in subjects])

    def _add_batch(self, batch: Batch) -> bool:
        row = (batch.source, batch.count, batch.first_time, batch.last_time, batch.events)
        return self.run_many(statements.ADD_BATCH, [row]) == 1

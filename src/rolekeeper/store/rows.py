"""The SQL, all of it: what the tables answer, and how they are changed. No cache and no rule of IAM here.

Statements are written with SQLAlchemy and compiled once, at import; the driver runs their text. Running them
through SQLAlchemy's connection costs 40 µs each, the driver 8 µs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ClauseElement, Table, bindparam, delete, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import StoreError
from rolekeeper.iam.entities import KINDS, Entity
from rolekeeper.store import schema
from rolekeeper.store.facts import Fact

_DIALECT = SQLiteDialect_pysqlite()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST = "\U0010ffff"  # follows every character that a path can have
_encode = msgspec.json.Encoder().encode
_decode: dict[str, Callable[[str], Any]] = {kind.kind: msgspec.json.Decoder(kind).decode for kind in KINDS}


def _sql(statement: ClauseElement, *parameters: str) -> str:
    """The statement's text, whose question marks stand for these parameters in this order."""
    compiled = statement.compile(dialect=_DIALECT)
    if tuple(compiled.positiontup or ()) != parameters:  # type: ignore[attr-defined]
        raise AssertionError(f"parameters are {compiled.positiontup}, not {parameters}")  # type: ignore[attr-defined]
    return str(compiled)


def _new(table: Table, *columns: str) -> Insert:
    """An INSERT of these columns, without those that the database fills in."""
    return insert(table).values({column: bindparam(column) for column in columns})


_account, _entity, _link, _secret = schema.account.c, schema.entity.c, schema.link.c, schema.secret.c
_event = schema.audit_event.c
_this_entity = (
    _entity.account == bindparam("account_"),
    _entity.kind == bindparam("kind_"),
    _entity.key == bindparam("key_"),
)
_these_entities = _this_entity[:2]
_these_links = (_link.account == bindparam("account_"), _link.kind == bindparam("kind_"))
_this_secret = (
    _secret.account == bindparam("account_"),
    _secret.kind == bindparam("kind_"),
    _secret.key == bindparam("key_"),
)
_page = (
    select(_entity.doc)
    .where(*_these_entities, _entity.key > bindparam("after_"))
    .order_by(_entity.key)
    .limit(bindparam("limit_"))
    .offset(literal_column("0"))
)
_events = (
    select(_event.sequence, _event.event_id, _event.time, _event.account, _event.doc)
    .where(_event.sequence > bindparam("after_"))
    .order_by(_event.sequence)
    .limit(bindparam("limit_"))
    .offset(literal_column("0"))
)
_position = (
    select(func.coalesce(func.max(_link.position), literal_column("0")) + literal_column("1"))
    .where(*_these_links, _link.source == bindparam("source_"))
    .scalar_subquery()
)

_REVISIONS = _sql(select(_account.id, _account.revision))
_ADD_ACCOUNT = _sql(insert(schema.account), "id", "revision")
_SET_REVISION = _sql(
    update(schema.account).where(_account.id == bindparam("id_")).values(revision=bindparam("revision_")),
    "revision_",
    "id_",
)
_ENTITY = _sql(select(_entity.doc).where(*_this_entity), "account_", "kind_", "key_")
_PLACE = _sql(
    select(_entity.account, _entity.kind, _entity.key).where(_entity.unique_id == bindparam("id_")), "id_"
)
_COUNT = _sql(select(func.count()).select_from(schema.entity).where(*_these_entities), "account_", "kind_")
_ACCOUNTS = _sql(
    select(_entity.doc).where(_entity.kind == bindparam("kind_")).order_by(_entity.account), "kind_"
)
_PAGE = _sql(_page, "account_", "kind_", "after_", "limit_")
_PAGE_UNDER = _sql(
    _page.where(_entity.path >= bindparam("first_"), _entity.path < bindparam("end_")),
    *("account_", "kind_", "after_", "first_", "end_", "limit_"),
)
_ADD_ENTITY = _sql(insert(schema.entity), "account", "kind", "key", "path", "unique_id", "doc")
_PUT_ENTITY = _sql(
    update(schema.entity)
    .where(*_this_entity)
    .values(path=bindparam("path_"), unique_id=bindparam("unique_id_"), doc=bindparam("doc_")),
    *("path_", "unique_id_", "doc_", "account_", "kind_", "key_"),
)
_DELETE_ENTITY = _sql(delete(schema.entity).where(*_this_entity), "account_", "kind_", "key_")
_TARGETS = _sql(
    select(_link.target)
    .where(*_these_links, _link.source == bindparam("source_"))
    .order_by(_link.position, _link.target),
    *("account_", "kind_", "source_"),
)
_SOURCES = _sql(
    select(_link.source).where(*_these_links, _link.target == bindparam("target_")).order_by(_link.source),
    *("account_", "kind_", "target_"),
)
_ADD_LINK = _sql(
    _new(schema.link, "account", "kind", "source", "target").values(position=_position),
    *("account", "kind", "source", "target", "account_", "kind_", "source_"),
)
_DELETE_LINK = _sql(
    delete(schema.link).where(
        *_these_links, _link.source == bindparam("source_"), _link.target == bindparam("target_")
    ),
    *("account_", "kind_", "source_", "target_"),
)
_SECRET = _sql(select(_secret.sealed).where(*_this_secret), "account_", "kind_", "key_")
_new_secret = insert(schema.secret)
_PUT_SECRET = _sql(
    _new_secret.on_conflict_do_update(
        index_elements=["account", "kind", "key"], set_={"sealed": _new_secret.excluded.sealed}
    ),
    *("account", "kind", "key", "sealed"),
)
_DELETE_SECRET = _sql(delete(schema.secret).where(*_this_secret), "account_", "kind_", "key_")
_DATA_KEYS = _sql(select(schema.data_key.c.id, schema.data_key.c.wrapped))
_ADD_DATA_KEY = _sql(insert(schema.data_key), "id", "wrapped", "created")
_of_change = ("account", "kind", "key", "revision")
_ADD_CHANGE = _sql(_new(schema.change, *_of_change), *_of_change)
_of_event = ("event_id", "time", "account", "doc")
_ADD_EVENT = _sql(
    _new(schema.audit_event, *_of_event).on_conflict_do_nothing(index_elements=["event_id"]), *_of_event
)
_EVENTS = _sql(_events, "after_", "limit_")
_EVENTS_OF = _sql(_events.where(_event.account == bindparam("account_")), "after_", "account_", "limit_")


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

    def run_many(self, sql: str, parameters: Iterable[tuple[object, ...]]) -> None:
        """The same change for each of many rows."""
        try:
            with self._lock:
                self._connection.executemany(sql, parameters)
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
        return dict(self.run(_REVISIONS))

    def entity(self, account: str, kind: str, key: str) -> Entity | None:
        found = self.run(_ENTITY, account, kind, key)
        return _decode[kind](found[0][0]) if found else None

    def place(self, unique_id: str) -> tuple[str, str, str] | None:
        """Account, kind and key of what has this ID."""
        found = self.run(_PLACE, unique_id)
        return found[0] if found else None

    def count(self, account: str, kind: str) -> int:
        return int(self.run(_COUNT, account, kind)[0][0])

    def every(self, kind: str) -> list[Any]:
        """All entities of one kind, by account."""
        decode = _decode[kind]
        return [decode(doc) for (doc,) in self.run(_ACCOUNTS, kind)]

    def page(self, account: str, kind: str, prefix: str, after: str, limit: int) -> list[Any]:
        decode = _decode[kind]
        if prefix in ("", "/"):
            found = self.run(_PAGE, account, kind, after, limit)
        else:
            found = self.run(_PAGE_UNDER, account, kind, after, prefix, prefix + _LAST, limit)
        return [decode(doc) for (doc,) in found]

    def targets(self, account: str, kind: str, source: str) -> tuple[str, ...]:
        return tuple(target for (target,) in self.run(_TARGETS, account, kind, source))

    def sources(self, account: str, kind: str, target: str) -> tuple[str, ...]:
        return tuple(source for (source,) in self.run(_SOURCES, account, kind, target))

    def sealed(self, account: str, kind: str, key: str) -> bytes | None:
        found = self.run(_SECRET, account, kind, key)
        return found[0][0] if found else None

    def data_keys(self) -> dict[int, bytes]:
        return dict(self.run(_DATA_KEYS))

    def events(self, after: int, limit: int, account: str | None) -> list[tuple[int, AuditRecord]]:
        found = (
            self.run(_EVENTS, after, limit)
            if account is None
            else self.run(_EVENTS_OF, after, account, limit)
        )
        return [
            (
                sequence,
                AuditRecord(
                    event_id=event_id, time=_EPOCH + time * _MICROSECOND, account=owner, document=document
                ),
            )
            for sequence, event_id, time, owner, document in found
        ]

    # -- changes -----------------------------------------------------------------------------------

    def add_account(self, account: str) -> None:
        self.run(_ADD_ACCOUNT, account, 0)

    def set_revisions(self, revisions: dict[str, int]) -> None:
        self.run_many(_SET_REVISION, [(revision, account) for account, revision in revisions.items()])

    def add_entity(self, entity: Entity) -> None:
        place = (entity.account, entity.kind, entity.key)
        self.run(_ADD_ENTITY, *place, entity.path, entity.unique_id, _encode(entity).decode())

    def put_entity(self, entity: Entity) -> None:
        place = (entity.account, entity.kind, entity.key)
        self.run(_PUT_ENTITY, entity.path, entity.unique_id, _encode(entity).decode(), *place)

    def delete_entity(self, account: str, kind: str, key: str) -> None:
        self.run(_DELETE_ENTITY, account, kind, key)

    def add_link(self, account: str, kind: str, source: str, target: str) -> None:
        self.run(_ADD_LINK, account, kind, source, target, account, kind, source)

    def delete_link(self, account: str, kind: str, source: str, target: str) -> None:
        self.run(_DELETE_LINK, account, kind, source, target)

    def put_secret(self, account: str, kind: str, key: str, sealed: bytes) -> None:
        self.run(_PUT_SECRET, account, kind, key, sealed)

    def delete_secret(self, account: str, kind: str, key: str) -> None:
        self.run(_DELETE_SECRET, account, kind, key)

    def add_data_key(self, key_id: int, wrapped: bytes, created: datetime) -> None:
        self.run(_ADD_DATA_KEY, key_id, wrapped, (created - _EPOCH) // _MICROSECOND)

    def add_changes(self, changes: Iterable[tuple[str, str, str, int]]) -> None:
        self.run_many(_ADD_CHANGE, changes)

    def add_events(self, records: Iterable[AuditRecord]) -> None:
        """Keep these events, but for those which are kept already."""
        self.run_many(
            _ADD_EVENT,
            [(r.event_id, (r.time - _EPOCH) // _MICROSECOND, r.account, r.document) for r in records],
        )

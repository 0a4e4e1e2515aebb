"""The SQL, all of it. Statements are written with SQLAlchemy and compiled once, at import.

The driver runs their text: through SQLAlchemy's connection one costs 40 µs, through the driver 8. Names with
a trailing underscore are parameters; the order in which the text has them is part of each statement here.
"""

from __future__ import annotations

from sqlalchemy import ClauseElement, Table, bindparam, delete, func, literal_column, or_, select, update
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from rolekeeper.store import schema

_DIALECT = SQLiteDialect_pysqlite()


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
_batch, _use = schema.audit_batch.c, schema.last_use.c
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
_sizes = select(_batch.sequence, _batch.count).limit(bindparam("limit_")).offset(literal_column("0"))
_position = (
    select(func.coalesce(func.max(_link.position), literal_column("0")) + literal_column("1"))
    .where(*_these_links, _link.source == bindparam("source_"))
    .scalar_subquery()
)

REVISIONS = _sql(select(_account.id, _account.revision))
ADD_ACCOUNT = _sql(insert(schema.account), "id", "revision")
SET_REVISION = _sql(
    update(schema.account).where(_account.id == bindparam("id_")).values(revision=bindparam("revision_")),
    "revision_",
    "id_",
)
ENTITY = _sql(select(_entity.doc).where(*_this_entity), "account_", "kind_", "key_")
PLACE = _sql(
    select(_entity.account, _entity.kind, _entity.key).where(_entity.unique_id == bindparam("id_")), "id_"
)
COUNT = _sql(select(func.count()).select_from(schema.entity).where(*_these_entities), "account_", "kind_")
ACCOUNTS = _sql(
    select(_entity.doc).where(_entity.kind == bindparam("kind_")).order_by(_entity.account), "kind_"
)
PAGE = _sql(_page, "account_", "kind_", "after_", "limit_")
PAGE_UNDER = _sql(
    _page.where(_entity.path >= bindparam("first_"), _entity.path < bindparam("end_")),
    *("account_", "kind_", "after_", "first_", "end_", "limit_"),
)
ADD_ENTITY = _sql(insert(schema.entity), "account", "kind", "key", "path", "unique_id", "doc")
PUT_ENTITY = _sql(
    update(schema.entity)
    .where(*_this_entity)
    .values(path=bindparam("path_"), unique_id=bindparam("unique_id_"), doc=bindparam("doc_")),
    *("path_", "unique_id_", "doc_", "account_", "kind_", "key_"),
)
DELETE_ENTITY = _sql(delete(schema.entity).where(*_this_entity), "account_", "kind_", "key_")
TARGETS = _sql(
    select(_link.target)
    .where(*_these_links, _link.source == bindparam("source_"))
    .order_by(_link.position, _link.target),
    *("account_", "kind_", "source_"),
)
SOURCES = _sql(
    select(_link.source).where(*_these_links, _link.target == bindparam("target_")).order_by(_link.source),
    *("account_", "kind_", "target_"),
)
NEXT_TARGET = _sql(
    select(_link.target)
    .where(*_these_links, _link.target > bindparam("after_"))
    .order_by(_link.target)
    .limit(literal_column("1"))
    .offset(literal_column("0")),
    *("account_", "kind_", "after_"),
)
ADD_LINK = _sql(
    _new(schema.link, "account", "kind", "source", "target").values(position=_position),
    *("account", "kind", "source", "target", "account_", "kind_", "source_"),
)
DELETE_LINK = _sql(
    delete(schema.link).where(
        *_these_links, _link.source == bindparam("source_"), _link.target == bindparam("target_")
    ),
    *("account_", "kind_", "source_", "target_"),
)
SECRET = _sql(select(_secret.sealed).where(*_this_secret), "account_", "kind_", "key_")
_new_secret = insert(schema.secret)
PUT_SECRET = _sql(
    _new_secret.on_conflict_do_update(
        index_elements=["account", "kind", "key"], set_={"sealed": _new_secret.excluded.sealed}
    ),
    *("account", "kind", "key", "sealed"),
)
DELETE_SECRET = _sql(delete(schema.secret).where(*_this_secret), "account_", "kind_", "key_")
USES = _sql(
    select(_use.service, _use.action, _use.time, _use.region)
    .where(_use.subject == bindparam("subject_"))
    .order_by(_use.time.desc(), _use.service, _use.action),
    "subject_",
)
_of_use = ("subject", "service", "action", "time", "region")
# Of what is gone nobody asks any more, so there is a row only for what exists.
_new_use = insert(schema.last_use).from_select(
    list(_of_use),
    select(*(bindparam(column, type_=_use[column].type) for column in _of_use)).where(
        or_(
            select(literal_column("1")).where(_entity.unique_id == bindparam("subject_")).exists(),
            select(literal_column("1")).where(_account.id == bindparam("subject_")).exists(),
        )
    ),
)
PUT_USE = _sql(
    _new_use.on_conflict_do_update(
        index_elements=["subject", "service", "action"],
        set_={"time": _new_use.excluded.time, "region": _new_use.excluded.region},
        where=_new_use.excluded.time >= _use.time,
    ),
    *(*_of_use, "subject_", "subject_"),
)
DELETE_USES = _sql(delete(schema.last_use).where(_use.subject == bindparam("subject_")), "subject_")
DATA_KEYS = _sql(select(schema.data_key.c.id, schema.data_key.c.wrapped))
ADD_DATA_KEY = _sql(insert(schema.data_key), "id", "wrapped", "created")
_of_change = ("account", "kind", "key", "revision")
ADD_CHANGE = _sql(_new(schema.change, *_of_change), *_of_change)
_sequence = schema.change.c.sequence
_newest = select(func.max(_sequence)).scalar_subquery()
_oldest = select(func.min(_sequence)).scalar_subquery()
# Both ends of the primary key are looked up and not searched for, so the cost is that of the rows which go.
PRUNE_CHANGES = _sql(
    delete(schema.change).where(
        _sequence <= func.min(_newest - bindparam("kept_"), _oldest + bindparam("most_"))
    ),
    *("kept_", "most_"),
)
_of_batch = ("source", "count", "first_time", "last_time", "events")
ADD_BATCH = _sql(_new(schema.audit_batch, *_of_batch).on_conflict_do_nothing(), *_of_batch)
BATCH_SIZES = _sql(
    _sizes.where(_batch.sequence >= bindparam("first_")).order_by(_batch.sequence), "first_", "limit_"
)
BATCH_SIZES_BEFORE = _sql(
    _sizes.where(_batch.sequence < bindparam("before_")).order_by(_batch.sequence.desc()), "before_", "limit_"
)
BATCHES = _sql(
    select(_batch.sequence, _batch.events)
    .where(_batch.sequence >= bindparam("first_"), _batch.sequence <= bindparam("last_"))
    .order_by(_batch.sequence),
    *("first_", "last_"),
)

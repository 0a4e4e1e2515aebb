"""The tables. Two of them hold all state: entities by name, and links between them.

`entity.doc` is the entity in JSON and never has a secret in it: those are in `secret`, sealed. `change` says
which entities and links a revision touched, for processes that follow. The newest `rows.KEPT_CHANGES` of them
stay: who is further behind reads all anew, like who begins. A row of `audit_batch` is many events.
Times are microseconds since 1970. `migrations` brings a database to this form; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

metadata = MetaData()

_Sequence = BigInteger().with_variant(Integer(), "sqlite")

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

entity = Table(
    "entity",
    metadata,
    Column("account", Text, ForeignKey("account.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("path", Text, nullable=False),
    Column("unique_id", Text),
    Column("doc", Text, nullable=False),
)
Index(
    "entity_unique_id",
    entity.c.unique_id,
    unique=True,
    sqlite_where=text("unique_id IS NOT NULL"),
)
# Pages are in the order of keys: reading keys with their paths in that order, without the documents, is fast
# where the prefix selects much, and bearable where it selects little.
Index("entity_path", entity.c.account, entity.c.kind, entity.c.key, entity.c.path)

link = Table(
    "link",
    metadata,
    Column("account", Text, ForeignKey("account.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
Index("link_target", link.c.account, link.c.kind, link.c.target, link.c.source)

secret = Table(
    "secret",
    metadata,
    Column("account", Text, ForeignKey("account.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

data_key = Table(
    "data_key",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("sequence", _Sequence, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

# What follows from the trail: the last use of each access by each user, role, key and account that there is.
last_use = Table(
    "last_use",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
)

# `events` is last: what is before it is read without it.
audit_batch = Table(
    "audit_batch",
    metadata,
    Column("sequence", _Sequence, primary_key=True, autoincrement=True),
    Column("source", Text),
    Column("count", Integer, nullable=False),
    Column("first_time", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    Column("events", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index(
    "audit_batch_source",
    audit_batch.c.source,
    unique=True,
    sqlite_where=text("source IS NOT NULL"),
)

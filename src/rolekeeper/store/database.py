"""The SQLite file: how it is opened, and how its tables are brought to the form that this version knows.

Every connection is in the driver's autocommit mode: transactions begin and end where `state.Unit` says so.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from rolekeeper.errors import StoreError
from rolekeeper.store import schema

HEAD = "0002"
"""The newest revision in `migrations`."""

_BUSY_SECONDS = 10.0


def connect_file(path: Path) -> sqlite3.Connection:
    """The writer's connection: a commit is on the disk when it returns. The tables are brought up to date."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = _connect(str(path))
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection, path)
    except (sqlite3.Error, SQLAlchemyError) as error:
        connection.close()
        raise StoreError(f"`{path}` cannot be opened: {error}") from error
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside the writer's, in this process or another."""
    if not path.is_file():
        raise StoreError(f"there is no store in `{path.parent}`")
    connection = _connect(str(path))
    try:
        connection.execute("PRAGMA query_only = ON")
        found = _revision(connection)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"`{path}` cannot be opened: {error}") from error
    if found != HEAD:
        connection.close()
        raise StoreError(f"`{path}` has the form {found or 'of no store'}, and this version reads {HEAD}")
    return connection


def connect_memory() -> sqlite3.Connection:
    """A database of this process alone, with its tables."""
    connection = _connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    with _sqlalchemy(connection) as door, door.begin():
        schema.metadata.create_all(door)
    return connection


def _connect(name: str) -> sqlite3.Connection:
    # The store's locks see to it that one thread at a time uses a connection.
    return sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _sqlalchemy(connection: sqlite3.Connection) -> Connection:
    return create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool).connect()


def _revision(connection: sqlite3.Connection) -> str | None:
    """The revision of the tables; None where there are none yet."""
    tables = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    found = connection.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    return found[0][0] if found else None


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _revision(connection) == HEAD:
        return  # and alembic, which takes its time to import, is not needed
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "rolekeeper.store:migrations")
    try:
        with _sqlalchemy(connection) as door, door.begin():
            config.attributes["connection"] = door
            door.exec_driver_sql("BEGIN IMMEDIATE")  # a step is made whole or not at all
            command.upgrade(config, HEAD)
    except CommandError as error:
        raise StoreError(f"`{path}` was made by a version that this one does not know: {error}") from error

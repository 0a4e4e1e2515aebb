"""The file is made by the migrations, and they make what the schema says."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from rolekeeper.errors import StoreError
from rolekeeper.store import database, schema, statements
from rolekeeper.store.database import connect_file, connect_memory, connect_reader


def _engine(connection: sqlite3.Connection) -> Engine:
    return create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)


def test_the_migrations_make_what_the_schema_says(tmp_path: Path) -> None:
    connection = connect_file(tmp_path / "db")
    with _engine(connection).connect() as door:
        assert compare_metadata(MigrationContext.configure(door), schema.metadata) == []
    connection.close()


def test_a_file_and_memory_have_the_same_tables(tmp_path: Path) -> None:
    file, memory = connect_file(tmp_path / "db"), connect_memory()
    found = []
    for connection in (file, memory):
        look = inspect(_engine(connection))
        tables = sorted(set(look.get_table_names()) - {"alembic_version"})
        found.append(
            {
                table: (
                    [
                        (column["name"], str(column["type"]), column["nullable"])
                        for column in look.get_columns(table)
                    ],
                    look.get_pk_constraint(table)["constrained_columns"],
                    sorted((i["name"], i["column_names"], i["unique"]) for i in look.get_indexes(table)),
                    [key["constrained_columns"] for key in look.get_foreign_keys(table)],
                )
                for table in tables
            }
        )
        connection.close()
    assert found[0] == found[1]
    assert len(found[0]) == len(schema.metadata.tables)


def test_a_page_under_a_path_reads_keys_and_paths_only() -> None:
    connection = connect_memory()
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statements.PAGE_UNDER}", ("1", "role", "", "/a", "/b", 5))
    steps = [row[3] for row in plan]
    assert len(steps) == 1  # and nothing is sorted
    assert "INDEX entity_path" in steps[0]
    connection.close()


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "rolekeeper.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    connection = connect_file(tmp_path / "db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    connection.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    connect_file(tmp_path / "db").close()
    reader = connect_reader(tmp_path / "db")
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("INSERT INTO account VALUES ('1', 1)")
    reader.close()


def test_a_reader_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        connect_reader(tmp_path / "db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = connect_file(tmp_path / "db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="a version that this one does not know"):
        connect_file(tmp_path / "db")
    with pytest.raises(StoreError, match="has the form 9999"):
        connect_reader(tmp_path / "db")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(b"precious" * 1000)
    with pytest.raises(StoreError, match="cannot be opened"):
        connect_file(path)
    assert path.read_bytes() == b"precious" * 1000


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    connection = connect_file(tmp_path / "db")
    connection.execute("INSERT INTO account VALUES ('1', 1)")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 3
    connection.close()

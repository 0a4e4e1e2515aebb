"""What alembic runs to apply the steps: on the connection that it is given, in the transaction open on it."""

from __future__ import annotations

from alembic import context

from rolekeeper.store import schema

context.configure(connection=context.config.attributes["connection"], target_metadata=schema.metadata)
context.run_migrations()

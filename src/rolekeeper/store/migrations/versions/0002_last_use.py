"""The last use of each access by each user, role, access key and account, summed up from the trail."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from rolekeeper.audit.usage import Uses
from rolekeeper.store.batch import microseconds
from rolekeeper.store.frame import read_frames

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    last_use = op.create_table(
        "last_use",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("action", sa.Text, primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
    )
    rows = list(_rows(op.get_bind()))
    if rows:
        op.bulk_insert(last_use, rows)


def _rows(connection: sa.Connection) -> Iterator[dict[str, object]]:
    """A row for each use by what exists."""
    existing = set(connection.scalars(sa.text("SELECT unique_id FROM entity WHERE unique_id IS NOT NULL")))
    existing.update(connection.scalars(sa.text("SELECT id FROM account")))
    uses = Uses()
    numbers = connection.scalars(sa.text("SELECT sequence FROM audit_batch ORDER BY sequence")).all()
    one = sa.text("SELECT events FROM audit_batch WHERE sequence = :number")
    for number in numbers:  # one at a time: a trail does not fit into memory
        uses.add(read_frames(connection.scalar(one, {"number": number})))
    for subject in existing.intersection(uses):
        for (service, action), (time, region) in uses[subject].items():
            yield {
                "subject": subject,
                "service": service,
                "action": action,
                "time": microseconds(time),
                "region": region,
            }

"""Offline call lists: which were written where."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_list",
        sa.Column(
            "broadcast_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("county_code", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("tried_at", UtcTime(), nullable=False),
        sa.Column("written_at", UtcTime(), nullable=True),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_call_list_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "county_code", "host", name=op.f("pk_call_list")),
    )


def downgrade() -> None:
    op.drop_table("call_list")

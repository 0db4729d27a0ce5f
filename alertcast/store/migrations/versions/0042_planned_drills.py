"""A drill may be scheduled, and begins by itself."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "planned_drill",
        sa.Column("id", number, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=True),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("broadcast_id", number, nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("cancelled_by", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_planned_drill_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_drill")),
        sa.UniqueConstraint("key", name=op.f("uq_planned_drill_key")),
        sa.UniqueConstraint("broadcast_id", name=op.f("uq_planned_drill_broadcast_id")),
    )
    op.create_index(op.f("ix_planned_drill_starts_at"), "planned_drill", ["starts_at"])


def downgrade() -> None:
    op.drop_table("planned_drill")

"""Which configuration each process runs by, and who wanted them to run by another."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "configuration",
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_configuration")),
    )
    op.create_table(
        "reload",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("by_user", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reload")),
    )
    op.create_table(
        "process",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("does", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("on_disk", sa.String(length=16), nullable=False),
        sa.Column("mistakes", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_process")),
    )


def downgrade() -> None:
    for table in ("process", "reload", "configuration"):
        op.drop_table(table)

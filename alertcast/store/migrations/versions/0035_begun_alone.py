"""What an officer let begin without the second person is kept until one has seen it."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alone",
        sa.Column(
            "broadcast_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False
        ),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("seen_by", sa.String(length=128), nullable=True),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_alone_broadcast_id")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", name=op.f("pk_alone")),
    )


def downgrade() -> None:
    op.drop_table("alone")

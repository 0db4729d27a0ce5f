"""Pulses of the processes."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pulse",
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=128), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("process", "what", name=op.f("pk_pulse")),
    )


def downgrade() -> None:
    op.drop_table("pulse")

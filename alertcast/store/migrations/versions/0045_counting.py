"""The messages of a broadcast are counted in the order of their rows; texts back are found."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_UNREADABLE = sa.text("effect = 'unreadable'")


def upgrade() -> None:
    op.create_index("ix_task_broadcast_id", "task", ["broadcast_id"])
    op.create_index(
        "ix_receipt_unreadable",
        "receipt",
        ["id"],
        sqlite_where=_UNREADABLE,
        postgresql_where=_UNREADABLE,
    )


def downgrade() -> None:
    op.drop_index("ix_receipt_unreadable", "receipt")
    op.drop_index("ix_task_broadcast_id", "task")

"""A task may be told by the message of another broadcast."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("joined_to", sa.BigInteger(), nullable=True))
    for name, column in (("ix_task_joined", "joined_to"), ("ix_task_joined_of", "broadcast_id")):
        op.create_index(
            name,
            "task",
            [column],
            unique=False,
            sqlite_where=sa.text("joined_to IS NOT NULL"),
            postgresql_where=sa.text("joined_to IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index("ix_task_joined_of", table_name="task")
    op.drop_index("ix_task_joined", table_name="task")
    op.drop_column("task", "joined_to")

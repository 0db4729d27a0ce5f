"""Messages are claimed broadcast by broadcast."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    op.drop_index("ix_task_ready", table_name="task")
    op.create_index(
        "ix_task_ready",
        "task",
        ["broadcast_id", "kind", "priority", "due_at"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )


def downgrade() -> None:
    op.drop_index("ix_task_ready", table_name="task")
    op.create_index(
        "ix_task_ready",
        "task",
        ["kind", "priority", "due_at"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )

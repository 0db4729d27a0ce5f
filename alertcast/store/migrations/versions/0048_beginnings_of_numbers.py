"""A person keeps how the number begins; tasks that call for help have an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_HELP = ("ix_task_help_request_id", "task", ["help_request_id"])


def upgrade() -> None:
    op.add_column("person", sa.Column("begins", sa.String(length=8), nullable=True))
    op.add_column("person", sa.Column("begins_of", sa.LargeBinary(length=8), nullable=True))
    op.drop_index("ix_task_help_request_id", table_name="task")
    is_one = sa.text("help_request_id IS NOT NULL")
    op.create_index(*_HELP, sqlite_where=is_one, postgresql_where=is_one)


def downgrade() -> None:
    op.drop_index("ix_task_help_request_id", table_name="task")
    op.create_index(*_HELP)
    op.drop_column("person", "begins_of")
    op.drop_column("person", "begins")

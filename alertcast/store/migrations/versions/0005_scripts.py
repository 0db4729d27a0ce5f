"""Freeze with a broadcast what is read out and pasted into group chats."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("scripts", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("broadcast", column)


def downgrade() -> None:
    op.drop_column("broadcast", "scripts")

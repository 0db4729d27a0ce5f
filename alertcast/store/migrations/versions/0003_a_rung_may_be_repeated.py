"""A rung may be told again before the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callout", sa.Column("repeat", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("callout", "repeat")

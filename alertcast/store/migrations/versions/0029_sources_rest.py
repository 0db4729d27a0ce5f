"""A publisher that asks for patience is left alone, longer each time."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    busy = sa.Column("busy", sa.Integer(), server_default="0", nullable=False)
    op.add_column("source_state", busy)
    op.add_column("source_state", sa.Column("rests_until", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("source_state", "rests_until")
    op.drop_column("source_state", "busy")

"""Of a source is known what its first poll left for the next, and when it brought news last."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_state", sa.Column("behind_since", UtcTime(), nullable=True))
    op.add_column("source_state", sa.Column("news_at", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("source_state", "news_at")
    op.drop_column("source_state", "behind_since")

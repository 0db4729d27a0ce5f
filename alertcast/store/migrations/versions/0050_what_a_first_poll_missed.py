"""A source whose first poll brought a part of what there was has its backlog still to come."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_state", sa.Column("behind_since", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("source_state", "behind_since")

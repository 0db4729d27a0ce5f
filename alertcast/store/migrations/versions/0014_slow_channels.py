"""Channels: since when a breaker is open, and which are slow to report."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("broke_at", "slow_at", "slow_until"):
        op.add_column("channel_state", sa.Column(name, UtcTime(), nullable=True))

"""A document put aside is kept with all that reading it again needs, and with what that gave."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEPT = {"content_type": 128, "title": None, "place": 16}


def upgrade() -> None:
    for name, length in KEPT.items():
        kind = sa.String(length) if length else sa.Text()
        op.add_column("quarantine", sa.Column(name, kind, server_default="", nullable=False))
    op.add_column("quarantine", sa.Column("retried_at", UtcTime(), nullable=True))
    op.add_column("quarantine", sa.Column("left", sa.JSON(), nullable=True))
    op.add_column("quarantine", sa.Column("settled_at", UtcTime(), nullable=True))


def downgrade() -> None:
    for name in ("settled_at", "left", "retried_at", *reversed(KEPT)):
        op.drop_column("quarantine", name)

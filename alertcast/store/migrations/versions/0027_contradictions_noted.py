"""An officer notes that he has looked at a contradiction between sources."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dissent", sa.Column("noted_at", UtcTime(), nullable=True))
    op.add_column("dissent", sa.Column("noted_by", sa.String(length=128), nullable=True))


def downgrade() -> None:
    op.drop_column("dissent", "noted_by")
    op.drop_column("dissent", "noted_at")

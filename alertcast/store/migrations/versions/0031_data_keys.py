"""The key that personal data is sealed with may be replaced: which one is in force since when."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("whole_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_data_key"),
    )


def downgrade() -> None:
    op.drop_table("data_key")

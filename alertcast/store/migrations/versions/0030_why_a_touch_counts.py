"""A callout says why the touch of its grid was enough."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callout", sa.Column("counted_by", sa.String(length=8), nullable=True))


def downgrade() -> None:
    op.drop_column("callout", "counted_by")

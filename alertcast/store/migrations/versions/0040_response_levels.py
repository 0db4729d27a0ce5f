"""Response levels (应急响应) are kept with who decided them, when, and by which document."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=4), nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("by_user", sa.String(length=128), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("end_office", sa.Text(), nullable=True),
        sa.Column("end_document", sa.Text(), nullable=True),
        sa.Column("ended_by", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
    )


def downgrade() -> None:
    op.drop_table("response")

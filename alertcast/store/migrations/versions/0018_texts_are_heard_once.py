"""A text that a provider delivers twice is taken once."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("provider_ref", sa.String(length=128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "provider_ref", name=op.f("pk_heard")),
    )


def downgrade() -> None:
    op.drop_table("heard")

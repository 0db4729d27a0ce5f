"""A roster is looked at every day for what it lacks."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "roster_check",
        sa.Column("id", number, nullable=False),
        sa.Column("roster_id", number, nullable=False),
        sa.Column("layer_id", number, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roster_id"], ["roster.id"], name=op.f("fk_roster_check_roster_id")
        ),
        sa.ForeignKeyConstraint(["layer_id"], ["layer.id"], name=op.f("fk_roster_check_layer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_check")),
    )


def downgrade() -> None:
    op.drop_table("roster_check")

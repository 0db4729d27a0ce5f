"""How many households each leader has told (转告)."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "relay",
        sa.Column("id", _ID, nullable=False),
        sa.Column("broadcast_id", _ID, nullable=False),
        sa.Column("respondent_id", _ID, nullable=False),
        sa.Column("households_told", sa.Integer(), nullable=False),
        sa.Column("households_not_told", sa.Integer(), nullable=False),
        sa.Column("growers_told", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        sa.Column("by_user", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_relay_broadcast_id")
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_relay_respondent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
    )
    op.create_index(op.f("ix_relay_broadcast_id"), "relay", ["broadcast_id"], unique=False)
    op.create_index(op.f("ix_relay_respondent_id"), "relay", ["respondent_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_relay_respondent_id"), table_name="relay")
    op.drop_index(op.f("ix_relay_broadcast_id"), table_name="relay")
    op.drop_table("relay")

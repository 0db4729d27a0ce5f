"""A table of duty shifts says who is called first."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("seat", sa.String(length=8), nullable=False),
        sa.Column("person_code", sa.String(length=64), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
        sa.UniqueConstraint(
            "area",
            "seat",
            "person_code",
            "starts_at",
            name=op.f("uq_shift_area_seat_person_code_starts_at"),
        ),
    )
    op.create_index(op.f("ix_shift_ends_at"), "shift", ["ends_at"], unique=False)


def downgrade() -> None:
    op.drop_table("shift")

"""What one shift writes down, and leaves to the next."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "shift_note",
        sa.Column("id", number, nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_note")),
    )
    op.create_table(
        "handover",
        sa.Column("id", number, nullable=False),
        sa.Column("area", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("open", sa.JSON(), nullable=False),
        sa.Column("accepted_at", UtcTime(), nullable=True),
        sa.Column("accepted_by", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_shift_note_at"), "shift_note", ["at"], unique=False)
    op.create_index(op.f("ix_handover_at"), "handover", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("handover")
    op.drop_table("shift_note")

"""Receipts are kept first and applied in batches; channels keep a pace and count failures."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receipt") as table:
        table.add_column(sa.Column("token", sa.String(length=64)))
        table.add_column(sa.Column("provider_ref", sa.String(length=128)))
        table.add_column(sa.Column("state", sa.String(length=16)))
        table.add_column(sa.Column("code", sa.String(length=32)))
        table.add_column(sa.Column("reason", sa.String(length=32)))
        table.alter_column("effect", existing_type=sa.String(length=32), nullable=True)
    op.create_index(
        "ix_receipt_kept",
        "receipt",
        ["id"],
        sqlite_where=sa.text("effect IS NULL"),
        postgresql_where=sa.text("effect IS NULL"),
    )
    # What it counted (a bucket's tokens, forged callbacks) is of the last minutes: it begins anew.
    op.execute("DELETE FROM channel_state WHERE stopped IS NULL")
    with op.batch_alter_table("channel_state") as table:
        table.drop_column("tokens")
        table.drop_column("filled_at")
        table.add_column(sa.Column("next_at", UtcTime()))
        table.add_column(sa.Column("pace", sa.Float(), nullable=False, server_default="1"))
        table.add_column(sa.Column("pace_at", UtcTime()))
        table.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("channel_state") as table:
        table.alter_column("pace", existing_type=sa.Float(), server_default=None)
        table.alter_column("failures", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    raise NotImplementedError("a newer version's data is not taken back")

"""What plain gateways need: slots of a text, where receipts are fetched from, early receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("slots", sa.LargeBinary(), nullable=True))
    op.create_table(
        "pull_cursor",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pull_cursor")),
    )
    op.create_index(
        "ix_receipt_unmatched",
        "receipt",
        ["provider_ref"],
        sqlite_where=sa.text("effect = 'unmatched'"),
        postgresql_where=sa.text("effect = 'unmatched'"),
    )

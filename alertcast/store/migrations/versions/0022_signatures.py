"""Signatures of alerts: the verdict on each receipt, and whether any of them may act."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    yes = sa.true()
    op.add_column(
        "alert", sa.Column("is_trusted", sa.Boolean(), server_default=yes, nullable=False)
    )
    for name, kind, default in (
        ("signature", sa.String(length=16), "unsigned"),
        ("signer", sa.Text(), ""),
    ):
        op.add_column("witness", sa.Column(name, kind, server_default=default, nullable=False))


def downgrade() -> None:
    op.drop_column("witness", "signer")
    op.drop_column("witness", "signature")
    op.drop_column("alert", "is_trusted")

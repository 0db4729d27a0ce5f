"""Several feeds of one warning: whose words are kept, who contradicts them, who still lists it."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    body = sa.Column("body", sa.String(length=8), server_default="cap", nullable=False)
    op.add_column("alert", body)
    op.create_table(
        "dissent",
        sa.Column("id", _number(), nullable=False),
        sa.Column("alert_id", _number(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_dissent_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dissent")),
        sa.UniqueConstraint(
            "alert_id", "source", "what", name=op.f("uq_dissent_alert_id_source_what")
        ),
    )
    op.create_index(op.f("ix_dissent_alert_id"), "dissent", ["alert_id"], unique=False)
    op.create_table(
        "sighting",
        sa.Column("alert_id", _number(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_sighting_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "source", name=op.f("pk_sighting")),
    )


def downgrade() -> None:
    op.drop_table("sighting")
    op.drop_index(op.f("ix_dissent_alert_id"), table_name="dissent")
    op.drop_table("dissent")
    op.drop_column("alert", "body")

"""Alerts are found by the event that they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "alert_event",
        sa.Column("alert_id", number, nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("zones", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_event_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "event", name=op.f("pk_alert_event")),
    )
    op.create_index(op.f("ix_alert_event_event"), "alert_event", ["event"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_alert_event_event"), table_name="alert_event")
    op.drop_table("alert_event")

"""Who is logged in, and how often a wrong password was tried, is known to all machines."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "session",
        sa.Column("id", number, nullable=False),
        sa.Column("user_id", number, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_session_digest")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"], unique=False)
    op.create_table(
        "log_in_failure",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=160), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "mark", name=op.f("pk_log_in_failure")),
    )


def downgrade() -> None:
    op.drop_table("log_in_failure")
    op.drop_index(op.f("ix_session_user_id"), table_name="session")
    op.drop_table("session")

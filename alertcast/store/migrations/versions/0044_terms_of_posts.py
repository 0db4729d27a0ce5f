"""A post has a first and a last day; a person languages, specialities and a channel of choice."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("valid_from", "valid_to"):
        op.add_column("post", sa.Column(column, sa.Date(), nullable=True))
    op.add_column(
        "person", sa.Column("specialities", sa.JSON(), server_default="[]", nullable=False)
    )
    op.add_column(
        "person", sa.Column("prefers", sa.String(length=8), server_default="", nullable=False)
    )
    op.add_column(
        "person",
        sa.Column("languages", sa.String(length=64), server_default="zh-CN", nullable=False),
    )
    op.execute("UPDATE person SET languages = language")
    op.drop_column("person", "language")


def downgrade() -> None:
    op.add_column(
        "person",
        sa.Column("language", sa.String(length=16), server_default="zh-CN", nullable=False),
    )
    op.execute("UPDATE person SET language = languages WHERE length(languages) <= 16")
    op.drop_column("person", "languages")
    op.drop_column("person", "prefers")
    op.drop_column("person", "specialities")
    for column in ("valid_from", "valid_to"):
        op.drop_column("post", column)

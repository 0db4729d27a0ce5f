"""Of what is due, one phone is told at once, also of callouts whose turn comes later."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("respondent", sa.Column("ahead", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("respondent", "ahead")

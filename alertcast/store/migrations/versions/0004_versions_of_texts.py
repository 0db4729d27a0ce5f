"""Keep with a broadcast which version of each text it used."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("wording_versions", sa.JSON(), nullable=False, server_default="{}")
    op.add_column("broadcast", column)


def downgrade() -> None:
    op.drop_column("broadcast", "wording_versions")

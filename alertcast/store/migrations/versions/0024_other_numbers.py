"""A person may have another number: a row of its own, without posts."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("other_of", sa.BigInteger(), nullable=True))
    op.create_index("ix_person_other_of", "person", ["other_of"])


def downgrade() -> None:
    op.drop_index("ix_person_other_of", table_name="person")
    op.drop_column("person", "other_of")

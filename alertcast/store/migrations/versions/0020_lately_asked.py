"""What somebody is asked now is found without what was asked in all the years before."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_respondent_person", "respondent", ["person_id", "callout_id"])
    op.drop_index("ix_respondent_person_id", table_name="respondent")


def downgrade() -> None:
    op.create_index("ix_respondent_person_id", "respondent", ["person_id"])
    op.drop_index("ix_respondent_person", table_name="respondent")

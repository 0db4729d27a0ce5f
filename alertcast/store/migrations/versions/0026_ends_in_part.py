"""A warning may end in some of its places; a message may be about grids without a callout."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("reach", sa.Column("ended_by", sa.BigInteger(), nullable=True))
    op.create_table(
        "task_grid",
        sa.Column("task_id", number, nullable=False),
        sa.Column("grid_id", number, nullable=False),
        sa.ForeignKeyConstraint(["grid_id"], ["grid.id"], name=op.f("fk_task_grid_grid_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_grid_task_id")),
        sa.PrimaryKeyConstraint("task_id", "grid_id", name=op.f("pk_task_grid")),
    )


def downgrade() -> None:
    op.drop_table("task_grid")
    op.drop_column("reach", "ended_by")

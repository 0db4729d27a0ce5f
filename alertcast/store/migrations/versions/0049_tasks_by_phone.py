"""Tasks are unique from their phone on, so that this index finds them by phone as well."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_BEFORE = ["broadcast_id", "phone_index", "kind", "wave"]
_NOW = ["phone_index", "broadcast_id", "kind", "wave"]


def upgrade() -> None:
    op.drop_index("ix_task_phone_index", table_name="task")
    _swap(_BEFORE, _NOW)


def downgrade() -> None:
    _swap(_NOW, _BEFORE)
    op.create_index("ix_task_phone_index", "task", ["phone_index"])


def _swap(old: list[str], new: list[str]) -> None:
    with op.batch_alter_table("task") as batch:
        batch.drop_constraint(f"uq_task_{'_'.join(old)}", type_="unique")
        batch.create_unique_constraint(f"uq_task_{'_'.join(new)}", new)

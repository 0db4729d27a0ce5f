"""A broadcast may correct another one."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # in one clause on both: SQLite can add a reference only together with its column, and copying
    # the table instead would break the rows that point to it
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE broadcast ADD COLUMN corrects_id {kind} "
        "CONSTRAINT fk_broadcast_corrects_id REFERENCES broadcast (id)"
    )
    op.create_index("ix_broadcast_corrects_id", "broadcast", ["corrects_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_broadcast_corrects_id", table_name="broadcast")
    with op.batch_alter_table("broadcast") as batch:
        batch.drop_constraint("fk_broadcast_corrects_id", type_="foreignkey")
        batch.drop_column("corrects_id")

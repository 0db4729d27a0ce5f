"""Towns and counties have older codes; a post is found by the code that its place has today."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("town_aliases", "county_aliases"):
        op.add_column("grid", sa.Column(name, sa.JSON(), server_default="[]", nullable=False))
    for table in ("post", "station"):
        op.add_column(table, sa.Column("written", sa.String(length=32), nullable=True))
    # in one clause on both: see 0011
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE roster ADD COLUMN layer_id {kind} "
        "CONSTRAINT fk_roster_layer_id REFERENCES layer (id)"
    )
    op.create_index("ix_roster_layer_id", "roster", ["layer_id"])
    op.execute(
        "UPDATE roster SET layer_id = (SELECT id FROM layer WHERE is_active) WHERE is_active"
    )


def downgrade() -> None:
    op.drop_index("ix_roster_layer_id", table_name="roster")
    with op.batch_alter_table("roster") as batch:
        batch.drop_constraint("fk_roster_layer_id", type_="foreignkey")
        batch.drop_column("layer_id")
    for table in ("post", "station"):
        op.drop_column(table, "written")
    for name in ("town_aliases", "county_aliases"):
        op.drop_column("grid", name)

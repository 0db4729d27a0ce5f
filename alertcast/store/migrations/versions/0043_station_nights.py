"""What was said of a station tonight is kept append-only, and its keeper can be asked by phone."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "station_night",
        sa.Column("id", _ID, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("said", sa.String(length=8), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.Column("broadcast_id", _ID, nullable=True),
        sa.Column("person_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcast.id"], name=op.f("fk_station_night_broadcast_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_station_night_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_night")),
    )
    for column in ("code", "until", "broadcast_id", "person_id"):
        op.create_index(op.f(f"ix_station_night_{column}"), "station_night", [column])
    op.add_column("person", sa.Column("keeper_of", sa.String(length=64), nullable=True))
    op.drop_column("station", "open_until")  # nothing ever wrote it


def downgrade() -> None:
    op.add_column("station", sa.Column("open_until", UtcTime(), nullable=True))
    op.drop_column("person", "keeper_of")
    op.drop_table("station_night")

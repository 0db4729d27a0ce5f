"""Places by code, for warnings that bring codes and no shape."""

import sqlalchemy as sa
from alembic import op

from alertcast.store.db import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "code_scheme",
        sa.Column("id", _number(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("imported_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_scheme")),
        sa.UniqueConstraint("key", name=op.f("uq_code_scheme_key")),
    )
    op.create_table(
        "code_place",
        sa.Column("id", _number(), nullable=False),
        sa.Column("scheme_id", _number(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["code_scheme.id"], name=op.f("fk_code_place_scheme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_place")),
        sa.UniqueConstraint("scheme_id", "code", name=op.f("uq_code_place_scheme_id_code")),
    )


def downgrade() -> None:
    op.drop_table("code_place")
    op.drop_table("code_scheme")

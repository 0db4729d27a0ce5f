"""What was done is chained, and its rows can neither be changed nor removed."""

import sqlalchemy as sa
from alembic import op

from alertcast.core.chain import START, Entry, sealed
from alertcast.store.db import UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

GUARDED = ("audit", "audit_link")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit_link",
        sa.Column("n", number, autoincrement=False, nullable=False),
        sa.Column("audit_id", number, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_link_audit_id")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_link_audit_id")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)
    _chain()
    for statement in _guards():
        op.execute(statement)


def downgrade() -> None:
    for name in GUARDED:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name}_is_kept ON {name}")
            op.execute(f"DROP TRIGGER {name}_is_not_emptied ON {name}")
        else:
            op.execute(f"DROP TRIGGER {name}_is_not_changed")
            op.execute(f"DROP TRIGGER {name}_is_not_removed")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION alertcast_append_only()")
    op.drop_index(op.f("ix_audit_subject"), table_name="audit")
    op.drop_table("audit_link")


def _chain() -> None:
    """Seal what was written before there was a chain, as it is found."""
    tx = op.get_bind()
    kept = sa.table(
        "audit",
        sa.column("id"),
        sa.column("at", UtcTime()),
        sa.column("user"),
        sa.column("action"),
        sa.column("subject"),
        sa.column("detail", sa.JSON()),
    )
    links = sa.table("audit_link", sa.column("n"), sa.column("audit_id"), sa.column("hash"))
    before = START
    for n, row in enumerate(tx.execute(sa.select(kept).order_by(kept.c.id)).all(), 1):
        before = sealed(before, n, Entry(*row))
        tx.execute(sa.insert(links).values(n=n, audit_id=row.id, hash=before))


def _guards() -> list[str]:
    if op.get_bind().dialect.name != "postgresql":
        return [
            f"CREATE TRIGGER {name}_is_not_{what} BEFORE {event} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            for name in GUARDED
            for event, what in (("UPDATE", "changed"), ("DELETE", "removed"))
        ]
    function = (
        "CREATE FUNCTION alertcast_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    return [function] + [
        f"CREATE TRIGGER {name}_{what} BEFORE {events} ON {name} FOR EACH {each} "
        "EXECUTE FUNCTION alertcast_append_only()"
        for name in GUARDED
        for what, events, each in (
            ("is_kept", "UPDATE OR DELETE", "ROW"),
            ("is_not_emptied", "TRUNCATE", "STATEMENT"),
        )
    ]

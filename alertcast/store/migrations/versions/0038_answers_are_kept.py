"""Answers, and how many households a leader has told, can neither be changed nor removed."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

GUARDED = ("acknowledgement", "relay")


def upgrade() -> None:
    for name in GUARDED:
        for statement in _guards(name):
            op.execute(statement)


def downgrade() -> None:
    for name in GUARDED:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {name}_is_kept ON {name}")
            op.execute(f"DROP TRIGGER {name}_is_not_emptied ON {name}")
        else:
            op.execute(f"DROP TRIGGER {name}_is_not_changed")
            op.execute(f"DROP TRIGGER {name}_is_not_removed")


def _guards(name: str) -> list[str]:
    if op.get_bind().dialect.name != "postgresql":
        return [
            f"CREATE TRIGGER {name}_is_not_{what} BEFORE {event} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            for event, what in (("UPDATE", "changed"), ("DELETE", "removed"))
        ]
    return [
        f"CREATE TRIGGER {name}_{what} BEFORE {events} ON {name} FOR EACH {each} "
        "EXECUTE FUNCTION alertcast_append_only()"
        for what, events, each in (
            ("is_kept", "UPDATE OR DELETE", "ROW"),
            ("is_not_emptied", "TRUNCATE", "STATEMENT"),
        )
    ]

"""The tables of Procrastinate 3.10.0, which wakes senders on other machines; PostgreSQL only.

Which version made them is written beside them: the revision for the next version that is pinned
applies that version's own migrations where an older one did, and nothing on a new database.

Revision ID: 0007
Revises: 0006
"""

from importlib.metadata import version
from importlib.resources import files
from typing import Any

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    schema = files("procrastinate.sql").joinpath("schema.sql").read_text("utf-8")
    driver: Any = connection.connection.driver_connection
    driver.execute(schema)  # many statements at once, with percent signs that are no parameters
    made_by = f"made by procrastinate {version('procrastinate')}"
    driver.execute(f"COMMENT ON TABLE procrastinate_jobs IS '{made_by}'")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_DROP)


_DROP = """
DO $$
DECLARE one text;
BEGIN
    DROP TABLE procrastinate_events, procrastinate_periodic_defers,
        procrastinate_jobs, procrastinate_workers;
    FOR one IN SELECT oid::regprocedure FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || one;
    END LOOP;
    DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
END $$
"""

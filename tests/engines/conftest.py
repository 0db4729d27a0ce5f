"""Procrastinate needs a real PostgreSQL: its tests exist only where there is one."""

from tests.databases import POSTGRESQL

collect_ignore = [] if POSTGRESQL else ["test_procrastinate.py"]

"""Several machines need a real PostgreSQL: their tests exist only where there is one."""

from tests.databases import POSTGRESQL

collect_ignore_glob = [] if POSTGRESQL else ["test_*.py"]

"""The rebuild reads the sources of the demo, which are not part of the project."""

import os

collect_ignore = [] if os.environ.get("ALERTCAST_CORPORA") else ["test_zhaoqing_rebuild.py"]

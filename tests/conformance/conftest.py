"""Tests that read the corpora are collected only where ALERTCAST_CORPORA names their folder."""

import os

READS_CORPORA = ["test_corpora_*.py", "test_simulator_answers.py"]
collect_ignore_glob = [] if os.environ.get("ALERTCAST_CORPORA") else READS_CORPORA

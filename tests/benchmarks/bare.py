"""What SQLite alone takes for the rows that claim and record write, with nothing around it.

The same tables with their indexes, the same batches, a commit where dispatch has one: an attempt
and a lease for each task, then both moved on. Nothing is decided, filled, sealed or read back.
"""

import secrets
import sqlite3
import time
from pathlib import Path

_BEGIN = """\
INSERT INTO attempt (task_id, n, channel, token, state, rank, requested_at, requested_real)
VALUES (?, 1, 'sms', ?, 'leaving', 0, ?, ?)"""
_LEASE = """\
UPDATE task SET state = 'leaving', tries = tries + 1, text = ?, slots = ?, lease_token = ?,
lease_until = ? WHERE id = ?"""
_MOVE_ATTEMPT = "UPDATE attempt SET state = 'accepted', rank = 2, provider_ref = ? WHERE token = ?"
_MOVE_TASK = """\
UPDATE task SET state = 'underway', lease_token = NULL, lease_until = NULL WHERE id = ?"""

_AT = "2026-01-01 00:00:00.000000"
_TEXT = secrets.token_bytes(400)  # as long as a sealed text
_SLOTS = secrets.token_bytes(300)


def write_rows(database: Path, batch: int) -> tuple[int, float]:
    """Write the rows of all queued texts of a database; return how many, and the CPU seconds."""
    tx = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16384"):
        tx.execute(f"PRAGMA {pragma}")
    queued = tx.execute("SELECT id FROM task WHERE state = 'queued' AND kind = 'sms' ORDER BY id")
    ids = [row[0] for row in queued]
    begun = time.process_time()
    for first in range(0, len(ids), batch):
        some = [(one, secrets.token_urlsafe(18)) for one in ids[first : first + batch]]
        tx.execute("BEGIN IMMEDIATE")
        tx.executemany(_BEGIN, [(one, token, _AT, _AT) for one, token in some])
        tx.executemany(_LEASE, [(_TEXT, _SLOTS, some[0][1], _AT, one) for one, _ in some])
        tx.execute("COMMIT")
        tx.execute("BEGIN IMMEDIATE")
        tx.executemany(_MOVE_ATTEMPT, [(f"SM{token}", token) for _, token in some])
        tx.executemany(_MOVE_TASK, [(one,) for one, _ in some])
        tx.execute("COMMIT")
    took = time.process_time() - begun
    tx.close()
    return len(ids), took

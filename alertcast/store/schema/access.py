"""Who may come in: users, their sessions and second factors, the wrong passwords of late."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from alertcast.store.db import UtcTime
from alertcast.store.schema.base import id_column, metadata, must, ref

user = Table(
    "user",
    metadata,
    id_column(),
    must("name", String(128), unique=True),
    must("password", Text),  # argon2 hash, never the password
    must("role", String(16)),
    must("area", String(32)),
    must("is_disabled", Boolean),
    must("created_at", UtcTime),
)
session = Table(
    "session",  # a log-in that has not ended
    metadata,
    id_column(),
    ref("user_id", "user"),
    must("digest", String(64), unique=True),  # SHA-256 of what the cookie holds
    must("address", String(64)),
    must("created_at", UtcTime),  # real time
    must("used_at", UtcTime),  # real time; what a page asks by itself is no use of it
)
log_in_failure = Table(
    "log_in_failure",  # tries to log in that were not followed by the right password
    metadata,
    Column("kind", String(16), primary_key=True),  # see core/lockout.py
    Column("mark", String(160), primary_key=True),  # keyed hashes of name and address
    must("count", Integer),
    must("at", UtcTime),  # real time; of the last
)
second_factor = Table(
    "second_factor",  # what an app on the user's phone makes codes with
    metadata,
    id_column(),
    Column("user_id", ForeignKey("user.id"), nullable=False, unique=True),
    must("secret", LargeBinary),  # sealed
    Column("confirmed_at", UtcTime),  # null: shown, and no code of it was seen yet
    must("last_step", Integer),  # of the last code that was taken: none is taken twice
)
recovery_code = Table(
    "recovery_code",  # each opens once, instead of a code of the app
    metadata,
    id_column(),
    ref("user_id", "user"),
    must("digest", String(64)),  # SHA-256 of the code, never the code
)

"""How it runs: channels, keys, pulses, tokens, the audit, the shift log."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from alertcast.store.db import UtcTime
from alertcast.store.schema.base import id_column, metadata, must

channel_state = Table(
    "channel_state",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("next_at", UtcTime),  # real time; when its next request may leave
    must("pace", Float),  # 0..1, the share of its rate that it kept at `pace_at`
    Column("pace_at", UtcTime),  # real time
    must("failures", Integer),  # in a row, without anything accepted between
    Column("paused_until", UtcTime),  # real time; throttled, or its breaker is open
    Column("broke_at", UtcTime),  # real time; since when its breaker is open
    Column("slow_at", UtcTime),  # real time; since when its receipts stay away
    Column("slow_until", UtcTime),  # real time; until then it carries only what no other can
    Column("stopped", Text),  # why the whole channel is unusable; an officer clears it
    must("forged", Integer),  # callbacks refused with 403
)
call_list = Table(
    "call_list",  # offline call lists that lie sealed in the folder of each machine
    metadata,
    Column("broadcast_id", ForeignKey("broadcast.id"), primary_key=True),
    Column("county_code", String(16), primary_key=True),
    Column("host", String(64), primary_key=True),
    must("county", Text),
    must("tried_at", UtcTime),  # real time
    Column("written_at", UtcTime),  # real time
    Column("error", String(64)),  # why it could not be written the last time
)
pulse = Table(
    "pulse",  # when a process last did what it does again and again
    metadata,
    Column("process", String(64), primary_key=True),
    Column("what", String(128), primary_key=True),  # see core/watch.py
    must("at", UtcTime),  # real time
)
configuration = Table(
    "configuration",  # every one that a process ever ran by
    metadata,
    Column("digest", String(16), primary_key=True),  # of `lines`
    must("lines", JSON),  # what its files say, secrets masked: see core/written.py
    must("at", UtcTime),  # real time; when it was first seen
)
reload = Table(
    "reload",  # somebody wanted the processes to run by what lies on their disks
    metadata,
    id_column(),
    must("digest", String(16)),  # of what was on the disk of whoever wanted it
    must("at", UtcTime),  # real time
    must("by_user", String(128)),
)
process = Table(
    "process",  # which configuration each process runs by, and which lies on its disk
    metadata,
    Column("name", String(64), primary_key=True),
    must("does", String(64)),  # the command
    must("digest", String(16)),
    must("since", UtcTime),  # real time; when it began to run by that one
    must("on_disk", String(16)),  # "": what lies there has mistakes
    must("mistakes", Integer),
    must("seen_at", UtcTime),  # real time
)
data_key = Table(
    "data_key",  # a row for each time that the key of personal data was replaced
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),  # the highest is in force
    must("fingerprint", String(16)),
    must("since", UtcTime),
    Column("whole_at", UtcTime),  # when nothing was left that the key before it had sealed
)
pull_cursor = Table(
    "pull_cursor",
    metadata,
    Column("name", String(64), primary_key=True),  # of a channel whose receipts are fetched
    must("cursor", Text),  # where the next page begins, in the provider's words
)
heard = Table(
    "heard",  # texts of people: what a provider delivers twice is taken once
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("provider_ref", String(128), primary_key=True),  # the provider's id of the text
    must("at", UtcTime),  # product time
)
api_token = Table(
    "api_token",  # what other systems show instead of a log-in
    metadata,
    id_column(),
    must("name", String(64), unique=True),
    must("digest", String(64), unique=True),  # SHA-256 of the token, never the token
    must("hint", String(32)),  # its first characters
    must("role", String(16)),
    must("area", String(32)),
    must("created_at", UtcTime),  # real time, as all of these
    must("created_by", String(128)),
    must("expires_at", UtcTime),
    Column("used_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("revoked_by", String(128)),
)
idempotency = Table(
    "idempotency",  # what was asked of the API under a key, and what was answered
    metadata,
    Column("token_id", ForeignKey("api_token.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    must("asked", String(64)),  # SHA-256 of the request
    must("at", UtcTime, index=True),  # real time
    Column("answer", Text),  # null: nothing was answered that may be repeated
)
audit = Table(
    "audit",
    metadata,
    id_column(),
    must("at", UtcTime),
    must("user", String(128)),
    must("action", String(64)),
    must("subject", String(128), index=True),
    must("detail", JSON),  # ids and counts; no personal data
)
audit_link = Table(
    "audit_link",  # the chain that seals what was done (core/chain.py), in its order
    metadata,
    Column(
        "n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("audit_id", ForeignKey("audit.id"), nullable=False, unique=True),
    must("hash", String(64)),  # SHA-256
)
response = Table(
    "response",  # response levels (应急响应): decided by an office, apart from any signal
    metadata,
    id_column(),
    must("kind", String(16)),  # core.response.KINDS
    must("level", String(4)),
    must("area", String(32)),
    must("place", Text),  # what the area was called
    must("office", Text),
    must("document", Text),
    must("starts_at", UtcTime),
    must("by_user", String(128)),
    Column("ended_at", UtcTime),
    Column("end_office", Text),
    Column("end_document", Text),
    Column("ended_by", String(128)),
)
shift_note = Table(
    "shift_note",  # 值班日志: what officers wrote down; append-only
    metadata,
    id_column(),
    must("area", String(32)),  # of whoever wrote it
    must("at", UtcTime, index=True),
    must("user", String(128)),
    must("text", LargeBinary),  # sealed
)
handover = Table(
    "handover",  # 交接班: what one shift left to the next
    metadata,
    id_column(),
    must("area", String(32)),
    must("at", UtcTime, index=True),
    must("user", String(128)),
    must("text", LargeBinary),  # sealed
    must("open", JSON),  # what was open at that moment; nothing personal
    Column("accepted_at", UtcTime),
    Column("accepted_by", String(128)),
)
upload = Table(
    "upload",  # files that are to be brought in, until they are, or for an hour
    metadata,
    id_column(),
    must("kind", String(8)),  # core.upload.UploadKind
    must("file", Text),
    must("name", String(64)),
    must("options", JSON),
    must("sha256", String(64)),
    must("state", String(16)),  # core.upload.UploadState
    must("progress", Integer),
    must("by", String(128)),
    must("sent_at", UtcTime),  # real time
    must("worked_at", UtcTime),  # real time
    must("seen", String(64)),
    must("confirmed", JSON),
    must("done", JSON),
    Column("content", LargeBinary),  # sealed, as the two below
    Column("report", LargeBinary),
    Column("copy", LargeBinary),  # with its bad cells marked
)

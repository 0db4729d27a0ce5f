"""What is to be told, and what was: broadcasts, callouts, messages, receipts, answers."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from alertcast.store.db import UtcTime
from alertcast.store.schema.base import id_column, metadata, must, ref

broadcast = Table(
    "broadcast",
    metadata,
    id_column(),
    must("key", String(512), unique=True),
    must("purpose", String(16)),
    must("mode", String(8)),
    must("state", String(16), index=True),
    ref("episode_id", "episode", nullable=True),
    ref("layer_id", "layer", nullable=True),
    ref("roster_id", "roster", nullable=True),
    Column("hazard", String(64)),
    must("title", Text),
    must("slots", JSON),
    must("policies", JSON),
    must("wording", JSON),
    must("wording_versions", JSON, server_default="{}"),
    must("scripts", JSON, server_default="{}"),  # for loudspeakers and group chats
    must("created_at", UtcTime),
    must("created_by", String(128)),
    must("starts_at", UtcTime),
    Column("expires_at", UtcTime),
    Column("ended_at", UtcTime),
    ref("corrects_id", "broadcast", nullable=True),
)
alone = Table(
    "alone",  # an officer let a broadcast begin that a second person was to approve
    metadata,
    Column("broadcast_id", ForeignKey("broadcast.id"), primary_key=True),
    must("user", String(128)),
    must("why", Text),
    must("at", UtcTime),
    Column("seen_by", String(128)),  # the second person, afterwards
    Column("seen_at", UtcTime),
)
planned_drill = Table(
    "planned_drill",  # a drill that is to begin by itself
    metadata,
    id_column(),
    must("key", String(128), unique=True),  # of the form that asked for it
    must("text", Text),
    must("codes", JSON),  # grids, towns or counties
    Column("policy", String(64)),
    must("starts_at", UtcTime, index=True),
    must("state", String(16)),  # planned, begun, cancelled, missed, failed
    Column("why", Text),  # missed, failed: in an officer's words
    Column("broadcast_id", ForeignKey("broadcast.id"), unique=True),
    must("created_at", UtcTime),
    must("created_by", String(128)),
    Column("cancelled_by", String(128)),
)
broadcast_alert = Table(
    "broadcast_alert",
    metadata,
    Column("broadcast_id", ForeignKey("broadcast.id"), primary_key=True),
    Column("alert_id", ForeignKey("alert.id"), primary_key=True, index=True),
)
standing = Table(
    "standing",  # the level that holds for a grid in an episode, and the last level told
    metadata,
    Column("episode_id", ForeignKey("episode.id"), primary_key=True),
    Column("grid_code", String(32), primary_key=True),
    Column("level", String(16)),
    Column("told_level", String(16)),
    must("was_told", Boolean),
)
callout = Table(
    "callout",
    metadata,
    id_column(),
    ref("broadcast_id", "broadcast", index=False),
    ref("episode_id", "episode", nullable=True),
    must("mode", String(8)),
    ref("grid_id", "grid"),
    must("grid_code", String(32)),
    Column("level", String(16)),
    must("policy", String(64)),
    must("state", String(16)),
    must("rung", Integer),
    must("repeat", Integer, server_default="0"),  # how many times that rung was told again
    must("step", Integer),
    Column("next_step_at", UtcTime),
    must("opened_at", UtcTime),
    Column("ended_at", UtcTime),
    must("matched_by", String(32)),
    Column("share", Float),
    Column("counted_by", String(8)),  # core.touch.HOW
    UniqueConstraint("broadcast_id", "grid_id"),
    Index("ix_callout_due", "next_step_at", postgresql_where=text("state = 'open'")),
    Index(
        "uq_callout_open",
        "episode_id",
        "grid_code",
        "mode",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
respondent = Table(
    "respondent",
    metadata,
    id_column(),
    ref("callout_id", "callout", index=False),
    ref("person_id", "person", index=False),
    must("role", String(64)),
    must("place", String(32)),
    must("rungs", Integer),
    must("counts", Boolean),
    Column("ahead", Integer),  # step of the callout of which it was told before that was taken
    UniqueConstraint("callout_id", "person_id"),
    Index("ix_respondent_person", "person_id", "callout_id"),
)
help_request = Table(
    "help_request",
    metadata,
    id_column(),
    ref("broadcast_id", "broadcast"),
    ref("person_id", "person"),
    must("role", String(64)),  # in which the person answers
    must("places", JSON),  # names of the grids the person answers for
    must("area", String(32)),  # code of the first of them, for who may close it
    must("opened_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("closed_by", String(128)),
    Column("done", Text),  # what an officer wrote was done
)
task = Table(
    "task",
    metadata,
    id_column(),
    ref("broadcast_id", "broadcast"),  # counting reads rows in their order
    ref("person_id", "person"),
    must("phone_index", String(32)),
    must("kind", String(8)),
    must("wave", Integer),
    must("state", String(16)),
    must("purpose", String(16)),
    Column("level", String(16)),
    must("priority", Integer),
    must("due_at", UtcTime),
    Column("expires_at", UtcTime),
    must("calls", Integer),
    must("every", Float),
    must("tries", Integer),
    Column("text", LargeBinary),  # sealed
    Column("slots", LargeBinary),  # sealed; the values that filled the text, as JSON
    must("template", String(64)),
    must("language", String(16)),
    Column("reason", String(32)),
    Column("lease_token", String(32)),
    Column("lease_until", UtcTime),
    ref("help_request_id", "help_request", nullable=True, index=False),
    must("created_at", UtcTime),
    Column("joined_to", BigInteger),  # a task; no foreign key: the leading one may be the younger
    UniqueConstraint("phone_index", "broadcast_id", "kind", "wave"),  # finds them by phone, too
    Index(
        "ix_task_joined",
        "joined_to",
        sqlite_where=text("joined_to IS NOT NULL"),
        postgresql_where=text("joined_to IS NOT NULL"),
    ),
    Index(
        "ix_task_joined_of",
        "broadcast_id",
        sqlite_where=text("joined_to IS NOT NULL"),
        postgresql_where=text("joined_to IS NOT NULL"),
    ),
    Index(
        "ix_task_ready",
        "broadcast_id",
        "kind",
        "priority",
        "due_at",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index("ix_task_state", "state"),
    Index(
        "ix_task_help_request_id",
        "help_request_id",
        sqlite_where=text("help_request_id IS NOT NULL"),
        postgresql_where=text("help_request_id IS NOT NULL"),
    ),
)
task_respondent = Table(
    "task_respondent",
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("respondent_id", ForeignKey("respondent.id"), primary_key=True, index=True),
)
task_grid = Table(
    "task_grid",  # what a message is about that serves no callout
    metadata,
    Column("task_id", ForeignKey("task.id"), primary_key=True),
    Column("grid_id", ForeignKey("grid.id"), primary_key=True),
)
attempt = Table(
    "attempt",
    metadata,
    id_column(),
    ref("task_id", "task", index=False),
    must("n", Integer),
    must("channel", String(64)),
    must("token", String(64), unique=True),
    must("state", String(16), index=True),
    must("rank", Integer),
    must("requested_at", UtcTime),
    must("requested_real", UtcTime),
    Column("provider_ref", String(128), index=True),
    Column("code", String(32)),
    Column("reason", String(32)),
    Column("key", String(8)),
    Column("settled_at", UtcTime),
    Column("asked_at", UtcTime),
    UniqueConstraint("task_id", "n"),
)
receipt = Table(
    "receipt",
    metadata,
    id_column(),
    ref("attempt_id", "attempt", nullable=True),  # null: its token belongs to no attempt of ours
    must("channel", String(64)),
    must("what", String(16)),
    must("raw", LargeBinary),  # sealed
    must("word", String(64)),  # the provider's own word
    must("rank", Integer),
    must("received_at", UtcTime),
    Column("token", String(64)),  # what names its attempt: our token, or the provider's id
    Column("provider_ref", String(128)),
    Column("state", String(16)),  # what the word means (channels.events.State)
    Column("code", String(32)),
    Column("reason", String(32)),
    Column("effect", String(32)),  # what it changed; null: kept, not applied yet
    Index(
        "ix_receipt_kept",
        "id",
        sqlite_where=text("effect IS NULL"),
        postgresql_where=text("effect IS NULL"),
    ),
    Index(
        "ix_receipt_unmatched",
        "provider_ref",
        sqlite_where=text("effect = 'unmatched'"),
        postgresql_where=text("effect = 'unmatched'"),
    ),
    Index(
        "ix_receipt_unreadable",
        "id",
        sqlite_where=text("effect = 'unreadable'"),
        postgresql_where=text("effect = 'unreadable'"),
    ),
)
acknowledgement = Table(
    "acknowledgement",
    metadata,
    id_column(),
    ref("respondent_id", "respondent", nullable=True),  # null: the task served no callout
    ref("broadcast_id", "broadcast"),
    ref("task_id", "task", nullable=True),
    ref("attempt_id", "attempt", nullable=True),
    must("via", String(8)),  # key, sms, link, spoken
    must("value", String(16)),  # 1 understood, 2 needs help
    must("at", UtcTime),
    Column("by_user", String(128)),  # spoken answers: the officer who wrote it down
    Column("note", Text),
)
relay = Table(
    "relay",  # append-only: of each grid the newest row holds
    metadata,
    id_column(),
    ref("broadcast_id", "broadcast"),
    ref("respondent_id", "respondent"),
    must("households_told", Integer),
    must("households_not_told", Integer),
    Column("growers_told", Integer),
    must("at", UtcTime),
    must("via", String(8)),  # link, spoken
    Column("by_user", String(128)),  # spoken: the officer who wrote it down
)
link = Table(
    "link",
    metadata,
    id_column(),
    Column("task_id", ForeignKey("task.id"), nullable=False, unique=True),
    must("token_hash", String(64), unique=True),  # keyed: the database alone opens no link
    must("expires_at", UtcTime),
)
link_guess = Table(
    "link_guess",  # addresses that were opened and belong to no link
    metadata,
    Column("day", String(10), primary_key=True),  # real, UTC
    must("wrong", Integer),
    must("refused", Integer),  # not even looked at: too many from the same address
)

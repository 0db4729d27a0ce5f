"""Every table. A column has the name of the field of the value it keeps (see tests/store)."""

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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from alertcast.store.db import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _ref(name: str, to: str, *, nullable: bool = False, index: bool = True) -> Column[int]:
    return Column(name, ForeignKey(f"{to}.id"), nullable=nullable, index=index)


def _must(name: str, kind: object, **options: object) -> Column[object]:
    return Column(name, kind, nullable=False, **options)  # type: ignore[arg-type]


# What was published -------------------------------------------------------------------------------

episode = Table(
    "episode",
    metadata,
    _id(),
    _must("family", String(64), index=True),  # hazard family of config/hazards.toml
    _must("started_at", UtcTime),
    Column("ended_at", UtcTime),
)
alert = Table(
    "alert",
    metadata,
    _id(),
    _must("key", String(512), unique=True),
    _must("identifier", String(512), index=True),
    _must("sender", String(512)),
    _must("sent", UtcTime),
    _must("status", String(16)),
    _must("msg_type", String(16)),
    _must("scope", String(16)),
    Column("source", Text),
    Column("restriction", Text),
    _must("addresses", JSON),
    _must("codes", JSON),
    Column("note", Text),
    _must("references", JSON),
    _must("incidents", JSON),
    # what we make of it
    _must("received_at", UtcTime),
    _must("standing", String(16), index=True),  # in_force, superseded, ended, expired
    Column("expires", UtcTime),  # when the last of its infos runs out, or the assumed end
    _ref("episode_id", "episode", nullable=True),
    Column("decided_at", UtcTime),  # null: fanout has not looked at it yet
    Column("decision", String(32)),  # broadcast, all_clear, not_actual, no_grid, held, ...
    Column("why", Text),  # one sentence: why it was, or was not, sent
    _must("body", String(8), server_default="cap"),  # core.witness.Body: whose words these are
    _must("is_trusted", Boolean, server_default=true()),  # some source's signature rule lets it act
)
info = Table(
    "info",
    metadata,
    _id(),
    _ref("alert_id", "alert"),
    _must("ord", Integer),
    _must("language", String(64)),
    _must("category", JSON),
    _must("event", Text),
    _must("urgency", String(16)),
    _must("severity", String(16)),
    _must("certainty", String(16)),
    Column("hazard", String(64)),
    Column("level", String(16)),
    _must("response_types", JSON),
    Column("audience", Text),
    _must("event_codes", JSON),
    Column("effective", UtcTime),
    Column("onset", UtcTime),
    Column("expires", UtcTime),
    Column("sender_name", Text),
    Column("headline", Text),
    Column("description", Text),
    Column("instruction", Text),
    Column("web", Text),
    Column("contact", Text),
    _must("parameters", JSON),
    UniqueConstraint("alert_id", "ord"),
)
area = Table(
    "area",
    metadata,
    _id(),
    _ref("info_id", "info"),
    _must("ord", Integer),
    _must("desc", Text),
    Column("level", String(16)),
    _must("polygons", JSON),
    _must("circles", JSON),
    _must("geocodes", JSON),
    Column("altitude", Float),
    Column("ceiling", Float),
    Column("sentence", Text),
    UniqueConstraint("info_id", "ord"),
)
alert_event = Table(
    "alert_event",  # the events that an alert is about, where it names them (VTEC)
    metadata,
    Column("alert_id", ForeignKey("alert.id"), primary_key=True),
    Column("event", String(64), primary_key=True, index=True),  # core.vtec.Event.key
    _must("zones", JSON),  # UGC that the alert names
)
reach = Table(
    "reach",  # which grids an alert touches, and the level that it says holds there
    metadata,
    Column("alert_id", ForeignKey("alert.id"), primary_key=True),
    Column("grid_code", String(32), primary_key=True),
    Column("level", String(16)),
    Column("ended_by", BigInteger),  # an alert that ended it here while it holds elsewhere
)
witness = Table(
    "witness",
    metadata,
    _id(),
    _ref("alert_id", "alert"),
    _must("source", String(64)),
    _must("sha256", String(64)),
    _must("raw", LargeBinary),  # sealed: a body may name a forecaster
    _must("content_type", String(128)),
    _must("received_at", UtcTime),
    _must("signature", String(16), server_default="unsigned"),  # core.signature.Verdict
    _must("signer", Text, server_default=""),  # whose certificate it is, or what is wrong
    UniqueConstraint("alert_id", "source", "sha256"),
)
dissent = Table(
    "dissent",  # a witness contradicts what is kept of an alert
    metadata,
    _id(),
    _ref("alert_id", "alert"),
    _must("source", String(64)),
    _must("what", String(16)),  # core.witness.Difference.what
    _must("kept", Text),
    _must("said", Text),
    _must("seen_at", UtcTime),
    Column("noted_at", UtcTime),  # an officer has looked at it
    Column("noted_by", String(128)),
    UniqueConstraint("alert_id", "source", "what"),
)
sighting = Table(
    "sighting",  # whether a source that lists what is in force still lists an alert
    metadata,
    Column("alert_id", ForeignKey("alert.id"), primary_key=True),
    Column("source", String(64), primary_key=True),
    _must("missed", Integer),  # good polls in a row that did not list it
    Column("since", UtcTime),  # when the first of them was made
)
quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    _must("source", String(64)),
    _must("location", Text),  # file or address it came from
    _must("sha256", String(64)),
    _must("raw", LargeBinary),  # sealed
    _must("content_type", String(128), server_default=""),
    _must("title", Text, server_default=""),  # what the publisher's index calls it
    _must("place", String(16), server_default=""),  # administrative code it was asked for
    _must("reasons", JSON),  # of the first reading: store.quarantine.ReasonFacts
    _must("received_at", UtcTime),
    Column("retried_at", UtcTime),
    Column("left", JSON(none_as_null=True)),  # reasons of the last retry; null: never read again
    Column("settled_at", UtcTime),  # when a retry left nothing
    UniqueConstraint("source", "sha256"),
)
source_state = Table(
    "source_state",
    metadata,
    Column("name", String(64), primary_key=True),
    _must("memory", JSON),  # what the source wants to remember, e.g. its ETag
    _must("outcome", String(16)),  # sources.base.Outcome
    _must("detail", Text),
    _must("polled_at", UtcTime),
    Column("ok_at", UtcTime),
    _must("failures", Integer),  # in a row
    _must("busy", Integer, server_default="0"),  # answers in a row that asked for patience
    Column("rests_until", UtcTime),  # real time until which it is left alone
)
source_lease = Table(
    "source_lease",  # of several schedulers one polls a source at a time
    metadata,
    Column("name", String(64), primary_key=True),
    _must("token", String(32)),
    _must("until", UtcTime),  # real time before which nobody else polls it
)

# Who answers for which place ----------------------------------------------------------------------

layer = Table(
    "layer",
    metadata,
    _id(),
    _must("name", String(64)),
    _must("version", Integer),
    _must("sha256", String(64)),
    _must("imported_at", UtcTime),
    _must("is_active", Boolean, index=True),
    _must("is_approximate", Boolean),
    _must("attribution", Text),
    UniqueConstraint("name", "version"),
)
code_scheme = Table(
    "code_scheme",  # a scheme of geocodes whose places were imported
    metadata,
    _id(),
    _must("key", String(64), unique=True),  # its name in comparable form
    _must("scheme", String(64)),
    _must("sha256", String(64)),
    _must("attribution", Text),
    _must("imported_at", UtcTime),
)
code_place = Table(
    "code_place",
    metadata,
    _id(),
    _ref("scheme_id", "code_scheme", index=False),
    _must("code", String(64)),  # case-folded
    _must("name", Text),
    _must("geometry", LargeBinary),  # WKB, WGS 84 (lon, lat)
    UniqueConstraint("scheme_id", "code"),
)
grid = Table(
    "grid",
    metadata,
    _id(),
    _ref("layer_id", "layer"),
    _must("code", String(32)),
    _must("name", Text),
    _must("kind", String(16)),
    _must("town_code", String(32)),
    _must("town", Text),
    _must("county_code", String(16)),
    _must("county", Text),
    Column("parent_code", String(32)),
    Column("property_management", Boolean),
    _must("approximate", Boolean),
    _must("aliases", JSON),
    _must("town_aliases", JSON, server_default="[]"),
    _must("county_aliases", JSON, server_default="[]"),
    Column("geometry", LargeBinary),  # WKB, WGS 84 (lon, lat); null: inherits its town
    UniqueConstraint("layer_id", "code"),
)
roster = Table(
    "roster",
    metadata,
    _id(),
    _must("name", String(64)),
    _must("version", Integer),
    _must("sha256", String(64)),
    _must("imported_at", UtcTime),
    _must("is_active", Boolean, index=True),
    Column("layer_id", ForeignKey("layer.id"), index=True),  # in use when it was imported
    UniqueConstraint("name", "version"),
)
person = Table(
    "person",
    metadata,
    _id(),
    _ref("roster_id", "roster"),
    _must("code", String(64)),
    _must("name", LargeBinary),  # sealed
    _must("phone", LargeBinary),  # sealed, E.164
    _must("phone_index", String(32), index=True),  # keyed blind index
    _must("language", String(16)),
    _must("drills", Boolean),  # enrolled for drills
    Column("other_of", BigInteger, index=True),  # a person, of whom this row is the other number
    UniqueConstraint("roster_id", "code"),
)
post = Table(
    "post",
    metadata,
    _id(),
    _ref("roster_id", "roster", index=False),
    _ref("person_id", "person"),
    _must("role", String(64)),
    _must("place", String(32)),
    Column("team", Text),
    Column("written", String(32)),  # the place's code at import, where a layer in use calls it anew
    Index("ix_post_roster_place", "roster_id", "place"),
    UniqueConstraint("person_id", "role", "place"),
)
roster_check = Table(
    "roster_check",  # what a roster lacked when it was looked at
    metadata,
    _id(),
    _ref("roster_id", "roster", index=False),
    _ref("layer_id", "layer", index=False),
    _must("at", UtcTime),
    _must("counts", JSON),  # core.roster_gaps.Gap -> how many
)
station = Table(
    "station",
    metadata,
    _id(),
    _ref("roster_id", "roster"),
    _must("code", String(64)),
    _must("name", Text),
    _must("grid_code", String(32), index=True),
    Column("written", String(32)),  # the grid's code at import, as of a post
    _must("keeper", LargeBinary),  # sealed
    _must("phone", LargeBinary),  # sealed, E.164
    _must("hours", Text),
    _must("shelter", Boolean),
    Column("lon", Float),
    Column("lat", Float),
    Column("open_until", UtcTime),  # confirmed open; only then may it enter a text
    UniqueConstraint("roster_id", "code"),
)

# What is to be told, and what was -----------------------------------------------------------------

broadcast = Table(
    "broadcast",
    metadata,
    _id(),
    _must("key", String(512), unique=True),
    _must("purpose", String(16)),
    _must("mode", String(8)),
    _must("state", String(16), index=True),
    _ref("episode_id", "episode", nullable=True),
    _ref("layer_id", "layer", nullable=True),
    _ref("roster_id", "roster", nullable=True),
    Column("hazard", String(64)),
    _must("title", Text),
    _must("slots", JSON),
    _must("policies", JSON),
    _must("wording", JSON),
    _must("wording_versions", JSON, server_default="{}"),
    _must("scripts", JSON, server_default="{}"),  # for loudspeakers and group chats
    _must("created_at", UtcTime),
    _must("created_by", String(128)),
    _must("starts_at", UtcTime),
    Column("expires_at", UtcTime),
    Column("ended_at", UtcTime),
    _ref("corrects_id", "broadcast", nullable=True),
)
alone = Table(
    "alone",  # an officer let a broadcast begin that a second person was to approve
    metadata,
    Column("broadcast_id", ForeignKey("broadcast.id"), primary_key=True),
    _must("user", String(128)),
    _must("why", Text),
    _must("at", UtcTime),
    Column("seen_by", String(128)),  # the second person, afterwards
    Column("seen_at", UtcTime),
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
    _must("was_told", Boolean),
)
callout = Table(
    "callout",
    metadata,
    _id(),
    _ref("broadcast_id", "broadcast", index=False),
    _ref("episode_id", "episode", nullable=True),
    _must("mode", String(8)),
    _ref("grid_id", "grid"),
    _must("grid_code", String(32)),
    Column("level", String(16)),
    _must("policy", String(64)),
    _must("state", String(16)),
    _must("rung", Integer),
    _must("repeat", Integer, server_default="0"),  # how many times that rung was told again
    _must("step", Integer),
    Column("next_step_at", UtcTime),
    _must("opened_at", UtcTime),
    Column("ended_at", UtcTime),
    _must("matched_by", String(32)),
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
    _id(),
    _ref("callout_id", "callout", index=False),
    _ref("person_id", "person", index=False),
    _must("role", String(64)),
    _must("place", String(32)),
    _must("rungs", Integer),
    _must("counts", Boolean),
    Column("ahead", Integer),  # step of the callout of which it was told before that was taken
    UniqueConstraint("callout_id", "person_id"),
    Index("ix_respondent_person", "person_id", "callout_id"),
)
help_request = Table(
    "help_request",
    metadata,
    _id(),
    _ref("broadcast_id", "broadcast"),
    _ref("person_id", "person"),
    _must("role", String(64)),  # in which the person answers
    _must("places", JSON),  # names of the grids the person answers for
    _must("area", String(32)),  # code of the first of them, for who may close it
    _must("opened_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("closed_by", String(128)),
    Column("done", Text),  # what an officer wrote was done
)
task = Table(
    "task",
    metadata,
    _id(),
    _ref("broadcast_id", "broadcast", index=False),
    _ref("person_id", "person"),
    _must("phone_index", String(32), index=True),
    _must("kind", String(8)),
    _must("wave", Integer),
    _must("state", String(16)),
    _must("purpose", String(16)),
    Column("level", String(16)),
    _must("priority", Integer),
    _must("due_at", UtcTime),
    Column("expires_at", UtcTime),
    _must("calls", Integer),
    _must("every", Float),
    _must("tries", Integer),
    Column("text", LargeBinary),  # sealed
    Column("slots", LargeBinary),  # sealed; the values that filled the text, as JSON
    _must("template", String(64)),
    _must("language", String(16)),
    Column("reason", String(32)),
    Column("lease_token", String(32)),
    Column("lease_until", UtcTime),
    _ref("help_request_id", "help_request", nullable=True),
    _must("created_at", UtcTime),
    Column("joined_to", BigInteger),  # a task; no foreign key: the leading one may be the younger
    UniqueConstraint("broadcast_id", "phone_index", "kind", "wave"),
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
    _id(),
    _ref("task_id", "task", index=False),
    _must("n", Integer),
    _must("channel", String(64)),
    _must("token", String(64), unique=True),
    _must("state", String(16), index=True),
    _must("rank", Integer),
    _must("requested_at", UtcTime),
    _must("requested_real", UtcTime),
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
    _id(),
    _ref("attempt_id", "attempt", nullable=True),  # null: its token belongs to no attempt of ours
    _must("channel", String(64)),
    _must("what", String(16)),
    _must("raw", LargeBinary),  # sealed
    _must("word", String(64)),  # the provider's own word
    _must("rank", Integer),
    _must("received_at", UtcTime),
    Column("token", String(64)),  # what names its attempt: our token, or the provider's id
    Column("provider_ref", String(128)),
    Column("state", String(16)),  # what the word means (channels.base.State)
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
)
acknowledgement = Table(
    "acknowledgement",
    metadata,
    _id(),
    _ref("respondent_id", "respondent", nullable=True),  # null: the task served no callout
    _ref("broadcast_id", "broadcast"),
    _ref("task_id", "task", nullable=True),
    _ref("attempt_id", "attempt", nullable=True),
    _must("via", String(8)),  # key, sms, link, spoken
    _must("value", String(16)),  # 1 understood, 2 needs help
    _must("at", UtcTime),
    Column("by_user", String(128)),  # spoken answers: the officer who wrote it down
    Column("note", Text),
)
relay = Table(
    "relay",  # append-only: of each grid the newest row holds
    metadata,
    _id(),
    _ref("broadcast_id", "broadcast"),
    _ref("respondent_id", "respondent"),
    _must("households_told", Integer),
    _must("households_not_told", Integer),
    Column("growers_told", Integer),
    _must("at", UtcTime),
    _must("via", String(8)),  # link, spoken
    Column("by_user", String(128)),  # spoken: the officer who wrote it down
)
link = Table(
    "link",
    metadata,
    _id(),
    Column("task_id", ForeignKey("task.id"), nullable=False, unique=True),
    _must("token_hash", String(64), unique=True),  # keyed: the database alone opens no link
    _must("expires_at", UtcTime),
)
link_guess = Table(
    "link_guess",  # addresses that were opened and belong to no link
    metadata,
    Column("day", String(10), primary_key=True),  # real, UTC
    _must("wrong", Integer),
    _must("refused", Integer),  # not even looked at: too many from the same address
)

# How it runs --------------------------------------------------------------------------------------

channel_state = Table(
    "channel_state",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("next_at", UtcTime),  # real time; when its next request may leave
    _must("pace", Float),  # 0..1, the share of its rate that it kept at `pace_at`
    Column("pace_at", UtcTime),  # real time
    _must("failures", Integer),  # in a row, without anything accepted between
    Column("paused_until", UtcTime),  # real time; throttled, or its breaker is open
    Column("broke_at", UtcTime),  # real time; since when its breaker is open
    Column("slow_at", UtcTime),  # real time; since when its receipts stay away
    Column("slow_until", UtcTime),  # real time; until then it carries only what no other can
    Column("stopped", Text),  # why the whole channel is unusable; an officer clears it
    _must("forged", Integer),  # callbacks refused with 403
)
call_list = Table(
    "call_list",  # offline call lists that lie sealed in the folder of each machine
    metadata,
    Column("broadcast_id", ForeignKey("broadcast.id"), primary_key=True),
    Column("county_code", String(16), primary_key=True),
    Column("host", String(64), primary_key=True),
    _must("county", Text),
    _must("tried_at", UtcTime),  # real time
    Column("written_at", UtcTime),  # real time
    Column("error", String(64)),  # why it could not be written the last time
)
pulse = Table(
    "pulse",  # when a process last did what it does again and again
    metadata,
    Column("process", String(64), primary_key=True),
    Column("what", String(128), primary_key=True),  # see core/watch.py
    _must("at", UtcTime),  # real time
)
data_key = Table(
    "data_key",  # a row for each time that the key of personal data was replaced
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),  # the highest is in force
    _must("fingerprint", String(16)),
    _must("since", UtcTime),
    Column("whole_at", UtcTime),  # when nothing was left that the key before it had sealed
)
pull_cursor = Table(
    "pull_cursor",
    metadata,
    Column("name", String(64), primary_key=True),  # of a channel whose receipts are fetched
    _must("cursor", Text),  # where the next page begins, in the provider's words
)
heard = Table(
    "heard",  # texts of people: what a provider delivers twice is taken once
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("provider_ref", String(128), primary_key=True),  # the provider's id of the text
    _must("at", UtcTime),  # product time
)
user = Table(
    "user",
    metadata,
    _id(),
    _must("name", String(128), unique=True),
    _must("password", Text),  # scrypt hash, never the password
    _must("role", String(16)),
    _must("area", String(32)),
    _must("is_disabled", Boolean),
    _must("created_at", UtcTime),
)
api_token = Table(
    "api_token",  # what other systems show instead of a log-in
    metadata,
    _id(),
    _must("name", String(64), unique=True),
    _must("digest", String(64), unique=True),  # SHA-256 of the token, never the token
    _must("hint", String(32)),  # its first characters
    _must("role", String(16)),
    _must("area", String(32)),
    _must("created_at", UtcTime),  # real time, as all of these
    _must("created_by", String(128)),
    _must("expires_at", UtcTime),
    Column("used_at", UtcTime),
    Column("revoked_at", UtcTime),
    Column("revoked_by", String(128)),
)
idempotency = Table(
    "idempotency",  # what was asked of the API under a key, and what was answered
    metadata,
    Column("token_id", ForeignKey("api_token.id"), primary_key=True),
    Column("key", String(64), primary_key=True),
    _must("asked", String(64)),  # SHA-256 of the request
    _must("at", UtcTime, index=True),  # real time
    Column("answer", Text),  # null: nothing was answered that may be repeated
)
audit = Table(
    "audit",
    metadata,
    _id(),
    _must("at", UtcTime),
    _must("user", String(128)),
    _must("action", String(64)),
    _must("subject", String(128), index=True),
    _must("detail", JSON),  # ids and counts; no personal data
)
audit_link = Table(
    "audit_link",  # the chain that seals what was done (core/chain.py), in its order
    metadata,
    Column(
        "n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("audit_id", ForeignKey("audit.id"), nullable=False, unique=True),
    _must("hash", String(64)),  # SHA-256
)


def of_others(name: str) -> bool:
    """Say whether a table is not ours: the engine's own, which its revision makes and it knows."""
    return name.startswith("procrastinate_")

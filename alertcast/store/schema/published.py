"""What was published: alerts, their parts and witnesses, and how sources are."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from alertcast.store.db import UtcTime
from alertcast.store.schema.base import id_column, metadata, must, ref

episode = Table(
    "episode",
    metadata,
    id_column(),
    must("family", String(64), index=True),  # hazard family of config/hazards.toml
    must("started_at", UtcTime),
    Column("ended_at", UtcTime),
)
alert = Table(
    "alert",
    metadata,
    id_column(),
    must("key", String(512), unique=True),
    must("identifier", String(512), index=True),
    must("sender", String(512)),
    must("sent", UtcTime),
    must("status", String(16)),
    must("msg_type", String(16)),
    must("scope", String(16)),
    Column("source", Text),
    Column("restriction", Text),
    must("addresses", JSON),
    must("codes", JSON),
    Column("note", Text),
    must("references", JSON),
    must("incidents", JSON),
    # what we make of it
    must("received_at", UtcTime),
    must("standing", String(16), index=True),  # in_force, superseded, ended, expired
    Column("expires", UtcTime),  # when the last of its infos runs out, or the assumed end
    ref("episode_id", "episode", nullable=True),
    Column("decided_at", UtcTime),  # null: fanout has not looked at it yet
    Column("decision", String(32)),  # broadcast, all_clear, not_actual, no_grid, held, ...
    Column("why", Text),  # one sentence: why it was, or was not, sent
    must("body", String(8), server_default="cap"),  # core.witness.Body: whose words these are
    must("is_trusted", Boolean, server_default=true()),  # some source's signature rule lets it act
)
info = Table(
    "info",
    metadata,
    id_column(),
    ref("alert_id", "alert"),
    must("ord", Integer),
    must("language", String(64)),
    must("category", JSON),
    must("event", Text),
    must("urgency", String(16)),
    must("severity", String(16)),
    must("certainty", String(16)),
    Column("hazard", String(64)),
    Column("level", String(16)),
    must("response_types", JSON),
    Column("audience", Text),
    must("event_codes", JSON),
    Column("effective", UtcTime),
    Column("onset", UtcTime),
    Column("expires", UtcTime),
    Column("sender_name", Text),
    Column("headline", Text),
    Column("description", Text),
    Column("instruction", Text),
    Column("web", Text),
    Column("contact", Text),
    must("parameters", JSON),
    UniqueConstraint("alert_id", "ord"),
)
area = Table(
    "area",
    metadata,
    id_column(),
    ref("info_id", "info"),
    must("ord", Integer),
    must("desc", Text),
    Column("level", String(16)),
    must("polygons", JSON),
    must("circles", JSON),
    must("geocodes", JSON),
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
    must("zones", JSON),  # UGC that the alert names
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
    id_column(),
    ref("alert_id", "alert"),
    must("source", String(64)),
    must("sha256", String(64)),
    must("raw", LargeBinary),  # sealed: a body may name a forecaster
    must("content_type", String(128)),
    must("received_at", UtcTime),
    must("signature", String(16), server_default="unsigned"),  # core.signature.Verdict
    must("signer", Text, server_default=""),  # whose certificate it is, or what is wrong
    UniqueConstraint("alert_id", "source", "sha256"),
)
dissent = Table(
    "dissent",  # a witness contradicts what is kept of an alert
    metadata,
    id_column(),
    ref("alert_id", "alert"),
    must("source", String(64)),
    must("what", String(16)),  # core.witness.Difference.what
    must("kept", Text),
    must("said", Text),
    must("seen_at", UtcTime),
    Column("noted_at", UtcTime),  # an officer has looked at it
    Column("noted_by", String(128)),
    UniqueConstraint("alert_id", "source", "what"),
)
sighting = Table(
    "sighting",  # whether a source that lists what is in force still lists an alert
    metadata,
    Column("alert_id", ForeignKey("alert.id"), primary_key=True),
    Column("source", String(64), primary_key=True),
    must("missed", Integer),  # good polls in a row that did not list it
    Column("since", UtcTime),  # when the first of them was made
)
quarantine = Table(
    "quarantine",
    metadata,
    id_column(),
    must("source", String(64)),
    must("location", Text),  # file or address it came from
    must("sha256", String(64)),
    must("raw", LargeBinary),  # sealed
    must("content_type", String(128), server_default=""),
    must("title", Text, server_default=""),  # what the publisher's index calls it
    must("place", String(16), server_default=""),  # administrative code it was asked for
    must("reasons", JSON),  # of the first reading: store.quarantine.ReasonFacts
    must("received_at", UtcTime),
    Column("retried_at", UtcTime),
    Column("left", JSON(none_as_null=True)),  # reasons of the last retry; null: never read again
    Column("settled_at", UtcTime),  # when a retry left nothing
    UniqueConstraint("source", "sha256"),
)
source_state = Table(
    "source_state",
    metadata,
    Column("name", String(64), primary_key=True),
    must("memory", JSON),  # what the source wants to remember, e.g. its ETag
    must("outcome", String(16)),  # sources.base.Outcome
    must("detail", Text),
    must("polled_at", UtcTime),
    Column("ok_at", UtcTime),
    Column("behind_since", UtcTime),  # its first poll, of which a part is still to come
    Column("news_at", UtcTime),  # when it brought a document last; at first, when it answered first
    must("failures", Integer),  # in a row
    must("busy", Integer, server_default="0"),  # answers in a row that asked for patience
    Column("rests_until", UtcTime),  # real time until which it is left alone
)
source_lease = Table(
    "source_lease",  # of several schedulers one polls a source at a time
    metadata,
    Column("name", String(64), primary_key=True),
    must("token", String(32)),
    must("until", UtcTime),  # real time before which nobody else polls it
)

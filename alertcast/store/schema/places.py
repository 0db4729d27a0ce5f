"""Who answers for which place: grids, codes, people, posts, stations."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from alertcast.store.db import UtcTime
from alertcast.store.schema.base import id_column, metadata, must, ref

layer = Table(
    "layer",
    metadata,
    id_column(),
    must("name", String(64)),
    must("version", Integer),
    must("sha256", String(64)),
    must("imported_at", UtcTime),
    must("is_active", Boolean, index=True),
    must("is_approximate", Boolean),
    must("attribution", Text),
    UniqueConstraint("name", "version"),
)
code_scheme = Table(
    "code_scheme",  # a scheme of geocodes whose places were imported
    metadata,
    id_column(),
    must("key", String(64), unique=True),  # its name in comparable form
    must("scheme", String(64)),
    must("sha256", String(64)),
    must("attribution", Text),
    must("imported_at", UtcTime),
)
code_place = Table(
    "code_place",
    metadata,
    id_column(),
    ref("scheme_id", "code_scheme", index=False),
    must("code", String(64)),  # case-folded
    must("name", Text),
    must("geometry", LargeBinary),  # WKB, WGS 84 (lon, lat)
    UniqueConstraint("scheme_id", "code"),
)
grid = Table(
    "grid",
    metadata,
    id_column(),
    ref("layer_id", "layer"),
    must("code", String(32)),
    must("name", Text),
    must("kind", String(16)),
    must("town_code", String(32)),
    must("town", Text),
    must("county_code", String(16)),
    must("county", Text),
    Column("parent_code", String(32)),
    Column("property_management", Boolean),
    must("approximate", Boolean),
    must("aliases", JSON),
    must("town_aliases", JSON, server_default="[]"),
    must("county_aliases", JSON, server_default="[]"),
    Column("geometry", LargeBinary),  # WKB, WGS 84 (lon, lat); null: inherits its town
    UniqueConstraint("layer_id", "code"),
)
roster = Table(
    "roster",
    metadata,
    id_column(),
    must("name", String(64)),
    must("version", Integer),
    must("sha256", String(64)),
    must("imported_at", UtcTime),
    must("is_active", Boolean, index=True),
    Column("layer_id", ForeignKey("layer.id"), index=True),  # in use when it was imported
    UniqueConstraint("name", "version"),
)
person = Table(
    "person",
    metadata,
    id_column(),
    ref("roster_id", "roster"),
    must("code", String(64)),
    must("name", LargeBinary),  # sealed
    must("phone", LargeBinary),  # sealed, E.164
    must("phone_index", String(32), index=True),  # keyed blind index
    Column("begins", String(8)),  # what a mask shows of its beginning; null: look at the phone
    Column("begins_of", LargeBinary(8)),  # first bytes of the sealed phone of which that is said
    must("languages", String(64), server_default="zh-CN"),  # tags, the preferred first
    must("drills", Boolean),  # enrolled for drills
    must("specialities", JSON, server_default="[]"),
    must("prefers", String(8), server_default=""),  # voice, sms or neither
    Column("other_of", BigInteger, index=True),  # a person, of whom this row is the other number
    Column("keeper_of", String(64)),  # code of a station: its keeper, who stands in it alone
    UniqueConstraint("roster_id", "code"),
)
post = Table(
    "post",
    metadata,
    id_column(),
    ref("roster_id", "roster", index=False),
    ref("person_id", "person"),
    must("role", String(64)),
    must("place", String(32)),
    Column("team", Text),
    Column("valid_from", Date),  # local days, both included
    Column("valid_to", Date),
    Column("written", String(32)),  # the place's code at import, where a layer in use calls it anew
    Index("ix_post_roster_place", "roster_id", "place"),
    UniqueConstraint("person_id", "role", "place"),
)
roster_check = Table(
    "roster_check",  # what a roster lacked when it was looked at
    metadata,
    id_column(),
    ref("roster_id", "roster", index=False),
    ref("layer_id", "layer", index=False),
    must("at", UtcTime),
    must("counts", JSON),  # core.roster_gaps.Gap -> how many
)
shift = Table(
    "shift",  # who is on duty when; what has begun is never removed
    metadata,
    id_column(),
    must("area", String(16)),  # code of a county or a city
    must("seat", String(8)),  # core.shift.Seat
    must("person_code", String(64)),  # of whichever roster is in use
    must("starts_at", UtcTime),
    must("ends_at", UtcTime, index=True),
    UniqueConstraint("area", "seat", "person_code", "starts_at"),
)
station = Table(
    "station",
    metadata,
    id_column(),
    ref("roster_id", "roster"),
    must("code", String(64)),
    must("name", Text),
    must("grid_code", String(32), index=True),
    Column("written", String(32)),  # the grid's code at import, as of a post
    must("keeper", LargeBinary),  # sealed
    must("phone", LargeBinary),  # sealed, E.164
    must("hours", Text),
    must("shelter", Boolean),
    Column("lon", Float),
    Column("lat", Float),
    UniqueConstraint("roster_id", "code"),
)
station_night = Table(
    "station_night",  # append-only: what was said of a station, whatever roster it stands in then
    metadata,
    id_column(),
    must("code", String(64), index=True),
    must("name", Text),  # another name under the same code is another station
    must("said", String(8)),  # core.station.Said
    must("at", UtcTime),
    must("until", UtcTime, index=True),  # the end of the night it is about
    must("by", String(128)),  # a user, "phone:" and whose; asked: who let it be asked
    ref("broadcast_id", "broadcast", nullable=True),  # the question; null: an officer said so
    ref("person_id", "person", nullable=True),  # who was asked
)

"""A file sent to a page is looked at, shown, and applied once confirmed: exactly that file.

Looking and writing take long, so `upload_work` does them, in a process of its own; a page only says
what is to be done. Killed in between, nothing is lost: to say it again begins it again.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from alertcast.core.layer_changes import LayerRefusal
from alertcast.core.upload import LARGEST, MOST, Upload, UploadKind, UploadState
from alertcast.dispatch.world import World
from alertcast.grids.archive import check_size
from alertcast.grids.problem import UnreadableFile
from alertcast.store import audit, grids, people, turns, uploads
from alertcast.store.db import Tx

SUFFIXES: Mapping[UploadKind, tuple[str, ...]] = {
    UploadKind.ROSTER: (".csv", ".xlsx"),
    UploadKind.LAYER: (
        ".zip",
        ".geojson",
        ".json",
        ".gpkg",
        ".kml",
        ".kmz",
        ".parquet",
        ".geoparquet",
    ),
}
"""What a page takes; a Shapefile is several files, and comes in a ZIP."""


class CanNotTake(StrEnum):
    """Why a file is not taken at all."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OTHER_FORMAT = "other_format"
    UNPACKS_TOO_LARGE = "unpacks_too_large"  # or it is no archive at all
    TOO_MANY = "too_many"  # files wait, or another one is being looked at
    NO_LAYER = "no_layer"  # whose places a roster could name
    NO_NAME = "no_name"


class Confirmed(StrEnum):
    """What became of a confirmation."""

    BEGUN = "begun"  # or it had been before
    GONE = "gone"  # it was thrown away, or is too old
    NOT_YET = "not_yet"  # it is being looked at
    CHANGED = "changed"  # another roster or layer is in use now: it is being looked at anew
    REFUSED = "refused"  # its errors, or what it removes, were not said to be meant


def take(
    world: World,
    kind: UploadKind,
    file: str,
    name: str,
    raw: bytes,
    *,
    options: Mapping[str, Any],
    by: str,
    now: datetime,
) -> int | CanNotTake:
    """Keep a file, to be looked at; return its id."""
    why = _why_not(kind, file, name, raw)
    if why is not None:
        return why
    sha256 = hashlib.sha256(raw).hexdigest()
    with world.db.write() as tx:
        turns.take(tx, "upload")
        real_now = world.db.real_now(tx)
        uploads.clear(tx, real_now)
        if kind is UploadKind.ROSTER and grids.active_layer(tx) is None:
            return CanNotTake.NO_LAYER
        there = uploads.listed(tx)
        waiting = [one for one in there if one.state is not UploadState.APPLIED]
        if len(waiting) >= MOST or any(_is_busy(one, real_now) for one in there):
            return CanNotTake.TOO_MANY
        vault = world.db.vault
        upload_id = uploads.add(
            tx,
            vault,
            kind,
            file,
            name,
            raw,
            options=options,
            sha256=sha256,
            by=by,
            real_now=real_now,
        )
        audit.record(tx, by, "upload", f"upload:{upload_id}", now, kind=kind.value, sha256=sha256)
    return upload_id


def look_again(world: World, upload_id: int, options: Mapping[str, Any]) -> bool:
    """Let a file be looked at again, perhaps read in another way; False if it is gone, or busy."""
    with world.db.write() as tx:
        one = uploads.get(tx, upload_id, lock=True)
        real_now = world.db.real_now(tx)
        if one is None or one.state is UploadState.APPLIED or _is_busy(one, real_now):
            return False
        uploads.change(
            tx,
            upload_id,
            state=UploadState.CHECKING,
            progress=0,
            worked_at=real_now,
            seen="",
            options=dict(options),
        )
    return True


def confirm(
    world: World, upload_id: int, *, seen: str, skip_bad: bool, allow_removals: bool, by: str
) -> Confirmed:
    """Let a file be applied as it was seen; twice applies it once."""
    with world.db.write() as tx:
        one = uploads.get(tx, upload_id, lock=True)
        real_now = world.db.real_now(tx)
        if one is None:
            return Confirmed.GONE
        if one.state is UploadState.APPLIED or _is_busy(one, real_now):
            is_begun = one.state is not UploadState.CHECKING
            return Confirmed.BEGUN if is_begun else Confirmed.NOT_YET
        is_told = one.state in (UploadState.CHECKED, UploadState.APPLYING)
        found = uploads.report(tx, world.db.vault, upload_id)
        if not is_told or one.seen != seen or _differs(tx, one.kind, found):
            uploads.change(
                tx, upload_id, state=UploadState.CHECKING, progress=0, worked_at=real_now
            )
            return Confirmed.CHANGED
        meant = {"skip_bad": skip_bad, "allow_removals": allow_removals}
        if _refuses(world, one.kind, found, **meant):
            return Confirmed.REFUSED
        uploads.change(
            tx,
            upload_id,
            state=UploadState.APPLYING,
            progress=0,
            worked_at=real_now,
            confirmed={**meant, "by": by},
        )
    return Confirmed.BEGUN


def throw_away(world: World, upload_id: int, by: str, now: datetime) -> None:
    """Throw a file away that is not applied; twice does nothing more."""
    with world.db.write() as tx:
        one = uploads.get(tx, upload_id, lock=True)
        if one is not None and one.state is not UploadState.APPLIED:
            uploads.remove(tx, upload_id)
            audit.record(tx, by, "discard", f"upload:{upload_id}", now)


def clear(world: World) -> None:
    """Throw away what is too old."""
    with world.db.read() as tx:
        if not uploads.has_any(tx):
            return
    with world.db.write() as tx:
        uploads.clear(tx, world.db.real_now(tx))


def _why_not(kind: UploadKind, file: str, name: str, raw: bytes) -> CanNotTake | None:
    if not raw:
        return CanNotTake.EMPTY
    if len(raw) > LARGEST:
        return CanNotTake.TOO_LARGE
    if not name:
        return CanNotTake.NO_NAME
    if Path(file).suffix.casefold() not in SUFFIXES[kind]:
        return CanNotTake.OTHER_FORMAT
    try:
        check_size(raw)
    except UnreadableFile:
        return CanNotTake.UNPACKS_TOO_LARGE
    return None


def _is_busy(one: Upload, real_now: datetime) -> bool:
    is_working = one.state in (UploadState.CHECKING, UploadState.APPLYING)
    return is_working and not one.is_silent(real_now)


def _refuses(
    world: World,
    kind: UploadKind,
    found: Mapping[str, Any],
    *,
    skip_bad: bool,
    allow_removals: bool,
) -> bool:
    """Say whether what was found may not be applied as it was confirmed."""
    if kind is UploadKind.LAYER:
        why = found["refusal"]
        return why is not None and not (why == LayerRefusal.REMOVALS and allow_removals)
    return bool(
        found["is_empty"]
        or (found["has_errors"] and not skip_bad)
        or (removes_many(world, found) and not allow_removals)
    )


def removes_many(world: World, found: Mapping[str, Any]) -> bool:
    """Say whether a roster removes more people or posts than by mistake."""
    most = world.config.main.roster.most_removed
    people, posts = found["removed"], found["posts_removed"]
    return bool(people > most * found["before_people"] or posts > most * found["before_posts"])


def _differs(tx: Tx, kind: UploadKind, found: Mapping[str, Any]) -> bool:
    """Say whether another roster or layer is in use than what a file was compared with."""
    roster, layer = people.active_roster(tx), grids.active_layer(tx)
    is_other = (layer["id"] if layer else None) != found.get("layer_id")
    if kind is UploadKind.LAYER:
        return is_other
    return is_other or (roster["id"] if roster else None) != found.get("roster_id")

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

from alertcast.core.upload import LARGEST, MOST, Broken, Upload, UploadKind, UploadState
from alertcast.dispatch.upload_kinds import KINDS, CanNotTake
from alertcast.dispatch.world import World
from alertcast.grids.archive import check_size
from alertcast.grids.problem import UnreadableFile
from alertcast.store import audit, turns, uploads
from alertcast.store.db import Tx


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
        lacks = KINDS[kind].lacks(tx)
        if lacks is not None:
            return lacks
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
            name if KINDS[kind].is_named else "",
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
        if not is_told or one.seen != seen or _differs(world, tx, one.kind, found):
            uploads.change(
                tx, upload_id, state=UploadState.CHECKING, progress=0, worked_at=real_now
            )
            return Confirmed.CHANGED
        meant = {"skip_bad": skip_bad, "allow_removals": allow_removals}
        if KINDS[one.kind].refuses(world, found, **meant):
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


def fail(world: World, upload_id: int, why: Broken) -> None:
    """Write that nothing came of the work on a file; what is done or was told stays as it is."""
    with world.db.write() as tx:
        one = uploads.get(tx, upload_id, lock=True)
        if one is not None and one.state in (UploadState.CHECKING, UploadState.APPLYING):
            uploads.change(tx, upload_id, state=UploadState.FAILED, done={"why": why.value})


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
    if KINDS[kind].is_named and not name:
        return CanNotTake.NO_NAME
    if Path(file).suffix.casefold() not in KINDS[kind].suffixes:
        return CanNotTake.OTHER_FORMAT
    try:
        check_size(raw)
    except UnreadableFile:
        return CanNotTake.UNPACKS_TOO_LARGE
    return None


def _is_busy(one: Upload, real_now: datetime) -> bool:
    is_working = one.state in (UploadState.CHECKING, UploadState.APPLYING)
    return is_working and not one.is_silent(real_now)


def _differs(world: World, tx: Tx, kind: UploadKind, found: Mapping[str, Any]) -> bool:
    """Say whether something else is in use than what a file was compared with."""
    against = KINDS[kind].against(world, tx)
    return any(found.get(name) != value for name, value in against.items())

"""A file that was sent to a page is looked at, or applied, in a process of its own.

So that a large one, or one that was made to do harm, neither holds up nor brings down what sends
warnings. Whatever it comes to is written; a page shows it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread
from typing import Any

import structlog

from alertcast.core.upload import Broken, Upload, UploadKind, UploadState
from alertcast.dispatch import uploads as upload_step
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.dispatch.bring_stations import IMPORTED
from alertcast.dispatch.upload_layer import LayerReader
from alertcast.dispatch.upload_reader import Reader
from alertcast.dispatch.upload_roster import RosterReader
from alertcast.dispatch.upload_stations import StationsReader
from alertcast.dispatch.world import World
from alertcast.grids.table import Row
from alertcast.store import audit, grids, people, uploads
from alertcast.store.db import Tx

log = structlog.get_logger()

Clock = Callable[[], datetime]
"""Product time."""

READERS: Mapping[UploadKind, Reader[Any]] = {
    UploadKind.ROSTER: RosterReader(),
    UploadKind.STATIONS: StationsReader(),
    UploadKind.LAYER: LayerReader(),
}
"""How each kind of file is read; see `upload_kinds` for what is taken."""

_FOUND = (
    *("roster_id", "layer_id", "stations", "rules", "problems", "changes"),
    *("people", "posts", "added", "changed", "removed", "posts_added", "posts_removed"),
    *("n", "grids", "counts", "vanished"),
)
"""What of a report is confirmed with it."""

BEAT = 5.0
"""Real seconds between two signs of life of whoever works on a file."""


def work(world: World, upload_id: int, clock: Clock) -> None:
    """Do what is to be done about a file: look at it, or apply it; whatever happens, it is told."""
    why = _tried(world, upload_id, clock)
    if why is not None:
        log.error("nothing came of an upload", upload=upload_id, why=why.value)
        upload_step.fail(world, upload_id, why)


def _tried(world: World, upload_id: int, clock: Clock) -> Broken | None:
    """Do what is to be done; return why nothing came of it."""
    try:
        with _alive(world, upload_id):
            while _step(world, upload_id, clock):
                pass
    except MemoryError:  # what fills the memory goes once this is left: nothing else is done here
        return Broken.MEMORY
    except Exception as error:
        log.exception("upload failed", upload=upload_id, why=type(error).__name__)
        return Broken.ENDED
    return None


def _step(world: World, upload_id: int, clock: Clock) -> bool:
    """Do one thing; say whether there is more to do."""
    with world.db.read() as tx:
        one = uploads.get(tx, upload_id)
        raw = uploads.content(tx, world.db.vault, upload_id)
        before = uploads.report(tx, world.db.vault, upload_id)
    if one is None or raw is None:
        return False
    if one.state is UploadState.CHECKING:
        _look(world, one, raw, before, clock())
        return False
    if one.state is not UploadState.APPLYING:
        return False
    try:
        _apply(world, one, raw, clock())
        return False
    except ChangedMeanwhile:
        with world.db.write() as tx:
            uploads.change(tx, upload_id, state=UploadState.CHECKING, progress=0)
        return True


def _look(world: World, one: Upload, raw: bytes, before: Mapping[str, Any], now: datetime) -> None:
    reader = READERS[one.kind]
    found = reader.look(world, one, raw, _watched(world, one))
    report = reader.report(found) | reader.ahead(world, found, now)
    copy = reader.copy(raw, found)
    report["has_copy"] = copy is not None
    seen = _seen(one, report)
    with world.db.write() as tx:
        changed = _changed(tx, before, report)
        report |= {"meanwhile": changed} if changed else {}
        still = uploads.get(tx, one.id, lock=True)
        if still is not None and still.state is UploadState.CHECKING:
            uploads.tell(tx, world.db.vault, one.id, report, seen=seen, copy=copy)


def _apply(world: World, one: Upload, raw: bytes, now: datetime) -> None:
    by = str(one.confirmed.get("by", one.by))
    reader = READERS[one.kind]
    found = reader.look(world, one, raw, _watched(world, one))
    if _seen(one, reader.report(found)) != one.seen:
        raise ChangedMeanwhile
    with world.db.write() as tx:
        if _is_done(tx, one):
            return
        done = reader.write(world, tx, one, found, by=by, now=now)
        uploads.applied(tx, one.id, done)
    reader.after(world, done, now)


def _watched(world: World, one: Upload) -> Callable[[Sequence[Row]], Iterator[Row]]:
    """Return what hands on rows and writes how far it is: ten times, whatever their number."""

    def watched(rows: Sequence[Row]) -> Iterator[Row]:
        each = max(1, len(rows) // 10)
        for n, row in enumerate(rows):
            if n and n % each == 0:
                with world.db.write() as tx:
                    uploads.change(tx, one.id, progress=min(90, 100 * n // len(rows)))
            yield row

    return watched


@contextmanager
def _alive(world: World, upload_id: int) -> Iterator[None]:
    """Give signs of life until the block ends."""
    over = Event()

    def beat() -> None:
        while not over.wait(BEAT):
            with world.db.write() as tx:
                uploads.change(tx, upload_id, worked_at=world.db.real_now(tx))

    thread = Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _seen(one: Upload, report: Mapping[str, Any]) -> str:
    """Return what names a file, how it was read, what it was compared with, and what was found.

    The same file is read otherwise once another configuration holds.
    """
    found = {name: report[name] for name in _FOUND if name in report}
    said = [one.sha256, one.name, dict(one.options), found]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _is_done(tx: Tx, one: Upload) -> bool:
    """Lock a file; say whether another has applied it meanwhile, or it was thrown away."""
    still = uploads.get(tx, one.id, lock=True)
    return still is None or still.state is not UploadState.APPLYING


def _changed(tx: Tx, before: Mapping[str, Any], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was put in use since a file was looked at before, and by whom."""
    if not before:
        return []
    found = []
    for what, row in (("roster", people.active_roster(tx)), ("layer", grids.active_layer(tx))):
        key = f"{what}_id"
        if row is not None and report[key] is not None and before.get(key) != report[key]:
            said = {"what": what, "name": row["name"], "version": row["version"]}
            found.append(said | _last(tx, f"{what}:{row['id']}", "import"))
    if not found and before.get("stations") != report.get("stations"):
        found.append({"what": "stations"} | _last(tx, f"roster:{report['roster_id']}", IMPORTED))
    return found


def _last(tx: Tx, subject: str, action: str) -> dict[str, str]:
    """Return who last did an action to a subject, and when."""
    deeds = audit.listed(tx, 1, subject=subject, action=action)
    return {"at": deeds[0]["at"].isoformat(), "by": deeds[0]["user"]} if deeds else {}

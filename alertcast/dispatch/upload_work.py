"""A file that was sent to a page is looked at, or applied, in a process of its own.

So that a large one, or one that was made to do harm, neither holds up nor brings down what sends
warnings. Whatever it comes to is written; a page shows it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import structlog

from alertcast.core.roster_ahead import lacks, without_leader
from alertcast.core.upload import Upload, UploadKind, UploadState
from alertcast.dispatch import bring_layer, bring_roster, indexes, roster_check, upload_report
from alertcast.dispatch.bring_layer import Wish
from alertcast.dispatch.bring_roster import ChangedMeanwhile
from alertcast.dispatch.world import World
from alertcast.grids.annotate import annotated
from alertcast.grids.features import Asked
from alertcast.grids.parents import TownsFrom
from alertcast.grids.sheet import Content
from alertcast.grids.table import Row
from alertcast.store import audit, grids, people, roster_gaps, uploads
from alertcast.store.db import Tx

log = structlog.get_logger()

Clock = Callable[[], datetime]
"""Product time."""

_FOUND = (
    *("roster_id", "layer_id", "rules", "problems", "changes"),
    *("people", "posts", "added", "changed", "removed", "posts_added", "posts_removed"),
    *("grids", "counts", "vanished"),
)
"""What of a report is confirmed with it."""

BEAT = 5.0
"""Real seconds between two signs of life of whoever works on a file."""


def work(world: World, upload_id: int, clock: Clock) -> None:
    """Do what is to be done about a file: look at it, or apply it; whatever happens, it is told."""
    try:
        with _alive(world, upload_id):
            while _step(world, upload_id, clock):
                pass
    except Exception as error:
        log.exception("upload failed", upload=upload_id, why=type(error).__name__)
        with world.db.write() as tx:
            one = uploads.get(tx, upload_id, lock=True)
            if one is not None and one.state in (UploadState.CHECKING, UploadState.APPLYING):
                uploads.change(tx, upload_id, state=UploadState.FAILED)


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
    copy = None
    if one.kind is UploadKind.ROSTER:
        found = _roster(world, one, raw)
        report = upload_report.of_roster(found, **_gaps(world, found, now))
        if any(p.cell is not None for p in found.read.problems):
            copy = annotated(raw, found.read.problems, found.read.roster.headers)
            report["has_copy"] = True
    else:
        report = upload_report.of_layer(_layer(world, one, raw))
    seen = _seen(one, report)
    with world.db.write() as tx:
        changed = _changed(tx, one.kind, before, report)
        report |= {"meanwhile": changed} if changed else {}
        still = uploads.get(tx, one.id, lock=True)
        if still is not None and still.state is UploadState.CHECKING:
            uploads.tell(tx, world.db.vault, one.id, report, seen=seen, copy=copy)


def _apply(world: World, one: Upload, raw: bytes, now: datetime) -> None:
    by = str(one.confirmed.get("by", one.by))
    if one.kind is UploadKind.ROSTER:
        found = _roster(world, one, raw)
        _be_what_was_seen(one, upload_report.of_roster(found, {}, {}, ()))
        with world.db.write() as tx:
            if _is_done(tx, one):
                return
            new_id, version = bring_roster.write(world, tx, one.name, found, by=by, now=now)
            done = {"id": new_id, "version": version, "n": len(found.read.roster.people)}
            uploads.applied(tx, one.id, done)
        roster_check.check_due(world, now)
        return
    layer = _layer(world, one, raw)
    attribution = str(one.options.get("attribution", ""))
    if layer.refusal is not None:
        raise ChangedMeanwhile
    _be_what_was_seen(one, upload_report.of_layer(layer))
    with world.db.write() as tx:
        if _is_done(tx, one):
            return
        new_id, version, followed = bring_layer.write(
            tx, one.name, layer, attribution=attribution, by=by, now=now
        )
        lost = sum(followed.lost.values())
        done = {"id": new_id, "version": version, "n": len(layer.grids), "lost": lost}
        uploads.applied(tx, one.id, done)
    with world.db.read() as tx:
        indexes.make_ready(world.config, tx, new_id)


def _roster(world: World, one: Upload, raw: bytes) -> bring_roster.Found:
    file = Content(one.file, raw)
    return bring_roster.compared(
        world, bring_roster.read(world, file, watched=_watched(world, one))
    )


def _layer(world: World, one: Upload, raw: bytes) -> bring_layer.Found:
    """Read a layer, from a folder that goes away: its readers want a file."""
    with TemporaryDirectory(prefix="alertcast-") as folder:
        path = Path(folder) / f"layer{Path(one.file).suffix.casefold()}"
        path.write_bytes(raw)
        return bring_layer.look(world, path, wish(one))


def wish(one: Upload) -> Wish:
    """Return how a layer is to be read, as its form said."""
    options = one.options
    asked = Asked(*(options.get(name) or None for name in ("crs", "layer", "encoding")))
    return Wish(
        asked,
        towns=TownsFrom(options.get("towns") or TownsFrom.COLUMNS),
        skip_bad=bool(options.get("skip_bad")),
        allow_removals=bool(one.confirmed.get("allow_removals")),
        keep_codes=bool(options.get("keep_codes")),
        is_approximate=bool(options.get("approximate")),
    )


def _gaps(world: World, found: bring_roster.Found, now: datetime) -> dict[str, Any]:
    """Return what a roster would lack, what the one in use lacks, and which grids nobody leads."""
    posts, day = found.read.roster.posts, world.local(now).date()
    leads = [one.key for one in world.config.roles.values() if one.leads]
    with world.db.read() as tx:
        cells = [*grids.load(tx, found.read.layer_id, is_drawn=False).values()]
        scope = roster_check.scope(world, tx, now)
        before = {} if scope is None else roster_gaps.counts(tx, scope)
    return {
        "gaps": lacks(found.read.roster.people, posts, cells, leads=leads, day=day),
        "before": before,
        "unled": without_leader(posts, cells, leads=leads, day=day),
    }


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


def _be_what_was_seen(one: Upload, report: Mapping[str, Any]) -> None:
    """Raise ChangedMeanwhile unless what is found now is what was confirmed."""
    if _seen(one, report) != one.seen:
        raise ChangedMeanwhile


def _is_done(tx: Tx, one: Upload) -> bool:
    """Lock a file; say whether another has applied it meanwhile, or it was thrown away."""
    still = uploads.get(tx, one.id, lock=True)
    return still is None or still.state is not UploadState.APPLYING


def _changed(
    tx: Tx, kind: UploadKind, before: Mapping[str, Any], report: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return which roster and layer were put in use since a file was looked at before, by whom."""
    found = []
    for what, row in (("roster", people.active_roster(tx)), ("layer", grids.active_layer(tx))):
        key = f"{what}_id"
        if row is None or not before or before.get(key) == report[key] or report[key] is None:
            continue
        deeds = audit.listed(tx, 1, subject=f"{what}:{row['id']}")
        said = {"what": what, "name": row["name"], "version": row["version"]}
        said |= {"at": deeds[0]["at"].isoformat(), "by": deeds[0]["user"]} if deeds else {}
        found.append(said)
    return found

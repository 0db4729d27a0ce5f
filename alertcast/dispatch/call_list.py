"""The offline call list is kept up to date beside the database, for the day when all is dead.

It is no part of the way of a message: a job of its own writes it after the first messages are
planned, and a failure is a red item, never a delay. The facts are sealed; PDF and CSV are drawn
when somebody fetches them, and bear his name.
"""

import socket
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from alertcast.core.broadcast import Broadcast
from alertcast.core.call_list import Callee, CallList, ListError, as_csv, merged
from alertcast.core.phone import UNREADABLE
from alertcast.core.plan import rank
from alertcast.dispatch.call_list_pdf import as_pdf
from alertcast.dispatch.paper import FontError
from alertcast.dispatch.world import World
from alertcast.store import audit, broadcasts, call_lists, sealed_files
from alertcast.store.call_lists import Wanted
from alertcast.store.crypto import DataKeyError, Vault
from alertcast.store.db import Tx

log = structlog.get_logger()

ANSWERS_EVERY = timedelta(seconds=60)
"""Real time between two lists that differ only by who has answered."""

RETRY = timedelta(seconds=30)
"""Real time after which a list that could not be written is tried again."""

FORMATS = ("pdf", "csv")


class NoList(Exception):
    """There is no list to fetch, or it can not be read; the message says why."""


def write_due(world: World, now: datetime) -> int:
    """Write every list that is missing here or whose targets have changed; return how many.

    Twice writes nothing the second time. One that can not be written does not hold up the others.
    """
    folder = folder_of(world)
    with world.db.read() as tx:
        real_now = world.db.real_now(tx)
        known = {(one.broadcast_id, one.county_code): one for one in sealed_files.listed(folder)}
        failed = call_lists.failed(tx, _host(), real_now - RETRY)
        due = [
            one
            for one in call_lists.wanted(tx)
            if (key := (one.broadcast_id, one.county_code)) not in failed
            and _is_due(known.get(key), one, real_now)
        ]
    return sum(_write(world, folder, one, now) for one in due)


def clear(world: World, now: datetime) -> int:
    """Remove the lists of broadcasts that ended the configured days ago; return how many.

    What was fetched while the database was out of reach is taken into its record.
    """
    folder = folder_of(world)
    fetched = sealed_files.fetched(folder)
    with world.db.write() as tx:
        for facts in fetched:
            _record_fetched(tx, now, facts)
        days = timedelta(days=world.config.main.call_list.days)
        before = world.db.real_now(tx) - days
        old = [one for one in sealed_files.listed(folder) if one.written_at < before]
        kept = call_lists.kept(tx, {one.broadcast_id for one in old}, now - days)
        gone = [one for one in old if one.broadcast_id not in kept]
        for one in gone:
            one.path.unlink(missing_ok=True)
            call_lists.forget(tx, one.broadcast_id, _host())
    sealed_files.forget_fetched(folder)
    if gone:
        log.info("call lists removed", files=len(gone))
    return len(gone)


def folder_of(world: World) -> Path:
    """Return where the lists of this machine are."""
    return world.config.folder / world.config.main.call_list.folder


def fetch(
    folder: Path,
    vault: Vault,
    broadcast_id: int,
    county: str,
    form: str,
    user: str,
    at: datetime,
    font: Path | None = None,
) -> bytes:
    """Return the list of a county as PDF or CSV, with `user` on it; needs no database.

    `at`: real time. Raises NoList.
    """
    return _drawn(_sealed(folder, vault, broadcast_id, county), form, user, at, font)


def fetch_recorded(
    world: World, broadcast_id: int, county: str, form: str, user: str, now: datetime
) -> bytes:
    """Record who fetches the list of a county, and return it. Raises NoList.

    It is drawn when the record is on disk: that takes seconds for a whole county.
    """
    found = _sealed(folder_of(world), world.db.vault, broadcast_id, county)
    with world.db.write() as tx:
        real_now = world.db.real_now(tx)
        subject = f"broadcast:{broadcast_id}"
        audit.record(tx, user, "call_list", subject, now, county=county, form=form)
    font = font_of(world.config.folder, world.config.main.call_list.font)
    return _drawn(found, form, user, real_now, font)


def font_of(folder: Path, name: str | None) -> Path | None:
    """Return the configured font, seen from the folder of alertcast.toml."""
    return None if name is None else folder / name


def _sealed(folder: Path, vault: Vault, broadcast_id: int, county: str) -> CallList:
    try:
        text = sealed_files.read(folder, vault, broadcast_id, county)
        found = None if text is None else CallList.from_json(text)
    except (DataKeyError, ListError, OSError) as error:
        msg = f"broadcast {broadcast_id}, county {county}: {error}"
        raise NoList(msg) from None
    if found is None or (found.broadcast_id, found.county_code) != (broadcast_id, county):
        msg = f"broadcast {broadcast_id}, county {county}: there is no call list in {folder}"
        raise NoList(msg)
    return found


def _drawn(found: CallList, form: str, user: str, at: datetime, font: Path | None) -> bytes:
    if form == "csv":
        return as_csv(found, user, at).encode()
    try:
        return as_pdf(found, user, at, font)
    except FontError as error:
        log.error("font of the call list can not be used", why=str(error))
        return as_pdf(found, user, at)


def _record_fetched(tx: Tx, now: datetime, facts: Mapping[str, object]) -> None:
    """Record what was fetched without the database, and when that was (real time)."""
    who, subject = str(facts.get("user", "?"))[:128], f"broadcast:{facts.get('broadcast')}"
    detail = {key: facts.get(key) for key in ("county", "form", "at")}
    audit.record(tx, who, "call_list_offline", subject, now, **detail)


def _is_due(known: sealed_files.Sealed | None, one: Wanted, real_now: datetime) -> bool:
    if known is None or known.targets != one.targets:
        return True
    return known.answers != one.answers and known.written_at < real_now - ANSWERS_EVERY


def _write(world: World, folder: Path, one: Wanted, now: datetime) -> bool:
    error = None
    try:
        with world.db.read() as tx:
            broadcast = broadcasts.get(tx, one.broadcast_id)
            if broadcast is None:
                return False
            found = _made(world, tx, broadcast, one, now)
        sealed_files.write(
            folder,
            world.db.vault,
            found.to_json(),
            broadcast_id=one.broadcast_id,
            county_code=one.county_code,
            targets=one.targets,
            answers=one.answers,
        )
    except Exception as fault:  # a full disk, a name sealed with another key: red, and tried again
        log.exception("call list can not be written", broadcast=one.broadcast_id)
        error = type(fault).__name__
    with world.db.write() as tx:
        call_lists.note(tx, one, _host(), world.db.real_now(tx), error)
    return error is None


def _host() -> str:
    return socket.gethostname()[:64]


def _made(world: World, tx: Tx, broadcast: Broadcast, one: Wanted, now: datetime) -> CallList:
    office = world.config.main.office
    return CallList(
        office=office.name,
        check_number=office.check_number,
        timezone=office.timezone,
        broadcast_id=broadcast.id,
        title=broadcast.title,
        mode=broadcast.mode,
        county_code=one.county_code,
        county=one.county,
        made_at=now,
        words=tuple(_words(world, broadcast)),
        callees=merged(_callees(world, tx, one)),
    )


def _callees(world: World, tx: Tx, one: Wanted) -> Iterator[Callee]:
    open_ = partial(_open, world)
    if one.county_code == call_lists.EVERYWHERE:
        for row in call_lists.told_alone(tx, one.broadcast_id):
            name, phone = open_(row["name"]), open_(row["phone"])
            yield Callee(name, phone, (), (), "", 0, counts=False, answered=False)
        return
    levels, names = world.config.hazards.ordered, world.level_names()
    rows = sorted(call_lists.respondents(tx, one), key=lambda row: rank(row["level"], levels))
    for row in rows:
        role = world.config.roles.get(row["role"])
        yield Callee(
            name=open_(row["name"]),
            phone=open_(row["phone"]),
            roles=(role.zh if role else row["role"],),
            places=(f"{row['town']}{row['grid']}",),
            level=names.get(row["level"] or "", ""),
            rung=(row["rungs"] & -row["rungs"]).bit_length(),
            counts=row["counts"],
            answered=bool(row["answered"]),
        )


def _open(world: World, sealed: bytes) -> str:
    return world.db.vault.read(sealed) or UNREADABLE


def _words(world: World, broadcast: Broadcast) -> Iterator[str]:
    """Yield what is to be read out: each official headline unaltered, with issuer and time."""
    names = world.level_names()
    said: set[str] = set()
    for level, slots in broadcast.slots.get("zh", {}).items():
        if "headline" in slots:
            text = f"{slots['headline']}（{slots.get('issuer', '')}{slots.get('time', '')}发布）"
        else:
            text = slots.get("text", "")
        if text and text not in said:
            said.add(text)
            yield f"{names[level]}：{text}" if level in names else text

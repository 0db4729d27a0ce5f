"""One shift hands over to the next (交接班): what is open lists itself; it takes two."""

from datetime import datetime
from typing import TypedDict

from alertcast.dispatch.watch import first_page
from alertcast.dispatch.world import World
from alertcast.store import audit, shift_notes
from alertcast.store.again import begun_again
from alertcast.store.db import Tx

LONGEST = 2000
"""Characters of a note."""


class CanNotHandOver(Exception):  # it is what it says
    """A note or a hand-over can not be taken; the message says why, to an officer."""


class OpenItem(TypedDict):
    """One thing that the next shift has to know of."""

    what: str  # help, unreached, nobody, approval, running, held, manual
    broadcast_id: int | None
    alert_id: int | None
    title: str
    mode: str | None
    count: int  # grids; of manual: phones


def open_items(world: World, tx: Tx, now: datetime, area: str) -> list[OpenItem]:
    """Return everything that is open in an area, the most urgent first."""
    page = first_page(world, tx, now, area)
    found = [
        _item("help", one["broadcast_id"], "、".join(one["places"])) for one in page["help_open"]
    ]
    for what, those in (("unreached", page["unreached"]), ("nobody", page["without_people"])):
        found += [
            _item(what, one["broadcast_id"], one["title"], one["mode"], one["grids"])
            for one in those
        ]
    for what, rows in (("approval", page["approvals"]), ("running", page["running"])):
        found += [
            _item(what, one["id"], one["title"], one["mode"], one["grids"]["total"]) for one in rows
        ]
    for one in page["held"]:
        title = next((info["headline"] or info["event"] for info in one["infos"]), None)
        found.append(_item("held", None, title or one["identifier"], alert_id=one["alert_id"]))
    if page["manual"]:
        found.append(_item("manual", None, "", count=page["manual"]))
    return found


@begun_again
def write_note(world: World, area: str, text: str, user: str, now: datetime) -> int:
    """Add a note to the shift log; return its id. Raises CanNotHandOver for an empty one."""
    text = _fit(text)
    if not text:
        raise CanNotHandOver("请写内容")
    with world.db.write() as tx:
        note_id = shift_notes.write(tx, world.db.vault, area, user, text, now)
        _seal(world, tx, user, "write_note", f"note:{note_id}", text, now)
    return note_id


@begun_again
def hand_over(world: World, area: str, text: str, user: str, now: datetime) -> int:
    """Hand a shift over, with what is open at this moment; return the id of the hand-over."""
    text = _fit(text)
    with world.db.write() as tx:
        found = open_items(world, tx, now, area)
        new = shift_notes.hand_over(tx, world.db.vault, area, user, text, found, now)
        _seal(world, tx, user, "hand_over", f"handover:{new}", text, now, open=len(found))
    return new


@begun_again
def take_over(world: World, handover_id: int, user: str, now: datetime) -> bool:
    """Write down that somebody takes a shift over; False if somebody has already.

    Raises CanNotHandOver for whoever handed it over: it takes two.
    """
    with world.db.write() as tx:
        row = shift_notes.get(tx, handover_id)
        if row is not None and row["user"] == user:
            raise CanNotHandOver("须由接班人确认，不能自己交给自己")
        if not shift_notes.accept(tx, handover_id, user, now):
            return False
        audit.record(tx, user, "take_over", f"handover:{handover_id}", now)
    return True


def _seal(
    world: World,
    tx: Tx,
    user: str,
    action: str,
    subject: str,
    text: str,
    now: datetime,
    **more: object,
) -> None:
    """Record it with a mark of the text: whoever changes the text later can not make the mark."""
    mark = world.db.vault.mark(text.encode())
    audit.record(tx, user, action, subject, now, mark=mark, **more)


def _fit(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise CanNotHandOver(f"最多 {LONGEST} 字")
    return text


def _item(
    what: str,
    broadcast_id: int | None,
    title: str,
    mode: str | None = None,
    count: int = 0,
    *,
    alert_id: int | None = None,
) -> OpenItem:
    return OpenItem(
        what=what, broadcast_id=broadcast_id, alert_id=alert_id, title=title, mode=mode, count=count
    )

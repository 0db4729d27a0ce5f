"""The delivery report of a night: per broadcast who was told and who answered, and the count."""

from datetime import datetime
from typing import TypedDict

from alertcast.core.broadcast import Purpose
from alertcast.demo.count import Count, count
from alertcast.demo.stage import USER, Stage
from alertcast.store.report_faces import unmask
from alertcast.store.report_facts import DeliveryReport
from alertcast.store.reports import delivery_report, status


class UnreachedGrid(TypedDict):
    """A grid nobody answered for, and whom to look for there."""

    grid: str
    level: str | None
    people: list[str]  # role and name of those whose answer counts


class BroadcastReport(TypedDict):
    """One broadcast, in figures, and the names nobody reached."""

    id: int
    purpose: str
    title: str
    state: str
    started_at: datetime
    grids: dict[str, int]  # state -> how many; total
    people: dict[str, int]
    tasks: dict[str, dict[str, int]]  # kind -> state -> how many
    attempts: int
    acknowledged: int
    help_requests: int
    unreached: list[UnreachedGrid]


class NightReport(TypedDict):
    """The whole night."""

    broadcasts: list[BroadcastReport]
    messages: int  # SMS in the carrier's ledger
    calls: int  # calls in the carrier's ledger
    duplicates: int
    lost: int
    wrong: list[str]  # every invariant that does not hold, one line each
    seconds: float  # real time
    ok: bool


SCENES = 4
"""Messages of the observatory in one night, each of which makes one broadcast to its grids."""


def report(stage: Stage, seconds: float) -> NightReport:
    """Return the report of a night that is over; the demo's invented names are shown in full."""
    counted = count(stage.app.world.db, stage.simulator.ledger)
    told = _broadcasts(stage)
    wrong = [*counted.duplicates, *counted.lost, *_broken(told, counted)]
    return NightReport(
        broadcasts=told,
        messages=counted.messages,
        calls=counted.calls,
        duplicates=len(counted.duplicates),
        lost=len(counted.lost),
        wrong=wrong,
        seconds=round(seconds, 1),
        ok=not wrong,
    )


def _broadcasts(stage: Stage) -> list[BroadcastReport]:
    db = stage.app.world.db
    with db.write() as tx:
        faces = unmask(
            tx, db.vault, user=USER, subject="demo report", now=stage.clock(), why="demo"
        )
        ids = sorted(row["id"] for row in status(tx))
        found = [delivery_report(tx, db.vault, one, faces=faces) for one in ids]
    return [_one(stage, facts) for facts in found if facts is not None]


def _one(stage: Stage, facts: DeliveryReport) -> BroadcastReport:
    roles = stage.app.config.roles
    return BroadcastReport(
        id=facts["broadcast"]["id"],
        purpose=facts["broadcast"]["purpose"],
        title=facts["broadcast"]["title"],
        state=facts["broadcast"]["state"],
        started_at=facts["broadcast"]["created_at"],
        grids={"total": facts["grids"]["total"], **facts["grids"]["by_state"]},
        people=facts["people"],
        tasks=facts["tasks"],
        attempts=facts["attempts"],
        acknowledged=facts["acknowledged"],
        help_requests=len(facts["help_requests"]),
        unreached=[
            UnreachedGrid(
                grid=f"{cell['town']}{cell['name']}",
                level=cell["level"],
                people=[
                    f"{roles[one['role']].zh} {one['name']}"
                    for one in cell["people"]
                    if one["counts"]
                ],
            )
            for cell in facts["unreached"]
        ],
    )


def _broken(told: list[BroadcastReport], counted: Count) -> list[str]:
    wrong = []
    made = [one for one in told if one["purpose"] != Purpose.STATION]
    if len(made) != SCENES:
        wrong.append(f"{SCENES} messages were published, {len(made)} broadcasts were made")
    if not counted.messages or not counted.calls:
        wrong.append("the carrier took no messages, or no calls")
    for one in told:
        if one["state"] != "closed":
            wrong.append(f"broadcast {one['id']} is {one['state']}, not closed")
        if one["grids"].get("open"):
            wrong.append(f"broadcast {one['id']}: {one['grids']['open']} grids are still open")
    return wrong

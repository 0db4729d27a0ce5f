"""Who asks for help in a broadcast, as its page shows them: to be rung at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from alertcast.store import helps
from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.report_facts import HelpFacts


class AskedToo(TypedDict):
    """Another open request of the same person in the same round of warnings."""

    id: int
    broadcast_id: int
    opened_at: datetime


class HelpNamed(HelpFacts):
    """One help request, and who asked."""

    also: list[AskedToo]  # closed with this one

    name: str
    phone: str
    other_phone: str | None


def named(tx: Tx, faces: Faces, asked: Sequence[HelpFacts]) -> list[HelpNamed]:
    """Return these help requests with the names and numbers of those who asked."""
    people = faces_of(tx, faces, {one["person_id"] for one in asked})
    return [
        HelpNamed(
            **one,
            also=_also(tx, one),
            name=people[one["person_id"]].name,
            phone=people[one["person_id"]].phone,
            other_phone=people[one["person_id"]].other_phone,
        )
        for one in asked
    ]


def _also(tx: Tx, one: HelpFacts) -> list[AskedToo]:
    if one["closed_at"] is not None:
        return []
    others = [helps.get(tx, other) for other in helps.same_need(tx, one["id"])]
    return [
        AskedToo(id=row["id"], broadcast_id=row["broadcast_id"], opened_at=row["opened_at"])
        for row in others
        if row is not None and row["id"] != one["id"]
    ]

"""Who asks for help in a broadcast, as its page shows them: to be rung at once."""

from collections.abc import Sequence

from alertcast.store.db import Tx
from alertcast.store.report_faces import Faces, faces_of
from alertcast.store.report_facts import HelpFacts


class HelpNamed(HelpFacts):
    """One help request, and who asked."""

    name: str
    phone: str
    other_phone: str | None


def named(tx: Tx, faces: Faces, asked: Sequence[HelpFacts]) -> list[HelpNamed]:
    """Return these help requests with the names and numbers of those who asked."""
    people = faces_of(tx, faces, {one["person_id"] for one in asked})
    return [
        HelpNamed(
            **one,
            name=people[one["person_id"]].name,
            phone=people[one["person_id"]].phone,
            other_phone=people[one["person_id"]].other_phone,
        )
        for one in asked
    ]

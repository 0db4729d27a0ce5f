"""What was decided on an alert: one word, and why, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from alertcast.store import alerts, broadcasts
from alertcast.store.db import Tx


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on an alert, and why, in one sentence."""

    word: str
    why: str
    episode_id: int | None = None
    is_understood: bool = True  # else what it replaces holds until an officer has looked at it
    over: frozenset[str] | None = None  # codes of the grids where alone it is over; None: any


def unclear(what: str) -> Decision:
    """Return the decision on a message that an officer has to look at first."""
    return Decision("held", f"{what}，请值班员处理。", is_understood=False)


def episodes_of(tx: Tx, earlier: Sequence[int]) -> set[int]:
    """Return the open episodes that these alerts belong to."""
    found = {alerts.facts(tx, one)["episode_id"] for one in earlier}
    return {int(one) for one in found if one is not None and not broadcasts.is_ended(tx, one)}

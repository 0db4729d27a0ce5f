"""What must hold after each case, read from the carrier's ledger and the database's own record."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from alertcast.core.callout import CALLOUT_MOVES, CalloutState
from alertcast.core.task import ATTEMPT_RANK, TASK_MOVES, AttemptState, TaskState
from alertcast.demo.count import count
from alertcast.simulator.ledger import Ledger
from alertcast.store import playground
from alertcast.store.db import Database
from alertcast.store.playground import StateMove

_OF_CALLS = ("call ", "voice ")


class Verdict(TypedDict):
    """What was counted in one case."""

    wrong: list[str]  # each invariant that does not hold; nothing here is a good case
    doubled: list[str]  # texts doubled where the provider can not be asked: allowed, and listed
    messages: int  # in the carrier's ledger
    calls: int
    resent: int  # requests that were made again after one that was lost


def verdict(db: Database, ledger: Ledger, *, can_be_asked: bool) -> Verdict:
    """Hold the ledger against the plan, and every move of a state against the tables of moves."""
    counted = count(db, ledger)
    with db.read() as tx:
        moves = playground.moves(tx)
    twice = list(counted.duplicates)
    allowed = [] if can_be_asked else [one for one in twice if not one.startswith(_OF_CALLS)]
    wrong = [f"lost: {one}" for one in counted.lost]
    wrong += [f"doubled: {one}" for one in twice if one not in allowed]
    wrong += [f"moved back: {_told(one)}" for one in moved_back(moves)]
    if not counted.messages or not counted.calls:
        wrong.append("the carrier took no messages, or no calls")
    return Verdict(
        wrong=wrong,
        doubled=allowed,
        messages=counted.messages,
        calls=counted.calls,
        resent=sum(one.thing == "attempt" and one.became == "absent" for one in moves),
    )


def moved_back(moves: Sequence[StateMove]) -> list[StateMove]:
    """Return the moves that no table of moves allows; an attempt's rank must rise."""
    return [one for one in moves if not _is_forward(one)]


def _is_forward(move: StateMove) -> bool:
    match move.thing:
        case "attempt":
            ranks: Mapping[AttemptState, int] = ATTEMPT_RANK
            return ranks[AttemptState(move.became)] > ranks[AttemptState(move.was)]
        case "task":
            return TaskState(move.became) in TASK_MOVES[TaskState(move.was)]
        case _:
            return CalloutState(move.became) in CALLOUT_MOVES[CalloutState(move.was)]


def _told(move: StateMove) -> str:
    return f"{move.thing} {move.row_id} from {move.was} to {move.became}"

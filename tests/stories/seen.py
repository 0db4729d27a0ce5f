"""What can be seen of the town from inside: where grids, messages and channels stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from alertcast.core.broadcast import Broadcast
from alertcast.store import (
    alerts,
    attempts,
    audit,
    broadcasts,
    callouts,
    channels,
    helps,
    receipts,
    relays,
    witnesses,
)
from alertcast.store.db import Database
from alertcast.store.schema import acknowledgement, person, receipt, respondent, task

WEST, EAST, SOUTH = "441224101001", "441224101002", "441224102001"
NAMES = {WEST: "西村", EAST: "东村", SOUTH: "南村"}


class Seen:
    """Reads the rows; a grid is called by its name, a person by the phone."""

    db: Database

    @property
    def last(self) -> int:
        """The newest broadcast."""
        with self.db.read() as tx:
            return max(one.id for one in broadcasts.listed(tx))

    def count(self) -> int:
        """Return how many broadcasts there are."""
        with self.db.read() as tx:
            return len(broadcasts.listed(tx))

    def broadcast(self, broadcast_id: int | None = None) -> Broadcast:
        """Return a broadcast, else the newest."""
        with self.db.read() as tx:
            found = broadcasts.get(tx, broadcast_id or self.last)
        assert found is not None
        return found

    def states(self, broadcast_id: int | None = None) -> dict[str, str]:
        """Return where the grids of a broadcast stand."""
        with self.db.read() as tx:
            found = callouts.of_broadcast(tx, broadcast_id or self.last)
        return {NAMES[one.grid_code]: one.state.value for one in found}

    def levels(self, broadcast_id: int | None = None) -> dict[str, str | None]:
        """Return the level at which the grids of a broadcast are called."""
        with self.db.read() as tx:
            found = callouts.of_broadcast(tx, broadcast_id or self.last)
        return {NAMES[one.grid_code]: one.level for one in found}

    def counted_by(self) -> dict[str, str | None]:
        """Return why the touch of each grid of the newest broadcast was enough."""
        with self.db.read() as tx:
            found = callouts.of_broadcast(tx, self.last)
        return {NAMES[one.grid_code]: one.counted_by for one in found}

    def relayed(self) -> dict[str, tuple[int, int]]:
        """Return of each grid of the newest broadcast the households told and not told."""
        with self.db.read() as tx:
            cells = {one.id: one.grid_code for one in callouts.of_broadcast(tx, self.last)}
            held = relays.latest(tx, cells)
        return {
            NAMES[cells[callout]]: (one.households_told, one.households_not_told)
            for callout, one in held.items()
        }

    def messages(self, phone: str, broadcast_id: int | None = None) -> list[tuple[str, str, Any]]:
        """Return (kind, state, reason) of every message to a phone, oldest first."""
        rows = select(task.c.kind, task.c.state, task.c.reason).where(
            task.c.phone_index == self.db.vault.index(phone),
            task.c.broadcast_id == (broadcast_id or self.last),
        )
        with self.db.read() as tx:
            return [tuple(row) for row in tx.execute(rows.order_by(task.c.id))]

    def requests(self, phone: str, kind: str) -> list[str]:
        """Return the state of every request ever made for a phone by one kind, oldest first."""
        rows = select(task.c.id).where(
            task.c.phone_index == self.db.vault.index(phone), task.c.kind == kind
        )
        with self.db.read() as tx:
            ids = tx.execute(rows.order_by(task.c.id)).scalars().all()
            return [one.state.value for each in ids for one in attempts.of_task(tx, each)]

    def receipts(self, phone: str) -> list[tuple[str, str]]:
        """Return (the provider's word, what it changed) of every receipt for a phone."""
        rows = select(task.c.id).where(task.c.phone_index == self.db.vault.index(phone))
        with self.db.read() as tx:
            ids = tx.execute(rows.order_by(task.c.id)).scalars().all()
            made = [one.id for each in ids for one in attempts.of_task(tx, each)]
            return [(row["word"], row["effect"]) for row in receipts.of_attempts(tx, made)]

    def unmatched(self) -> list[str]:
        """Return the words of the receipts that belong to no request of ours."""
        rows = select(receipt.c.word).where(receipt.c.attempt_id.is_(None))
        with self.db.read() as tx:
            return list(tx.execute(rows.order_by(receipt.c.id)).scalars())

    def tries(self, phone: str) -> int:
        """Return how many attempts at the last message to a phone counted."""
        rows = select(task.c.tries).where(task.c.phone_index == self.db.vault.index(phone))
        with self.db.read() as tx:
            return int(tx.execute(rows.order_by(task.c.id.desc())).scalars().first() or 0)

    def priority(self, broadcast_id: int) -> int:
        """Return the order in which the messages of a broadcast leave; lower goes first."""
        rows = select(func.min(task.c.priority)).where(task.c.broadcast_id == broadcast_id)
        with self.db.read() as tx:
            return int(tx.execute(rows).scalar_one())

    def planned(self, broadcast_id: int | None = None) -> int:
        """Return how many messages of a broadcast are planned, or were."""
        rows = select(func.count()).where(task.c.broadcast_id == (broadcast_id or self.last))
        with self.db.read() as tx:
            return int(tx.execute(rows).scalar_one())

    def to_dial(self) -> list[str]:
        """Return the phones that an officer is to dial by hand."""
        rows = (
            select(person.c.phone)
            .join(task, task.c.person_id == person.c.id)
            .where(task.c.state == "manual")
            .order_by(task.c.priority, task.c.id)
        )
        with self.db.read() as tx:
            return [self.db.vault.open(sealed) for sealed in tx.execute(rows).scalars()]

    def answers(self) -> list[tuple[str, str, str]]:
        """Return (phone, how it came, value) of every acknowledgement of a respondent."""
        rows = (
            select(person.c.phone, acknowledgement.c.via, acknowledgement.c.value)
            .join(respondent, respondent.c.id == acknowledgement.c.respondent_id)
            .join(person, person.c.id == respondent.c.person_id)
        )
        with self.db.read() as tx:
            found = tx.execute(rows.order_by(acknowledgement.c.id))
            return [(self.db.vault.open(phone), via, said) for phone, via, said in found]

    def help_requests(self) -> list[dict[str, Any]]:
        """Return the help requests."""
        with self.db.read() as tx:
            return [dict(row) for row in helps.listed(tx)]

    def decision(self, identifier: str) -> tuple[str, str]:
        """Return what was decided on an alert, and the sentence that says why."""
        with self.db.read() as tx:
            row = alerts.facts(tx, alerts.find(tx, identifier)[0])
        return row["decision"], row["why"]

    def dissents(self, identifier: str) -> list[str]:
        """Return in what the sources of an alert contradict each other."""
        with self.db.read() as tx:
            found = witnesses.dissents(tx, alerts.find(tx, identifier)[0])
        return sorted(one["what"] for one in found)

    def in_force(self) -> list[datetime]:
        """Return when the warnings in force were sent, oldest first."""
        with self.db.read() as tx:
            return sorted(row["sent"] for row in alerts.in_force(tx))

    def channel_state(self, name: str) -> Mapping[Any, Any]:
        """Return what is known of a channel."""
        with self.db.read() as tx:
            return next(row for row in channels.listed(tx) if row["name"] == name)

    def audited(self) -> Sequence[tuple[str, str]]:
        """Return (user, action) of what was done, oldest first."""
        with self.db.read() as tx:
            return [(row["user"], row["action"]) for row in reversed(audit.listed(tx))]

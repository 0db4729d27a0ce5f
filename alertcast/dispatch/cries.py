"""Somebody asked for help: the request is opened, and the desks are called about it.

Whoever is on duty is called first (`duty`); every desk is called, whatever the others said.
"""

from collections.abc import Sequence
from datetime import datetime

from alertcast.core.broadcast import HELP, Broadcast
from alertcast.core.callout import Respondent
from alertcast.core.plan import Telling, places_of
from alertcast.core.shift import Seat
from alertcast.core.wording import Texts
from alertcast.dispatch import duty
from alertcast.dispatch.duty import Called
from alertcast.dispatch.world import World
from alertcast.store import callouts, helps, orders, people, tellings
from alertcast.store import grids as layers
from alertcast.store.db import Tx


def ask(
    world: World, tx: Tx, broadcast: Broadcast, asking: Sequence[Respondent], now: datetime
) -> tuple[int, tuple[str, ...]]:
    """Open a help request and call the desks; return its id and what those posts are called.

    One that is open is not opened twice, and nobody is called for it again.
    """
    cells = [
        layers.by_id(tx, [one.grid_id])[one.grid_id]
        for one in callouts.by_id(tx, {r.callout_id for r in asking}).values()
    ]
    help_id, is_new = helps.open_request(
        tx,
        broadcast.id,
        asking[0].person_id,
        role=asking[0].role,
        places=list(dict.fromkeys(f"{cell.town}{cell.name}" for cell in cells)),
        area=cells[0].town_code,
        now=now,
    )
    rules = world.config.rules.help
    wanted = dict.fromkeys(place for cell in cells for place in places_of(cell))
    held = people.holders(
        tx,
        broadcast.roster_id or 0,
        wanted,
        on=world.local(now).date(),
        layer_id=broadcast.layer_id,
        only_enrolled=broadcast.mode == "drill",
    )
    desks = duty.called(
        world,
        tx,
        broadcast.roster_id or 0,
        [h for place in wanted for h in held.get(place, []) if h.role in rules.roles],
        wanted,
        (Seat.DESK,),
        now,
        only_enrolled=broadcast.mode == "drill",
    )
    if is_new:
        _call_desks(world, tx, broadcast, help_id, desks, now)
    return help_id, tuple(dict.fromkeys(desks.everybody.values()))


def _call_desks(
    world: World, tx: Tx, broadcast: Broadcast, help_id: int, desks: Called, now: datetime
) -> None:
    rules = world.config.rules.help
    contacts = people.contacts(tx, world.db.vault, desks.everybody)
    for kind in rules.kinds:
        rung: set[str] = set()
        for desk, at in _in_turn(desks, now):
            contact = contacts[desk]
            if contact.phone_index in rung:
                continue
            rung.add(contact.phone_index)
            channel, reason = world.route(kind, broadcast.mode, contact.phone)
            template = f"help.{kind if channel else 'sms'}"
            spoken = Texts(broadcast.wording).chosen(template, contact.languages)
            order = orders.Order(
                broadcast_id=broadcast.id,
                kind=kind if channel else "manual",
                purpose="help",
                template=template,
                due_at=at,
                expires_at=None,
                priorities={},
                priority=HELP,
                languages={contact.languages: spoken},
                calls=rules.calls,
                every=rules.every,
                reason=reason or None,
                help_request_id=help_id,
            )
            tellings.begin(tx)
            told = Telling(None, desk, contact.phone_index, contact.languages, None)
            tellings.put(tx, [told], 0)
            orders.write(tx, order, 0, now)


def _in_turn(desks: Called, now: datetime) -> list[tuple[int, datetime]]:
    first = [(one, now) for one in sorted(desks.first)]
    return first + [(one, desks.later_at) for one in sorted(desks.later)]

"""The roster is frozen into a broadcast: a row for everybody who may answer for one of its grids.

The database writes them from the rows of the roster: a warning may concern a million people.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    union_all,
)

from alertcast.core.plan import Duty
from alertcast.store.db import Tx
from alertcast.store.people import held_on, place_in
from alertcast.store.schema import broadcast, callout, grid, person, post, respondent

_FARTHER = 1 << 48
"""More than the id of any post: by this the posts at a wider place come after all nearer ones."""

_PLACES: tuple[ColumnElement[str], ...] = (
    grid.c.code,
    grid.c.parent_code,
    grid.c.town_code,
    grid.c.county_code,
    func.substr(grid.c.county_code, 1, 4) + "00",
)
"""Where people answer for a grid, from the grid itself to the city; see `core.plan.places_of`."""


def write_respondents(
    tx: Tx,
    broadcast_id: int,
    roster_id: int,
    duties: Mapping[str, Mapping[str, Duty]],
    *,
    only_enrolled: bool,
    on: date,
) -> None:
    """Write everybody whom the policy of a callout would tell, on whichever rung, one row a person.

    `duties`: policy -> role -> what it asks of that role. A person with several posts is told on
    every rung that any of them is on; the post nearest to the grid names him. For a drill only
    those enrolled for drills are written. Only posts held on the local day `on` count.
    """
    asked = [(policy, role, duty) for policy, its in duties.items() for role, duty in its.items()]
    if not asked:
        return
    layer_id = tx.execute(select(broadcast.c.layer_id).where(broadcast.c.id == broadcast_id))
    at = place_in(tx, roster_id, layer_id.scalar_one())
    held = union_all(
        *(
            select(
                callout.c.id.label("callout_id"),
                callout.c.policy,
                post.c.person_id,
                post.c.role,
                (post.c.id + literal(_FARTHER) * distance).label("nearness"),
            )
            .join(grid, grid.c.id == callout.c.grid_id)
            .join(post, at == place)
            .where(callout.c.broadcast_id == broadcast_id, post.c.roster_id == roster_id)
            .where(held_on(on))
            for distance, place in enumerate(_PLACES)
        )
    ).subquery()
    theirs = [
        (and_(held.c.policy == policy, held.c.role == role), duty) for policy, role, duty in asked
    ]
    rungs = case(*((is_asked, duty.rungs) for is_asked, duty in theirs), else_=0)
    counts = case(*((is_asked, int(duty.counts)) for is_asked, duty in theirs), else_=0)
    most = max(duty.rungs for _, _, duty in asked).bit_length()
    each = select(held, rungs.label("rungs"), counts.label("counts")).subquery()
    its = each.c.rungs.op("&", return_type=Integer())
    once = (
        select(
            each.c.callout_id,
            each.c.person_id,
            func.min(each.c.nearness).label("nearest"),
            sum((func.max(its(1 << rung)) for rung in range(most)), literal(0)).label("rungs"),
            (func.max(each.c.counts) == 1).label("counts"),
        )
        .where(each.c.rungs > 0)
        .group_by(each.c.callout_id, each.c.person_id)
        .subquery()
    )
    rows = (
        select(
            once.c.callout_id,
            once.c.person_id,
            post.c.role,
            post.c.place,
            once.c.rungs,
            once.c.counts,
        )
        .join(post, post.c.id == once.c.nearest % _FARTHER)
        .order_by(once.c.callout_id, once.c.nearest)
    )
    if only_enrolled:
        rows = rows.join(person, person.c.id == once.c.person_id).where(person.c.drills)
    names = ["callout_id", "person_id", "role", "place", "rungs", "counts"]
    tx.execute(insert(respondent).from_select(names, rows))

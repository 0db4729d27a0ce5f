"""The database writes the same respondents as a pencil would, grid by grid and post by post."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from alertcast.core.broadcast import Broadcast, BroadcastState, Purpose
from alertcast.core.callout import CalloutState
from alertcast.core.grid import Grid
from alertcast.core.plan import duties, places_of
from alertcast.core.policy import Policy, Rung
from alertcast.core.roster import Person, Post
from alertcast.store import broadcasts, callouts, frozen, grids, people
from alertcast.store.schema import callout, person, respondent
from tests.databases import MovableDatabase

NOW = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)
ROLES = ("leader", "secretary", "deputy", "desk", "visitor")
GRIDS = tuple(
    Grid(
        code=code,
        name=code,
        kind="quarter",
        town_code=town,
        town=town,
        county_code="441224",
        county="怀集县",
        parent_code=parent,
    )
    for code, parent, town in (
        ("441224101001Q1", "441224101001", "441224101"),
        ("441224101001Q2", "441224101001", "441224101"),
        ("441224102001", None, "441224102"),
        ("441224102", "441224102", "441224102"),  # a town that is a grid: one place, named twice
    )
)
PLACES = sorted({place for grid in GRIDS for place in places_of(grid)} | {"441225101"})
Row = tuple[str, str, str, str, int, bool]
"""Grid, person, role, place, rungs, counts."""


def ladder(name: str, *roles: Sequence[str]) -> Policy:
    rungs = tuple(Rung(tuple(each), ("sms",), timedelta(minutes=1)) for each in roles)
    return Policy(name, rungs, ("leader", "deputy"))


POLICIES = {
    "a": ladder("a", ["leader", "desk"], ["deputy"], ["leader"]),
    "b": ladder("b", ["secretary"], ["leader", "secretary"], ["desk"], ["deputy"]),
}


def by_pencil(policies: Mapping[str, str], posts: Sequence[Post]) -> list[Row]:
    """Return the rows that belong to these posts; `policies`: grid -> name."""
    rows: list[Row] = []
    for grid in GRIDS:
        policy = POLICIES[policies[grid.code]]
        found: dict[str, Row] = {}
        for post in (one for place in places_of(grid) for one in posts if one.place == place):
            rungs = sum(1 << n for n, rung in enumerate(policy.rungs) if post.role in rung.roles)
            if not rungs:
                continue
            counts = post.role in policy.counts
            new = (grid.code, post.person_code, post.role, post.place, rungs, counts)
            *named, before, counted = found.get(post.person_code, new)
            found[post.person_code] = (*named, before | rungs, counted or counts)  # type: ignore[assignment]
        rows += found.values()
    return rows


@pytest.mark.parametrize("is_drill", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_by_the_database_as_by_pencil(db: MovableDatabase, seed: int, is_drill: bool) -> None:
    chance = Random(seed)
    folk = [
        Person(f"p{n}", f"某{n}", f"+86154000000{n:02d}", drills=chance.random() < 0.5)
        for n in range(8)
    ]
    held = {
        (chance.choice(folk).code, chance.choice(ROLES), chance.choice(PLACES)) for _ in range(40)
    }
    posts = [Post(*each) for each in sorted(held, key=lambda _: chance.random())]
    policies = {grid.code: chance.choice(sorted(POLICIES)) for grid in GRIDS}
    enrolled = {one.code for one in folk if one.drills or not is_drill}
    expected = by_pencil(policies, [one for one in posts if one.person_code in enrolled])
    assert frozen_rows(db, folk, posts, policies, is_drill=is_drill) == expected


def test_without_anybody_nobody_is_written(db: MovableDatabase) -> None:
    rows = frozen_rows(
        db, [], [], dict.fromkeys((grid.code for grid in GRIDS), "a"), is_drill=False
    )
    assert rows == []


def frozen_rows(
    db: MovableDatabase,
    folk: Sequence[Person],
    posts: Sequence[Post],
    policies: Mapping[str, str],
    *,
    is_drill: bool,
) -> list[Row]:
    with db.write() as tx:
        layer_id, _ = grids.import_layer(
            tx, "l", GRIDS, sha256="1", is_approximate=False, attribution="", now=NOW
        )
        roster_id, _ = people.import_roster(tx, db.vault, "r", folk, posts, sha256="1", now=NOW)
        mode = "drill" if is_drill else "live"
        broadcast_id, _ = broadcasts.create(tx, begun(mode, layer_id, roster_id))
        ids = grids.ids(tx, layer_id)
        callouts.open_all(
            tx,
            broadcast_id,
            [
                callouts.NewCallout(ids[one.code], one.code, None, policies[one.code], "", None)
                for one in GRIDS
            ],
            episode_id=None,
            mode=mode,
            state=CalloutState.OPEN,
            now=NOW,
        )
        asked = {name: duties(policy) for name, policy in POLICIES.items()}
        frozen.write_respondents(
            tx, broadcast_id, roster_id, asked, only_enrolled=is_drill, on=NOW.date()
        )
        rows = (
            select(
                callout.c.grid_code,
                person.c.code,
                respondent.c.role,
                respondent.c.place,
                respondent.c.rungs,
                respondent.c.counts,
            )
            .join(respondent, respondent.c.callout_id == callout.c.id)
            .join(person, person.c.id == respondent.c.person_id)
            .order_by(respondent.c.id)
        )
        return [tuple(row) for row in tx.execute(rows)]  # type: ignore[misc]


def begun(mode: str, layer_id: int, roster_id: int) -> Broadcast:
    return Broadcast(
        id=0,
        key="k",
        purpose=Purpose.DESK,
        mode=mode,
        state=BroadcastState.RUNNING,
        episode_id=None,
        layer_id=layer_id,
        roster_id=roster_id,
        hazard=None,
        title="",
        slots={},
        policies={},
        wording={},
        created_at=NOW,
        created_by="scheduler",
        starts_at=NOW,
        expires_at=None,
    )

"""What is kept too long goes once a day; the record of a warning, and a night's work, do not."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from alertcast.core.roster import Person, Post, Station
from alertcast.dispatch import retain
from alertcast.store import audit, links, people, retention
from alertcast.store.schema import link, person, post, quarantine, receipt, roster, station
from tests.stories.town import EAST, EAST_LEADER, EAST_SECRETARY, Town

DAY = timedelta(days=1)
NEVER_ASKED = "+8613800138077"

DEFAULTS = ("people", "stations", "links", "link_guesses", "heard", "api_keys")
"""Kinds that are not kept for ever unless somebody says so."""


def number(town: Town, table: Any, *conditions: Any) -> int:
    with town.db.read() as tx:
        rows = select(func.count()).select_from(table).where(*conditions)
        return int(tx.execute(rows).scalar_one())


def folk(*phones: str) -> tuple[list[Person], list[Post]]:
    return (
        [Person(f"p{one[-4:]}", f"某{one[-2:]}", one) for one in phones],
        [Post(f"p{one[-4:]}", "branch_leader", EAST) for one in phones],
    )


def replace_roster(town: Town) -> None:
    town.enrol(*folk(EAST_LEADER))


def recorded(town: Town) -> dict[str, int]:
    with town.db.read() as tx:
        rows = [row for row in audit.listed(tx) if row["action"] == "retention"]
    return {row["subject"]: row["detail"]["removed"] for row in rows}


def test_people_of_a_replaced_roster_go_after_its_days(town: Town) -> None:
    before = number(town, person)
    replace_roster(town)
    town.now += 90 * DAY
    assert retain.retain(town.world, town.now) == dict.fromkeys(DEFAULTS, 0)
    assert number(town, person) == before + 1
    town.now += timedelta(seconds=1)
    removed = retain.retain(town.world, town.now)
    assert removed == dict.fromkeys(DEFAULTS, 0) | {"people": before}
    assert (number(town, person), number(town, post)) == (1, 1)
    assert number(town, roster) == 2
    assert recorded(town) == {"people": before}
    assert retain.retain(town.world, town.now) == dict.fromkeys(DEFAULTS, 0)  # run twice


def test_the_record_of_a_warning_stays_whole(town: Town) -> None:
    """Who was called, when, how, and what was answered: also after ten years."""
    warned = town.warn(level="red")
    town.press("1", EAST_LEADER)
    town.lift(warned)
    town.tick(minutes=5)
    set_state(town, "closed")
    town.enrol(*folk(NEVER_ASKED))
    replace_roster(town)
    before = rows_of_record(town)
    town.now += 3650 * DAY
    removed = retain.retain(town.world, town.now)
    assert removed is not None
    assert removed["people"] == 1  # who was not asked
    assert rows_of_record(town) == before


def rows_of_record(town: Town) -> dict[str, list[Any]]:
    kept: tuple[str, ...] = (
        "alert",
        "info",
        "witness",
        "broadcast",
        "callout",
        "respondent",
        "task",
        "attempt",
    )
    kept += ("receipt", "acknowledgement", "help_request", "episode")
    tables = {one.name: one for one in person.metadata.sorted_tables}
    with town.db.read() as tx:
        found = {name: [tuple(row) for row in tx.execute(select(tables[name]))] for name in kept}
        asked = select(person).where(person.c.id.in_(select(tables["respondent"].c.person_id)))
        found["people"] = sorted(tuple(row) for row in tx.execute(asked))
    return found


@pytest.mark.parametrize("state", ["running", "approval", "waiting", "held"])
def test_nothing_goes_while_a_broadcast_runs(town: Town, state: str) -> None:
    town.warn()
    replace_roster(town)
    town.now += 100 * DAY
    set_state(town, state)
    before = number(town, person)
    assert retain.due(town.world, town.now)["people"] > 0
    assert retain.retain(town.world, town.now) is None
    assert number(town, person) == before
    set_state(town, "closed")
    removed = retain.retain(town.world, town.now)
    assert removed is not None
    assert removed["people"] > 0


def set_state(town: Town, state: str) -> None:
    table = person.metadata.tables["broadcast"]
    with town.db.write() as tx:
        tx.execute(table.update().values(state=state, ended_at=town.now))


def test_killed_between_two_pieces_the_rest_goes_the_next_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PIECE", 4)
    before = number(town, person)
    replace_roster(town)
    town.now += 91 * DAY
    with town.db.write() as tx:
        gone = retention.remove(tx, town.db.vault, "people", town.now - 90 * DAY)
    assert gone == 4
    removed = retain.retain(town.world, town.now)
    assert removed is not None
    assert removed["people"] == before - 4


def test_a_roster_that_lost_people_is_imported_anew_from_the_same_file(town: Town) -> None:
    """The office goes back to the file of last year: nobody of it may be missing."""
    everybody = folk(EAST_LEADER, EAST_SECRETARY, NEVER_ASKED)
    old = {"sha256": "old", "now": town.now}
    with town.db.write() as tx:
        first, _ = people.import_roster(tx, town.db.vault, "last year", *everybody, **old)
    replace_roster(town)
    town.now += 91 * DAY
    retain.retain(town.world, town.now)
    with town.db.write() as tx:
        again, version = people.import_roster(tx, town.db.vault, "last year", *everybody, **old)
        assert (again != first, version) == (True, 2)
        assert people.counts(tx, again)["people"] == 3


def test_stations_go_with_their_roster(town: Town) -> None:
    station_of_old = Station("S1", "邻里驿站", EAST, "某某", NEVER_ASKED, "8:00-18:00", True)
    with town.db.write() as tx:
        more: dict[str, Any] = {"sha256": "s", "now": town.now}
        people.import_roster(tx, town.db.vault, "stations", *folk(), [station_of_old], **more)
    replace_roster(town)
    town.now += 91 * DAY
    removed = retain.retain(town.world, town.now)
    assert removed is not None
    assert (removed["stations"], number(town, station)) == (1, 1)  # the new one has it too


def test_the_words_of_receipts_go_only_where_an_office_says_so(town: Town) -> None:
    town.sms.takes_replies = True
    town.warn()
    town.text_back(EAST_LEADER, "收到")
    set_state(town, "closed")
    town.now += 400 * DAY
    said = states(town)
    assert "receipt_words" not in (retain.retain(town.world, town.now) or {})
    town.configure(retention={"receipt_words": 365})
    removed = retain.retain(town.world, town.now)
    assert removed is not None
    assert removed["receipt_words"] > 0
    assert states(town) == said
    assert (retain.retain(town.world, town.now) or {})["receipt_words"] == 0


def states(town: Town) -> list[tuple[Any, ...]]:
    columns = (receipt.c.id, receipt.c.word, receipt.c.state, receipt.c.received_at)
    with town.db.read() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(receipt.c.id))]


def test_links_that_ended_long_ago_go(town: Town) -> None:
    town.warn()
    with town.db.write() as tx:
        (task_id,) = tx.execute(select(person.metadata.tables["task"].c.id).limit(1)).scalars()
        links.write(tx, town.db.vault, [links.NewLink(task_id, "token", town.now)])
    set_state(town, "closed")
    town.now += 30 * DAY
    assert (retain.retain(town.world, town.now) or {})["links"] == 0
    town.now += timedelta(seconds=1)
    assert (retain.retain(town.world, town.now) or {})["links"] == 1
    assert number(town, link) == 0


def test_a_document_that_nobody_could_read_stays_until_somebody_could(town: Town) -> None:
    town.configure(retention={"documents": 30})
    town.publish("<alert>")
    with town.db.write() as tx:
        row = dict(tx.execute(select(quarantine)).mappings().one()) | {"sha256": "other"}
        tx.execute(insert(quarantine).values({**row, "id": 2, "settled_at": town.now}))
    town.now += 31 * DAY
    assert (retain.retain(town.world, town.now) or {})["documents"] == 1
    assert number(town, quarantine, quarantine.c.settled_at.is_(None)) == 1


def test_every_table_that_names_a_person_is_looked_at() -> None:
    """A new one must be told to `store/retention.py`, or nobody could go any more."""
    naming = {
        table.name
        for table in person.metadata.sorted_tables
        if any(key.column.table is person for key in table.foreign_keys)
    }
    assert naming == {"post", "respondent", "task", "help_request", "station_night"}

"""The facts behind the pages, counted on the small town; and that no query is made per row."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from alertcast.store import audit
from alertcast.store.report_areas import areas_of, counties, place_names, towns_of
from alertcast.store.report_counts import count_people
from alertcast.store.report_faces import Faces, unmask
from alertcast.store.report_facts import DeliveryReport
from alertcast.store.report_manual import manual_list
from alertcast.store.report_now import Now, now_report
from alertcast.store.report_people import standing_of
from alertcast.store.report_unreached import waiting_grids
from alertcast.store.reports import delivery_report, progress, status
from tests.databases import KINDS, database
from tests.stories.town import (
    COUNTY,
    EAST,
    EAST_LEADER,
    EAST_SECRETARY,
    EVENING,
    NEXT_TOWN,
    SHAPES,
    SOUTH,
    SOUTH_LEADER,
    TOWN,
    WEST,
    WEST_LEADER,
    WEST_SECRETARY,
    Town,
)


@pytest.fixture(params=KINDS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    with database(request.param, tmp_path) as db:
        yield Town(db, tmp_path)


def report(town: Town, area: str = "") -> DeliveryReport:
    with town.db.read() as tx:
        found = delivery_report(tx, town.db.vault, town.last, area=area)
        counted = count_people(tx, town.last, area)
    assert found is not None
    assert counted == found["people"]  # by the database, and one by one
    return found


def first_page(town: Town) -> Now:
    with town.db.read() as tx:
        return now_report(tx, town.now)


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect every statement that any engine executes."""
    said: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", keep)


def test_whom_no_text_and_no_call_reached_was_not_told(town: Town) -> None:
    town.settle_in([(EAST_LEADER, "branch_leader", EAST), (WEST_LEADER, "branch_leader", WEST)])
    town.warn(level="red")
    assert report(town)["people"]["told"] == 2  # both were sent a text
    town.report(town.sms, EAST_LEADER, "failed")
    town.report(town.voice, EAST_LEADER, "no_answer")
    assert report(town)["people"]["told"] == 1
    town.report(town.sms, WEST_LEADER, "failed")
    town.press("1", WEST_LEADER)
    assert report(town)["people"]["told"] == 1  # by telephone


def test_who_was_told_and_who_answered(town: Town) -> None:
    town.warn(level="red")
    town.press_1(EAST_LEADER)
    found = report(town)
    assert found["grids"] == {"total": 3, "by_state": {"answered": 1, "open": 2}}
    east = next(one for one in found["grid_list"] if one["code"] == EAST)
    assert east["answered_by"] == {
        "role": "branch_leader",
        "at": town.now,
        "via": "key",
        "value": "1",
    }
    assert (east["rung"], east["rungs"], east["respondents"]) == (0, 4, 7)
    assert found["people"]["told"] == 7
    assert found["people"]["acknowledged"] == 1
    assert found["tasks"]["sms"] == {"underway": 7}
    assert found["attempts"] == len(town.sms.outbox) + len(town.voice.outbox)
    assert found["acknowledged"] == 1


def test_people_are_masked_until_somebody_who_is_named_looks(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    faces = {one["phone"]: one["name"] for one in report(town)["people_list"]}
    assert faces["+86 138****0021"] == "某*"
    with town.db.write() as tx:
        opened = unmask(
            tx, town.db.vault, user="wang", subject="broadcast:1", now=town.now, why="call"
        )
        found = delivery_report(tx, town.db.vault, town.last, faces=opened)
        kept = audit.listed(tx, subject="broadcast:1")[0]
    assert found is not None
    assert {one["phone"]: one["name"] for one in found["people_list"]}[EAST_LEADER] == "某21"
    assert (kept["user"], kept["action"], kept["detail"]) == ("wang", "unmask", {"why": "call"})


def test_the_unreached_are_named_with_everybody_who_was_to_answer(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    town.tick(minutes=60)
    found = report(town)["unreached"]
    assert [(one["town"], one["name"]) for one in found] == [("冷坑镇", "东村")]
    people = [(one["role"], one["counts"]) for one in found[0]["people"]]
    assert people == [("branch_leader", True), ("first_secretary", True), ("deputy", True)]


def test_the_call_list_has_open_grids_too(town: Town) -> None:
    town.warn()
    with town.db.read() as tx:
        found = waiting_grids(tx, Faces(town.db.vault), town.last)
    assert {one["code"] for one in found} == {WEST, EAST, SOUTH}


def test_an_all_clear_has_people_but_no_grids(town: Town) -> None:
    warned = town.warn(over=SHAPES[EAST].buffer(-0.2))
    town.lift(warned)
    found = report(town)
    assert found["grids"] == {"total": 0, "by_state": {}}
    assert found["people"]["told"] == 2
    assert len(report(town, area=TOWN)["people_list"]) == 2
    assert report(town, area=NEXT_TOWN)["people_list"] == []


def test_an_area_sees_its_own_part(town: Town) -> None:
    town.warn(level="red")
    town.press_1(WEST_LEADER)
    found = report(town, area=NEXT_TOWN)
    assert [one["code"] for one in found["grid_list"]] == [SOUTH]
    assert found["acknowledged"] == 0
    assert found["attempts"] < report(town)["attempts"]
    outside = {one["phone"][-4:]: one["elsewhere"] for one in found["people_list"]}
    assert outside == {SOUTH_LEADER[-4:]: False, "0051": True, "0052": True}


def test_status_lists_broadcasts_newest_first(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    town.notice("今晚降温", SOUTH)
    with town.db.read() as tx:
        everything, south = status(tx), status(tx, area=NEXT_TOWN)
    assert [one["purpose"] for one in everything] == ["desk", "warning"]
    assert [one["purpose"] for one in south] == ["desk"]


def test_nothing_is_found_of_a_broadcast_that_is_not(town: Town) -> None:
    with town.db.read() as tx:
        assert delivery_report(tx, town.db.vault, 9) is None
        assert progress(tx, 9) is None
        assert status(tx) == []


def test_the_first_page_names_what_is_red(town: Town) -> None:
    town.settle_in([(WEST_LEADER, "branch_leader", WEST), (EAST_LEADER, "branch_leader", EAST)])
    town.warn(level="red")
    town.press("2", WEST_LEADER)
    town.publish("<alert>broken")
    town.tick(minutes=40)
    found = first_page(town)
    assert [one["places"] for one in found["help_open"]] == [["冷坑镇西村"]]
    assert [one["grids"] for one in found["unreached"]] == [2]
    assert [one["grids"] for one in found["without_people"]] == [1]
    assert [one["source"] for one in found["put_aside"]] == ["inbox"]
    assert found["warnings"][0]["infos"][0]["issuer"] == "怀集县气象台"


def test_without_a_provider_everybody_is_to_be_dialled(town: Town) -> None:
    town.channels = []
    town.warn()
    assert first_page(town)["manual"] == 5
    with town.db.read() as tx:
        rows = manual_list(tx, Faces(town.db.vault), town.now)
        south = manual_list(tx, Faces(town.db.vault), town.now, area=NEXT_TOWN)
    assert [one["tries"] for one in rows] == [0] * 5
    assert rows[0]["reason"] == "no_channel"
    assert [one["places"] for one in south] == [["马宁镇南村"]]


def test_whoever_was_dialled_in_vain_comes_last(town: Town) -> None:
    town.channels = []
    town.warn()
    town.dial_in_vain(WEST_LEADER)
    with town.db.read() as tx:
        rows = manual_list(tx, Faces(town.db.vault), town.now)
    assert rows[0]["phone"][-4:] == WEST_SECRETARY[-4:]
    assert (rows[-1]["phone"][-4:], rows[-1]["tries"], rows[-1]["last"]) == (
        WEST_LEADER[-4:],
        1,
        "no_answer",
    )


def test_places_have_the_names_people_use(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    with town.db.read() as tx:
        names = place_names(tx, 1, [EAST, TOWN, COUNTY, "441200"])
        assert areas_of(tx, 1, [EAST, TOWN, COUNTY, "9"]) == {
            EAST: TOWN,
            TOWN: TOWN,
            COUNTY: COUNTY,
        }
        assert towns_of(tx, town.last) == {TOWN}
        assert [one["code"] for one in counties(tx, 1)[0]["towns"]] == [TOWN, NEXT_TOWN]
    assert names == {EAST: "冷坑镇东村", TOWN: "冷坑镇", COUNTY: "怀集县", "441200": "441200"}


def test_an_area_is_a_prefix_and_not_a_pattern(town: Town) -> None:
    with town.db.read() as tx:
        assert counties(tx, 1, "4412%") == []
        assert counties(tx, 1, "_") == []


@pytest.mark.parametrize(
    ("states", "answer", "expected"),
    [
        ([], None, "not_yet"),
        (["underway"], None, "silent"),
        (["queued"], None, "queued"),
        (["delivered", "leaving"], None, "calling"),
        (["delivered", "manual"], None, "manual"),
        (["delivered", "failed"], None, "silent"),
        (["failed"], None, "failed"),
        (["cancelled"], None, "dropped"),
        (["unanswered"], "1", "answered"),
        (["answered"], "2", "help"),
    ],
)
def test_one_word_says_where_a_person_stands(
    states: list[str], answer: str | None, expected: str
) -> None:
    told = [
        {"kind": "sms", "purpose": "warning", "state": state, "tries": 1, "reason": None}
        for state in states
    ]
    said = None
    if answer:
        said = {"value": answer, "via": "key", "at": EVENING, "by_user": None}
    assert standing_of(told, said) == expected  # type: ignore[arg-type]


def test_a_wider_warning_makes_no_more_queries(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    with counting() as few:
        report(town)
        first_page(town)
    town.warn(level="red")
    town.press_1(EAST_SECRETARY)
    with counting() as many:
        report(town)
        first_page(town)
    assert len(many) == len(few)

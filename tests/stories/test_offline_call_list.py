"""The list to ring by when all is dead: there from the start, renewed by a rise, gone in a week."""

import io
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from alertcast.core.call_list import Callee, CallList
from alertcast.core.phone import dialled
from alertcast.dispatch import call_list, fanout
from alertcast.dispatch.call_list_pdf import as_pdf
from alertcast.dispatch.watch import look
from alertcast.store import audit, sealed_files
from tests.stories.published import Warned, cap, info
from tests.stories.seen import EAST
from tests.stories.town import (
    COUNTY,
    EAST_DEPUTY,
    EAST_LEADER,
    EAST_SECRETARY,
    IN_EAST,
    IN_WEST,
    WEST_LEADER,
    Town,
    phones,
)

OF_EAST = [EAST_LEADER, EAST_SECRETARY, EAST_DEPUTY]


@pytest.fixture
def town(town: Town) -> Town:
    town.configure(call_list={"folder": str(town.folder / "lists")})
    return town


def write(town: Town) -> int:
    return call_list.write_due(town.world, town.now)


def kept(town: Town, broadcast_id: int | None = None, county: str = COUNTY) -> CallList:
    folder = call_list.folder_of(town.world)
    text = sealed_files.read(folder, town.db.vault, broadcast_id or town.last, county)
    assert text is not None
    return CallList.from_json(text)


def rung(found: CallList) -> list[str]:
    return [one.phone for one in found.callees]


def red(town: Town) -> list[tuple[str, str]]:
    with town.db.read() as tx:
        return [(one.what, one.subject) for one in look(town.world, tx, town.now)]


def grown_old(town: Town, days: float) -> None:
    """Let the files be so old."""
    for one in sealed_files.listed(call_list.folder_of(town.world)):
        at = one.written_at.timestamp() - days * 86400
        os.utime(one.path, (at, at))


def test_it_is_there_as_soon_as_the_first_rung_has_begun(town: Town) -> None:
    town.warn(over=IN_EAST)
    assert write(town) == 1
    assert write(town) == 0
    found = kept(town)
    assert rung(found) == OF_EAST
    assert found.callees[0] == Callee(
        "某21", EAST_LEADER, ("党支部书记",), ("冷坑镇东村",), "橙色", 1, True, False
    )
    assert found.words == ("怀集县气象台发布寒冷橙色预警信号（怀集县气象台12月26日17时20分发布）",)
    assert [one.rung for one in found.callees] == [1, 1, 3]


def test_nothing_on_the_disk_can_be_read(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    for path in call_list.folder_of(town.world).iterdir():
        raw = path.read_bytes()
        assert EAST_LEADER.encode() not in raw
        assert "某".encode() not in raw


def test_it_is_renewed_by_a_rise(town: Town) -> None:
    town.warn(over=IN_EAST.union(IN_WEST).convex_hull)
    write(town)
    first = town.last
    assert set(rung(kept(town))) >= {EAST_LEADER, WEST_LEADER}
    town.warn(over=IN_EAST, level="red")
    assert write(town) == 2
    assert EAST_LEADER not in rung(kept(town, first))
    assert WEST_LEADER in rung(kept(town, first))
    assert EAST_LEADER in rung(kept(town))
    assert kept(town).callees[0].level == "红色"


def test_who_has_answered_is_marked_a_minute_later(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    town.write_down(EAST_LEADER)
    assert write(town) == 0
    grown_old(town, days=0.01)
    assert write(town) == 1
    assert [one.phone for one in kept(town).callees if one.answered] == [EAST_LEADER]


def test_a_broadcast_that_waits_for_a_human_has_one_too(town: Town) -> None:
    town.limit_people(1)
    town.warn(over=IN_EAST)
    assert town.states() == {"东村": "planned"}
    assert write(town) == 1
    assert rung(kept(town)) == OF_EAST


def test_an_all_clear_lists_those_who_are_told(town: Town) -> None:
    warned = town.warn(over=IN_EAST)
    town.lift(warned)
    assert write(town) == 1
    found = kept(town, county="all")
    assert sorted(rung(found)) == [EAST_LEADER, EAST_SECRETARY]
    assert found.callees[0].rung == 0


def test_a_notice_of_our_own_is_read_out_as_it_was_written(town: Town) -> None:
    town.notice("今晚请检查驿站。", EAST)
    write(town)
    assert kept(town).words == ("今晚请检查驿站。",)


def test_a_drill_says_so(town: Town) -> None:
    town.add_drill_channels()
    town.start(town.warn(over=IN_EAST), mode="drill")
    write(town)
    assert kept(town).watermark("wang", town.now).startswith("演练 ")


def test_a_folder_that_can_not_be_written_is_red_and_delays_no_call(town: Town) -> None:
    blocked = town.folder / "blocked"
    blocked.write_text("no folder")
    town.configure(call_list={"folder": str(blocked / "lists")})
    town.warn(over=IN_EAST)
    assert write(town) == 0
    assert red(town) == [("call_list", str(town.last))]
    town.tick(minutes=10)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]
    blocked.unlink()
    assert write(town) == 0  # not tried again at once
    town.db.ahead += timedelta(seconds=31)
    assert write(town) == 1
    assert red(town) == []


def test_a_machine_that_is_gone_is_not_red_for_ever(town: Town) -> None:
    blocked = town.folder / "blocked"
    blocked.write_text("no folder")
    town.configure(call_list={"folder": str(blocked / "lists")})
    town.warn(over=IN_EAST)
    write(town)
    town.db.ahead += timedelta(minutes=6)
    assert red(town) == []


def test_it_is_removed_a_week_after_the_broadcast(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    grown_old(town, days=8)
    town.now += timedelta(days=8)
    assert call_list.clear(town.world, town.now) == 0  # still running
    town.stop()
    town.now += timedelta(days=6.9)
    assert call_list.clear(town.world, town.now) == 0  # however old it is
    town.now += timedelta(days=0.2)
    assert call_list.clear(town.world, town.now) == 1
    assert list(call_list.folder_of(town.world).iterdir()) == []
    assert call_list.clear(town.world, town.now) == 0


def test_within_the_week_it_stays(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    town.stop()
    grown_old(town, days=6.9)
    town.now += timedelta(days=6.9)
    assert call_list.clear(town.world, town.now) == 0
    town.configure(call_list={"folder": str(town.folder / "lists"), "days": 6})
    assert call_list.clear(town.world, town.now) == 1


def test_what_was_fetched_without_the_database_is_recorded_later(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    facts = {"broadcast": town.last, "county": COUNTY, "form": "pdf", "at": "2026-12-26T10:00Z"}
    sealed_files.note_fetched(call_list.folder_of(town.world), user="王值班", **facts)
    call_list.clear(town.world, town.now)
    call_list.clear(town.world, town.now)
    with town.db.read() as tx:
        rows = [row for row in audit.listed(tx) if row["action"] == "call_list_offline"]
    assert [(row["user"], row["subject"]) for row in rows] == [("王值班", f"broadcast:{town.last}")]
    assert rows[0]["detail"]["county"] == COUNTY


def test_a_record_that_was_cut_off_does_not_keep_lists_for_ever(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    town.stop()
    folder = call_list.folder_of(town.world)
    sealed_files.note_fetched(folder, user="王值班", broadcast=town.last)
    noted = folder / "fetched.jsonl"
    noted.write_bytes(noted.read_bytes().split("班".encode())[0] + "班".encode()[:2])  # a full disk
    town.now += timedelta(days=8)
    grown_old(town, days=8)
    assert call_list.clear(town.world, town.now) == 1
    assert list(folder.iterdir()) == []


def test_on_paper_each_page_bears_the_watermark_and_everybody_is_on_one(town: Town) -> None:
    town.warn(over=IN_EAST)
    write(town)
    found = kept(town)
    many = tuple(
        Callee(
            f"某{n}",
            f"+86138{n:08d}",
            ("党支部书记",),
            (f"冷坑镇第{n}村",) * 40,
            "橙色",
            1,
            True,
            False,
        )
        for n in range(300)
    )
    folder, at = town.folder / "paper", datetime(2026, 12, 26, 12, 0, tzinfo=UTC)
    big = replace(found, callees=many)
    sealed_files.write(
        folder,
        town.db.vault,
        big.to_json(),
        broadcast_id=found.broadcast_id,
        county_code=COUNTY,
        targets="1-1",
        answers=0,
    )
    pdf = call_list.fetch(folder, town.db.vault, found.broadcast_id, COUNTY, "pdf", "王值班", at)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) > 5
    mark = big.watermark("王值班", at)
    assert "王值班 2026-12-26 20:00" in mark
    for text in pages:
        assert text.count(mark) > 3
        assert "电话" in text
    whole = "".join(pages)
    assert all(dialled(one.phone) in whole for one in many)
    assert "余" in whole  # forty villages do not fit, and it says so
    assert big.words[0] in whole


def test_it_is_recorded_before_it_is_drawn_and_drawing_holds_up_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[str] = []

    def slowly(found: CallList, user: str, at: datetime, font: Path | None = None) -> bytes:
        with town.db.read() as tx:
            recorded.extend(row["user"] for row in audit.listed(tx) if row["action"] == "call_list")
        town.write_down(EAST_LEADER)  # answers are taken meanwhile
        return as_pdf(found, user, at, font)

    monkeypatch.setattr("alertcast.dispatch.call_list.as_pdf", slowly)
    town.warn(over=IN_EAST)
    write(town)
    found = call_list.fetch_recorded(town.world, town.last, COUNTY, "pdf", "wang", town.now)
    assert recorded == ["wang"]
    assert PdfReader(io.BytesIO(found)).pages
    assert town.states() == {"东村": "answered"}


def test_what_is_not_there_is_not_recorded_as_fetched(town: Town) -> None:
    town.warn(over=IN_EAST)
    with pytest.raises(call_list.NoList):
        call_list.fetch_recorded(town.world, town.last, COUNTY, "csv", "wang", town.now)
    assert ("wang", "call_list") not in town.audited()


@pytest.mark.parametrize("broken", ["key", "file", "swapped", "none"])
def test_a_list_that_can_not_be_read_says_why(town: Town, broken: str, tmp_path: Path) -> None:
    town.warn(over=IN_EAST)
    write(town)
    folder = call_list.folder_of(town.world)
    (one,) = sealed_files.listed(folder)
    vault, broadcast_id = town.db.vault, one.broadcast_id
    if broken == "key":
        vault = type(vault)(b"1" * 32)
    if broken == "file":
        one.path.write_bytes(vault.seal("{}"))
    if broken == "swapped":
        broadcast_id += 1
        one.path.rename(folder / one.path.name.replace(f"{one.broadcast_id}-", f"{broadcast_id}-"))
    if broken == "none":
        one.path.unlink()
    with pytest.raises(call_list.NoList):
        call_list.fetch(folder, vault, broadcast_id, COUNTY, "csv", "wang", datetime.now(UTC))


def test_it_waits_until_the_first_messages_are_planned(town: Town) -> None:
    warned = Warned("44122441600000_20261226172099", town.now)
    town.keep(cap(warned, info(town.now, IN_WEST, "orange")))
    fanout.decide_all(town.world, town.now)
    assert town.states() == {"西村": "open"}
    assert write(town) == 0
    town.climb(minutes=0)
    assert write(town) == 1

"""审计记录: looked for by who, what, about what and when; checked whether it is whole."""

import ast
import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

import alertcast
from alertcast.core.shift import Seat, Shift
from alertcast.dispatch import shift_plan
from alertcast.dispatch.bring_stations import IMPORTED
from alertcast.dispatch.confirm import SECOND_SOURCE
from alertcast.store import audit, guards
from alertcast.web.deeds import DEEDS, DETAILS
from alertcast.web.subjects import SUBJECTS
from tests.stories.town import COUNTY, Town
from tests.web.site import Site, Visitor


def rows(auditor: Visitor, **query: str) -> list[str]:
    page = auditor.page("/audit", **query)
    return [" ".join(one.text.split()) for one in page.select("tbody tr")]


def test_the_newest_is_first_and_said_in_words(site: Site, town: Town) -> None:
    town.warn()
    site.user("officer").send("/broadcasts/1/stop")
    found = rows(site.user("auditor"))
    assert ["登录" in found[0], "auditor" in found[0]] == [True, True]
    assert ["停止叫应" in found[1], "officer" in found[1], "下发 #1" in found[1]] == [True] * 3


WRITES = {"audit.record": 2, "_seal": 3}
"""What writes to the audit, and which of its arguments is the action."""


def test_every_act_and_detail_has_a_word() -> None:
    acts, details = {IMPORTED, SECOND_SOURCE, "station_open", "station_closed"}, set()
    for file in Path(alertcast.__file__).parent.rglob("*.py"):
        for one in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(one, ast.Call) and (at := WRITES.get(ast.unparse(one.func))):
                details |= {key.arg for key in one.keywords if key.arg}
                if isinstance(one.args[at], ast.Constant):
                    acts.add(one.args[at].value)
    assert sorted(acts - DEEDS.keys()) == []
    assert sorted(details - DETAILS.keys()) == []


def test_every_subject_has_a_word() -> None:
    kinds = {"stations", "duty", "manual"}  # whose numbers are shown
    for file in Path(alertcast.__file__).parent.rglob("*.py"):
        for one in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(one, ast.Call) and (at := WRITES.get(ast.unparse(one.func))):
                about = ast.unparse(one.args[at + 1]) if len(one.args) > at + 1 else ""
                kinds |= set(re.findall(r"^f?'([a-z_]+)(?=:|'$)", about))
    assert len(kinds) > 15
    assert sorted(kinds - SUBJECTS.keys()) == []


def test_a_user_is_named_where_something_was_done_to_him(site: Site, town: Town) -> None:
    with town.db.write() as tx:
        audit.record(tx, "admin", "disable_user", "user:2", town.now)
    auditor = site.user("auditor")
    (found,) = rows(auditor, action="disable_user")
    assert "用户 #2 officer" in found
    link = auditor.page("/audit", action="disable_user").select_one("tbody a")["href"]
    page = auditor.page(link)
    assert page.select_one("[name=subject]")["value"] == "用户 #2 officer"
    assert rows(auditor, subject="用户 #2 officer") == rows(auditor, subject="user:2") == [found]


def test_a_shift_is_named_by_its_post_and_local_time(site: Site, town: Town) -> None:
    begin = town.now + timedelta(hours=1)
    shift = Shift(COUNTY, Seat.LEADER, "p0011", begin, begin + timedelta(hours=8))
    shift_plan.put(town.world, 1, shift, "wang", town.now)
    (found,) = rows(site.user("auditor"), action="add_shift")
    assert f"人员编号 1；值班 带班领导；开始 {town.world.local(begin):%m-%d %H:%M}" in found


def test_it_is_looked_for(site: Site, town: Town) -> None:
    town.warn()
    site.user("officer").send("/broadcasts/1/stop")
    auditor = site.user("auditor")
    assert len(rows(auditor, user="officer")) == 2
    assert len(rows(auditor, action="stop")) == 1
    for words in ("broadcast:1", "下发 #1", "下发 1", "Broadcast #1"):
        assert len(rows(auditor, subject=words)) == 1, words
    assert "没有符合条件" in rows(auditor, subject="下发 #2")[0]
    today = f"{town.world.local(town.now):%Y-%m-%d}"
    later = f"{town.world.local(town.now + timedelta(days=1)):%Y-%m-%d}"
    assert len(rows(auditor, since=today, until=today)) == 3
    assert "没有符合条件" in rows(auditor, since=later)[0]
    assert (
        len(rows(auditor, since="yesterday", before="x")) == 3
    )  # what can not be read is left out


def test_a_long_record_is_turned_over(site: Site, town: Town) -> None:
    with town.db.write() as tx:
        for number in range(150):
            audit.record(tx, "wang", "import", f"layer:{number}", town.now)
    auditor = site.user("auditor")
    page = auditor.page("/audit", user="wang")
    older = next(one for one in page.select("a.button") if one.text == "更早的记录")
    assert len(page.select("tbody tr")) == 100
    assert "网格图层 #50" in page.text
    assert len(auditor.page(str(older["href"])).select("tbody tr")) == 50


def test_the_whole_chain_is_checked(site: Site, town: Town) -> None:
    auditor = site.user("auditor")
    assert "记录完整：共 1 条" in auditor.send("/audit/verify").text
    with town.db.write() as tx, guards.lifted(tx):
        tx.execute(text("UPDATE audit SET \"user\" = 'nobody' WHERE id = 1"))
    assert "记录不完整！第一处：第 1 条" in auditor.send("/audit/verify").text
    assert [row["detail"]["whole"] for row in site.recorded("verify_audit")] == [False, True]


def test_an_auditor_of_a_county_reads_what_its_people_did(site: Site, town: Town) -> None:
    site.add_user("near", "auditor", COUNTY)
    site.user("officer")
    auditor = site.user("near")
    assert len(rows(auditor)) == 1
    assert auditor.send("/audit/verify").status_code == 403

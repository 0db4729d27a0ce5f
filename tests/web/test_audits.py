"""审计记录: looked for by who, what, about what and when; checked whether it is whole."""

from datetime import timedelta

from sqlalchemy import text

from alertcast.store import audit, guards
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
    assert ["停止叫应" in found[1], "officer" in found[1], "broadcast:1" in found[1]] == [True] * 3


def test_it_is_looked_for(site: Site, town: Town) -> None:
    town.warn()
    site.user("officer").send("/broadcasts/1/stop")
    auditor = site.user("auditor")
    assert len(rows(auditor, user="officer")) == 2
    assert len(rows(auditor, action="stop")) == 1
    assert len(rows(auditor, subject="broadcast:1")) == 1
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
    assert "layer:50" in page.text
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

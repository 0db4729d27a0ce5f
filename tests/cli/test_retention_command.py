"""At the terminal: what is kept too long is counted, and removed."""

from datetime import timedelta

from alertcast.bootstrap import installation
from alertcast.core.roster import Person
from alertcast.store import people
from tests.cli.conftest import Terminal


def test_it_is_counted_first_then_removed(ready: Terminal) -> None:
    app = installation(ready.folder / "alertcast.toml")
    folk = [Person("a", "张三", "+8613800138000"), Person("b", "李四", "+8613900139000")]
    for name, days in (("old", 200), ("new", 100)):
        at = app.clock() - timedelta(days=days)
        with app.world.db.write() as tx:
            people.import_roster(tx, app.world.db.vault, name, folk, [], sha256=name, now=at)
    app.close()
    for _ in range(2):  # looking removes nothing
        due = {one["kind"]: one["due"] for one in ready.facts("retention", "--dry-run")}
        assert due["people"] >= 2
    assert {one["kind"]: one["removed"] for one in ready.facts("retention")} == due
    assert ready.facts("retention")[0] == {"kind": "people", "days": 90, "removed": 0}
    assert "90 days" in ready.ok("retention", "--dry-run")
    assert "retention" in ready.ok("audit", "list", "--json").splitlines()[0]

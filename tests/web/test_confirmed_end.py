"""The card of a warning by which an officer writes down that its issuer has lifted it."""

from tests.stories.town import EAST_LEADER, IN_EAST, Town, phones
from tests.web.site import Site

FORM = {"said_by": "怀集县气象台 值班室", "document": "电话核实", "at": "2026-12-26T17:20"}
WHERE = "/alerts/1/confirm-end"


def test_what_was_said_is_relayed_and_recorded(site: Site, town: Town) -> None:
    town.warn(IN_EAST)
    user = site.user("officer")
    page = user.page("/alerts/1")
    assert page.select_one(f'form[action="{WHERE}"] input[name=at]')["value"] == FORM["at"]
    asked = user.send(WHERE, **FORM).text
    assert all(one in asked for one in ("不能撤回", FORM["said_by"], FORM["document"]))
    assert town.in_force() and site.rung == 0  # nothing is done before it is meant
    assert user.send(WHERE, **FORM, sure="yes").location == "/alerts/1"
    assert site.rung == 1
    page = user.page("/alerts/1")
    assert "怀集县气象台 值班室告知已解除（电话核实）" in page.text
    assert page.select(f'form[action="{WHERE}"]') == []
    town.tick()
    assert phones(town.sms).count(EAST_LEADER) == 2
    (row,) = site.recorded("confirm_end")
    said = row["detail"]
    assert (said["said_by"], said["document"]) == (FORM["said_by"], FORM["document"])


def test_a_form_that_is_not_whole_is_refused(site: Site, town: Town) -> None:
    town.warn(IN_EAST)
    user = site.user("officer")
    times = ({"at": "gestern"}, {"at": "2020-01-01T00:00"}, {"at": "2026-12-26T23:00"})
    for wrong in ({"said_by": " "}, {"document": ""}, *times):
        assert user.send(WHERE, **(FORM | wrong), sure="yes").status_code in (400, 409)
    assert site.recorded("confirm_end") == []
    assert town.in_force()


def test_an_end_has_no_such_card(site: Site, town: Town) -> None:
    town.lift(town.warn(IN_EAST))
    assert site.user("officer").page("/alerts/2").select('form[action$="confirm-end"]') == []

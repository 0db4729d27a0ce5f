"""Messages of one NWS event that name no earlier message: told once, replaced, ended in place.

The service is the simulator's, over HTTP.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import shapely

from alertcast.dispatch import ingest
from alertcast.sources.nws_api import NwsApi, NwsApiSettings
from alertcast.store import alerts
from tests.sources.test_nws import feature
from tests.stories import publishers
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, WEST_LEADER, Town, phones

PLACES = {"WAZ001": IN_WEST, "WAZ002": IN_EAST}
WARNING, WATCH = "KSEW.FF.W.0001", "KSEW.FF.A.0007"


def send(town: Town, identifier: str, *said: Any, **changes: Any) -> Mapping[Any, Any]:
    """Let the NWS send a message some minutes later (`show`), and the product decide on it."""
    show(town, identifier, *said, **changes)
    base_url = publishers.simulator("nws").base_url
    settings = NwsApiSettings(user_agent="alertcast desk@example.org", base_url=base_url)
    ingest.poll(town.world, NwsApi("nws", settings), town.now)
    town.tick()
    return row(town, identifier)


def show(
    town: Town,
    identifier: str,
    action: str,
    zones: tuple[str, ...] = ("WAZ001",),
    *,
    event: str = WARNING,
    minutes: int = 10,
    **changes: Any,
) -> None:
    """Let the NWS send a message some minutes later; nobody has polled it yet."""
    town.now += timedelta(minutes=minutes)
    ends = (town.now + timedelta(hours=6)).isoformat()
    vtec = [f"/O.{one}.000000T0000Z-270101T0000Z/" for one in action_of(action, event)]
    given = {
        "id": identifier,
        "sent": town.now.isoformat(),
        "effective": town.now.isoformat(),
        "onset": town.now.isoformat(),
        "expires": ends,
        "ends": ends,
        "messageType": "Alert" if action == "NEW" else "Update",
        "geocode": {"UGC": list(zones)},
        "affectedZones": [],
        "parameters": {"VTEC": vtec},
    }
    shape = json.loads(shapely.to_geojson(shapely.union_all([PLACES[one] for one in zones])))
    publishers.publisher("nws").show("nws", identifier, feature(shape, **{**given, **changes}))


def action_of(action: str, event: str) -> list[str]:
    if action == "UPG":
        return [f"UPG.{WATCH}", f"NEW.{event}"]
    return [f"{action}.{event}"]


def row(town: Town, identifier: str) -> Mapping[Any, Any]:
    with town.db.read() as tx:
        (found,) = alerts.find(tx, identifier)
        return alerts.facts(tx, found)


def told(town: Town) -> list[str]:
    """Return the phones of the two leaders that were texted, each as often as it was."""
    return [one for one in phones(town.sms) if one in (WEST_LEADER, EAST_LEADER)]


def test_a_continued_event_replaces_its_message_and_tells_nobody_again(town: Town) -> None:
    send(town, "A", "NEW")
    assert send(town, "B", "CON")["decision"] == "quiet"
    assert row(town, "A")["standing"] == "superseded"
    assert row(town, "B")["episode_id"] == row(town, "A")["episode_id"]
    assert told(town) == [WEST_LEADER]


def test_the_messages_of_one_event_for_several_places_all_hold(town: Town) -> None:
    send(town, "A", "NEW", ("WAZ001",))
    send(town, "B", "NEW", ("WAZ002",))
    assert [row(town, one)["standing"] for one in "AB"] == ["in_force", "in_force"]
    assert row(town, "A")["episode_id"] == row(town, "B")["episode_id"], "one event, one episode"
    assert sorted(told(town)) == sorted([WEST_LEADER, EAST_LEADER])


def test_an_event_that_grows_tells_only_those_newly_inside(town: Town) -> None:
    send(town, "A", "NEW", ("WAZ001",))
    send(town, "B", "EXA", ("WAZ001", "WAZ002"))
    assert row(town, "A")["standing"] == "superseded"
    assert told(town) == [WEST_LEADER, EAST_LEADER]


def test_a_cancelled_event_ends_without_being_referred_to(town: Town) -> None:
    send(town, "A", "NEW")
    made = send(town, "B", "CAN")
    assert made["decision"] == "all_clear" and row(town, "A")["standing"] == "ended"


def test_an_event_cancelled_in_one_place_holds_in_the_other(town: Town) -> None:
    send(town, "A", "NEW", ("WAZ001", "WAZ002"))
    refers = [{"identifier": "A", "sender": "w-nws.webmaster@noaa.gov", "sent": "x"}]
    made = send(town, "B", "CAN", ("WAZ001",), references=refers, messageType="Cancel")
    assert made["decision"] == "part_clear" and "1 条预警生效" in made["why"]
    assert row(town, "A")["standing"] == "in_force"


def test_what_goes_on_in_one_place_and_worse_leaves_the_other_in_force(town: Town) -> None:
    show(town, "A", "NEW", ("WAZ001", "WAZ002"), severity="Moderate")
    send(town, "B", "CON", ("WAZ001",), severity="Extreme")  # both came at one moment
    assert sorted(told(town)) == sorted([WEST_LEADER, EAST_LEADER])
    assert row(town, "A")["standing"] == "in_force"
    assert send(town, "C", "CAN", ("WAZ001",))["decision"] == "part_clear"
    assert told(town).count(EAST_LEADER) == 1, "it holds there"


def test_the_end_of_an_event_we_never_heard_of_troubles_nobody(town: Town) -> None:
    assert send(town, "A", "EXP")["decision"] == "ended"
    assert told(town) == []


def test_a_late_message_of_an_event_that_went_on_is_not_sent(town: Town) -> None:
    send(town, "B", "CAN")
    late = (town.now - timedelta(minutes=5)).isoformat()
    assert send(town, "A", "NEW", minutes=0, sent=late)["decision"] == "superseded"
    assert told(town) == []


def test_a_watch_that_becomes_a_warning_is_replaced_by_it(town: Town) -> None:
    send(town, "A", "NEW", event=WATCH)
    send(town, "B", "UPG")
    assert row(town, "A")["standing"] == "superseded"
    assert row(town, "B")["standing"] == "in_force"


def test_the_same_number_of_another_office_is_another_event(town: Town) -> None:
    send(town, "A", "NEW")
    send(town, "B", "CAN", event="KPQR.FF.W.0001")
    assert row(town, "A")["standing"] == "in_force"


def test_the_same_number_of_another_year_is_another_event(town: Town) -> None:
    send(town, "B", "CAN")
    year_before = (town.now - timedelta(days=300)).isoformat()
    assert send(town, "A", "NEW", sent=year_before)["decision"] == "broadcast"


def test_a_test_ends_no_event(town: Town) -> None:
    send(town, "A", "NEW")
    assert send(town, "B", "CAN", status="Test")["decision"] == "not_actual"
    assert row(town, "A")["standing"] == "in_force"
    late = (town.now - timedelta(minutes=5)).isoformat()
    assert send(town, "C", "NEW", ("WAZ002",), sent=late)["decision"] == "broadcast"


def test_an_update_that_may_not_act_hides_no_message_of_its_event(town: Town) -> None:
    show(town, "A", "NEW")
    send(town, "B", "CON", scope="Restricted")  # both came at one moment
    town.tick(seconds=30)
    assert row(town, "B")["decision"] == "held"
    assert row(town, "A")["decision"] == "broadcast"
    assert told(town) == [WEST_LEADER]

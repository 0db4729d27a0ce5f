"""What is not for a source to say is not told before a human has looked."""

from shapely import box
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from alertcast.dispatch import desk, ingest
from alertcast.dispatch.watch import first_page
from alertcast.simulator.feeds.formats import FORMATS
from alertcast.sources.nmc import Nmc
from alertcast.store import alerts, witnesses
from tests.sources.lists import HUAIJI, nmc_item
from tests.stories import publishers
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, Town, phones

FEED = "http://127.0.0.1:8090/feed/atom.xml"
HERE = {"type": "feed", "url": FEED, "jurisdiction": {"box": [-1, -2, 3, 2]}}
ELSEWHERE = {
    "type": "feed",
    "url": FEED,
    "jurisdiction": {"codes": ["11"], "box": [40, 40, 41, 41]},
}
AT_HOME = box(40.2, 40.2, 40.8, 40.8)  # of the source elsewhere
ANYWHERE = {"type": "feed", "url": FEED}


def held(town: Town) -> list[str | None]:
    with town.db.read() as tx:
        return [one["why"] for one in first_page(town.world, tx, town.now)["held"]]


def swapped(shape: BaseGeometry) -> BaseGeometry:
    return translate(shape, xoff=40, yoff=0)


def test_a_warning_of_its_own_place_is_told(town: Town) -> None:
    town.configure(sources={"inbox": HERE})
    town.warn(IN_EAST)
    assert EAST_LEADER in phones(town.sms)


def test_one_of_another_place_is_held_with_the_reason(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE})
    warned = town.warn(IN_EAST, "red")
    town.tick(minutes=30)
    assert phones(town.sms) == []
    decision, why = town.decision(warned.identifier)
    assert decision == "held"
    assert "来源 inbox：“怀集县”的图形在辖区之外" in why
    assert held(town) == [why]


def test_an_officer_who_has_asked_its_issuer_starts_it(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE})
    town.start(town.warn(IN_EAST))
    assert EAST_LEADER in phones(town.sms)
    assert held(town) == []


def test_one_with_latitude_and_longitude_swapped_is_held(town: Town) -> None:
    town.configure(sources={"inbox": ANYWHERE | {"jurisdiction": {"box": [40, 0, 42, 2]}}})
    warned = Warned("44122441600000_20261226172001", town.now)
    town.publish(cap(warned, info(town.now, _turned(swapped(IN_EAST)), "red")))
    decision, why = town.decision(warned.identifier)
    assert decision == "held"
    assert "经纬度像是写反了" in why


def test_another_source_that_may_say_it_is_enough(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE, "second": ANYWHERE})
    warned = Warned("44122441600000_20261226172001", town.now)
    document = cap(warned, info(town.now, IN_EAST, "orange"))
    town.keep(document)
    town.publish(document, "second")
    assert EAST_LEADER in phones(town.sms)


def test_a_warning_that_is_held_is_told_once_a_source_of_the_place_brings_it(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE, "second": HERE})
    warned = Warned("44122441600000_20261226172001", town.now)
    document = cap(warned, info(town.now, IN_EAST, "orange"))
    town.publish(document)
    assert town.decision(warned.identifier)[0] == "held"
    assert town.publish(document, "second").new
    assert town.decision(warned.identifier)[0] == "broadcast"
    assert EAST_LEADER in phones(town.sms)
    assert held(town) == []
    told = len(town.sms.outbox)
    for source in ("second", "inbox", "third"):
        assert not town.publish(document, source).new
    assert len(town.sms.outbox) == told


def test_the_words_of_the_source_of_the_place_are_told(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE, "second": HERE})
    warned = Warned("any-7", town.now)
    town.publish(cap(warned, info(town.now, IN_EAST, "red")))
    town.publish(cap(warned, info(town.now, IN_WEST, "orange")), "second")
    assert town.levels() == {"西村": "orange"}
    with town.db.read() as tx:
        (found,) = alerts.find(tx, warned.identifier)
        disagree = {one["source"] for one in witnesses.dissents(tx, found)}
    assert disagree == {"inbox"}


def test_a_second_source_of_another_place_releases_nothing(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE, "second": ELSEWHERE})
    warned = Warned("any-7", town.now)
    document = cap(warned, info(town.now, IN_EAST, "red"))
    town.publish(document)
    town.publish(document, "second")
    assert town.decision(warned.identifier)[0] == "held"
    assert phones(town.sms) == []


def test_what_an_officer_has_dismissed_stays_dismissed(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE, "second": HERE})
    warned = Warned("any-7", town.now)
    document = cap(warned, info(town.now, IN_EAST, "red"))
    town.publish(document)
    with town.db.read() as tx:
        (found,) = alerts.find(tx, warned.identifier)
    assert desk.dismiss(town.world, found, "wang", "误报", town.now)
    town.publish(document, "second")
    assert town.decision(warned.identifier)[0] == "dismissed"


def test_what_is_held_for_another_reason_too_stays_held(town: Town) -> None:
    town.configure(sources={"inbox": ELSEWHERE, "second": HERE})
    warned = Warned("any-7", town.now)
    document = cap(warned, info(town.now, IN_EAST, "red")).replace("Public", "Restricted")
    town.publish(document)
    for _ in range(2):
        town.publish(document, "second")
    assert town.decision(warned.identifier)[0] == "held"
    assert "Restricted" in town.decision(warned.identifier)[1]


def test_an_end_that_is_held_ends_it_once_a_source_of_the_place_brings_it(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    end = Warned("44122441600000_20261226182001", town.now)
    document = cap(end, "", msg_type="Cancel", replaces=first)
    town.publish(document, "other")
    assert town.decision(end.identifier)[0] == "held"
    town.publish(document)
    assert town.decision(end.identifier)[0] == "all_clear"


def test_an_end_of_another_place_ends_nothing(town: Town) -> None:
    town.configure(sources={"inbox": HERE})
    first = town.warn(IN_WEST)
    calling = town.last
    town.configure(sources={"inbox": ELSEWHERE})
    end = Warned("44122441600000_20261226182001", town.now)
    infos = info(town.now, IN_WEST, "orange")
    town.publish(cap(end, infos, msg_type="Cancel", replaces=first))
    assert town.decision(end.identifier)[0] == "held"
    assert town.states(calling) == {"西村": "open"}


def test_an_end_of_a_warning_of_another_place_ends_nothing(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    calling, told = town.last, len(town.sms.outbox)
    end = Warned("44122441600000_20261226182001", town.now)
    town.publish(cap(end, "", msg_type="Cancel", replaces=first), "other")
    decision, why = town.decision(end.identifier)
    assert decision == "held"
    assert "来源 other：所更新或解除的预警不归它管，“怀集县”的图形在辖区之外" in why
    assert held(town) == [why]
    assert town.states(calling) == {"西村": "open"}
    assert len(town.in_force()) == 1
    assert len(town.sms.outbox) == told


def test_its_own_source_ends_it_after_all(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    end = Warned("44122441600000_20261226182001", town.now)
    town.publish(cap(end, "", msg_type="Cancel", replaces=first), "other")
    assert town.decision(town.lift(first).identifier)[0] == "all_clear"


def test_the_same_end_by_a_source_of_the_place_ends_it(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    end = Warned("44122441600000_20261226182001", town.now)
    document = cap(end, "", msg_type="Cancel", replaces=first)
    town.keep(document, "other")
    town.publish(document)
    assert town.decision(end.identifier)[0] == "all_clear"


def test_an_officer_who_has_asked_lets_the_end_of_another_place_count(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    end = Warned("44122441600000_20261226182001", town.now)
    town.publish(cap(end, "", msg_type="Cancel", replaces=first), "other")
    assert town.lifts(end, first)
    assert town.decision(end.identifier)[0] == "all_clear"


def test_an_update_at_home_replaces_nothing_of_another_place(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    calling = town.last
    newer = Warned("44122441600000_20261226182001", town.now)
    infos = info(town.now, AT_HOME, "blue")
    town.publish(cap(newer, infos, msg_type="Update", replaces=first), "other")
    assert town.decision(newer.identifier)[0] == "held"
    assert town.states(calling) == {"西村": "open"}
    assert first.sent in town.in_force()


def test_a_storm_that_moves_into_its_place_is_told(town: Town) -> None:
    town.configure(sources={"inbox": HERE})
    outside = town.warn(AT_HOME, "orange")
    assert town.decision(outside.identifier)[0] == "held"
    assert town.decision(town.warn(IN_EAST, "orange", replaces=outside).identifier)[0] == (
        "broadcast"
    )
    assert EAST_LEADER in phones(town.sms)


def test_fuller_words_of_another_place_replace_nothing(town: Town) -> None:
    town.configure(sources={"inbox": HERE, "titles": HERE, "other": ELSEWHERE})
    first = town.warn(IN_WEST)
    publishers.publisher("titles").show("nmc", HUAIJI, nmc_item(HUAIJI))
    address = publishers.simulator("titles").base_url + FORMATS["nmc"].rule
    titles = Nmc.Settings(url=address, region=("4412",))
    ingest.poll(town.world, Nmc("titles", titles), town.now)
    town.tick()
    newer = Warned(HUAIJI, town.now)
    fuller = cap(newer, info(town.now, IN_WEST, "red"), msg_type="Update", replaces=first)
    town.publish(fuller, "other")
    assert body_of(town, newer) == "title"
    assert len(town.in_force()) == 2
    town.publish(fuller)
    assert body_of(town, newer) == "cap"
    assert len(town.in_force()) == 1


def body_of(town: Town, warned: Warned) -> str:
    with town.db.read() as tx:
        return str(alerts.facts(tx, alerts.find(tx, warned.identifier)[0])["body"])


def _turned(shape: BaseGeometry) -> BaseGeometry:
    return type(shape)([(lat, lon) for lon, lat in shape.exterior.coords])

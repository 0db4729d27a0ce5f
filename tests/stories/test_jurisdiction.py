"""What is not for a source to say is not told before a human has looked."""

from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from alertcast.dispatch.watch import first_page
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, Town, phones

HERE = {"type": "folder", "path": "inbox", "jurisdiction": {"box": [-1, -2, 3, 2]}}
ELSEWHERE = {
    "type": "folder",
    "path": "inbox",
    "jurisdiction": {"codes": ["11"], "box": [40, 40, 41, 41]},
}
ANYWHERE = {"type": "folder", "path": "inbox"}


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


def _turned(shape: BaseGeometry) -> BaseGeometry:
    return type(shape)([(lat, lon) for lon, lat in shape.exterior.coords])

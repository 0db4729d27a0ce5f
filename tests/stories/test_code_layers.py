"""A warning that names its place by codes of a scheme that was imported, and by none that was."""

from collections.abc import Mapping
from typing import Any

from alertcast.core.code_places import CodePlace
from alertcast.store import alerts, code_places
from tests.stories.published import Warned, cap, info
from tests.stories.town import EAST_LEADER, IN_EAST, IN_WEST, NOWHERE, WEST_LEADER, Town, phones


def draw(town: Town, *places: CodePlace, sha256: str = "1", scheme: str = "EMMA_ID") -> bool:
    with town.db.write() as tx:
        return code_places.import_scheme(
            tx, scheme, places, sha256=sha256, attribution="", now=town.now
        )


def warn(town: Town, *codes: str, identifier: str = "A-1", scheme: str = "EMMA_ID") -> None:
    words = info(town.now, IN_WEST, "orange")
    named = "".join(
        f"<geocode><valueName>{scheme}</valueName><value>{code}</value></geocode>" for code in codes
    )
    start, end = words.index("<polygon>"), words.index("</polygon>") + len("</polygon>")
    document = cap(Warned(identifier, town.now), words[:start] + named + words[end:])
    town.publish(document)


def row(town: Town, identifier: str = "A-1") -> Mapping[Any, Any]:
    with town.db.read() as tx:
        (found,) = alerts.find(tx, identifier)
        return alerts.facts(tx, found)


def test_only_the_people_within_the_code_are_told(town: Town) -> None:
    assert draw(town, CodePlace("XX001", "West", IN_WEST), CodePlace("XX002", "East", IN_EAST))
    warn(town, "XX001")
    assert WEST_LEADER in phones(town.sms) and EAST_LEADER not in phones(town.sms)


def test_an_unknown_code_goes_to_the_officer(town: Town) -> None:
    draw(town, CodePlace("XX001", "West", IN_WEST))
    warn(town, "XX999")
    assert phones(town.sms) == []
    assert row(town)["decision"] == "held" and "XX999" in row(town)["why"]


def test_a_code_far_away_touches_nobody(town: Town) -> None:
    draw(town, CodePlace("XX003", "Elsewhere", IN_EAST))
    draw(town, CodePlace("XX003", "Elsewhere", NOWHERE), sha256="2")
    warn(town, "XX003")
    assert row(town)["decision"] == "no_grid", "the newest import counts"


def test_the_same_layer_twice_changes_nothing(town: Town) -> None:
    assert draw(town, CodePlace("XX001", "West", IN_WEST))
    assert not draw(town, CodePlace("XX001", "West", IN_WEST))
    with town.db.read() as tx:
        assert [(one["scheme"], one["codes"]) for one in code_places.schemes(tx)] == [
            ("EMMA_ID", 1)
        ]


def test_two_schemes_do_not_mix(town: Town) -> None:
    draw(town, CodePlace("1", "West", IN_WEST))
    draw(town, CodePlace("1", "East", IN_EAST), scheme="NUTS3")
    warn(town, "1", scheme="NUTS3")
    assert EAST_LEADER in phones(town.sms) and WEST_LEADER not in phones(town.sms)

"""The response level (应急响应) is written down with who, when and by which document; once."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from alertcast.core.response import CanNotRespond, Response
from alertcast.dispatch import respond
from alertcast.store import responses
from tests.dispatch.test_at_once import at_once
from tests.stories.town import COUNTY, TOWN, Town, phones

OFFICE, DOCUMENT = "怀集县三防指挥部", "怀三防2026-3号"


def begun(town: Town, level: str, **fields: Any) -> int | None:
    return respond.begin(town.world, decided(town, level, **fields), "wang", town.now)


def decided(town: Town, level: str, **fields: Any) -> Response:
    written = {"kind": "freeze", "area": COUNTY, "place": "怀集县", "office": OFFICE}
    return Response(
        **{"level": level, "document": DOCUMENT, "starts_at": town.now, **written, **fields}
    )


def ended(town: Town, number: int, after: timedelta = timedelta(0)) -> bool:
    return respond.end(
        town.world,
        number,
        at=town.now + after,
        office=OFFICE,
        document="怀三防2026-5号",
        user="li",
        now=town.now,
    )


def holding(town: Town, area: str = "") -> Sequence[tuple[str, str]]:
    with town.db.read() as tx:
        return [(one["level"], one["place"]) for one in responses.in_force(tx, area)]


def test_it_begins_is_raised_and_ends(town: Town) -> None:
    first = begun(town, "IV")
    town.tick(minutes=30)
    second = begun(town, "III", document="怀三防2026-4号")
    assert holding(town) == [("III", "怀集县")]
    assert second is not None
    town.tick(minutes=30)
    assert ended(town, second)
    assert holding(town) == []
    with town.db.read() as tx:
        raised = responses.get(tx, first or 0)
        over = responses.get(tx, second)
    assert raised is not None
    assert over is not None
    assert (raised["ended_at"], raised["end_document"]) == (over["starts_at"], "怀三防2026-4号")
    assert (over["by_user"], over["ended_by"], over["end_document"]) == (
        "wang",
        "li",
        "怀三防2026-5号",
    )
    assert over["ended_at"] == over["starts_at"] + timedelta(minutes=30)
    assert town.audited() == [
        ("wang", "start_response"),
        ("wang", "start_response"),
        ("li", "end_response"),
    ]


def test_twice_is_once(town: Town) -> None:
    number = begun(town, "IV")
    assert begun(town, "IV") is None
    assert holding(town) == [("IV", "怀集县")]
    assert ended(town, number or 0)
    assert not ended(town, number or 0)
    assert not ended(town, 99)
    assert len(town.audited()) == 2


def test_two_officers_at_one_moment_write_it_once(town: Town) -> None:
    one, now = decided(town, "IV"), town.now
    worlds = [town.world, town.world]
    made = at_once([partial(respond.begin, world, one, "wang", now) for world in worlds])
    assert sorted(number is None for number in made) == [False, True]
    assert len(holding(town)) == 1


def test_killed_before_the_commit_nothing_is_written(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(town, "IV")

    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alertcast.store.audit.record", killed)
        with pytest.raises(KeyboardInterrupt):
            begun(town, "III")
    assert holding(town) == [("IV", "怀集县")]
    begun(town, "III")
    assert holding(town) == [("III", "怀集县")]


def test_other_kinds_and_other_places_hold_beside_it(town: Town) -> None:
    begun(town, "IV")
    begun(town, "III", kind="flood")
    begun(town, "II", area=TOWN, place="冷坑镇")
    begun(town, "I", area="441225", place="封开县")
    assert len(holding(town)) == 4
    assert holding(town, TOWN) == [("II", "冷坑镇"), ("III", "怀集县"), ("IV", "怀集县")]


def test_it_is_no_signal_and_calls_nobody(town: Town) -> None:
    warned = town.warn(level="orange")
    begun(town, "IV")
    told = len(phones(town.sms))
    town.lift(warned)
    assert holding(town) == [("IV", "怀集县")]  # an end of a signal ends no response
    assert town.in_force() == []
    assert len(phones(town.sms)) == 2 * told  # the all-clear, and nothing else


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"level": "V"}, "unknown"),
        ({"kind": "cold"}, "unknown"),
        ({"office": " "}, "missing"),
        ({"document": ""}, "missing"),
        ({"document": "一\n二"}, "missing"),
        ({"late": timedelta(hours=1)}, "to_come"),
    ],
)
def test_what_is_not_whole_is_not_written(town: Town, fields: dict[str, Any], rule: str) -> None:
    wish = {"level": "IV", **fields}
    wish["starts_at"] = town.now + wish.pop("late", timedelta(0))
    with pytest.raises(CanNotRespond) as refused:
        begun(town, **wish)
    assert refused.value.rule == rule
    assert holding(town) == []
    assert town.audited() == []


def test_nothing_ends_before_it_began(town: Town) -> None:
    number = begun(town, "IV")
    for wish in (
        lambda: ended(town, number or 0, after=-timedelta(minutes=1)),
        lambda: begun(town, "III", starts_at=town.now - timedelta(minutes=1)),
    ):
        with pytest.raises(CanNotRespond, match="too_early"):
            wish()
    with pytest.raises(CanNotRespond, match="to_come"):
        ended(town, number or 0, after=timedelta(hours=1))
    assert holding(town) == [("IV", "怀集县")]

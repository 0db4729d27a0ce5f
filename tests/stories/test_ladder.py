from tests.stories.town import (
    EAST_LEADER,
    EAST_SECRETARY,
    Town,
    phones,
    SHAPES,
    EAST,
)


def test_only_the_touched_grid_is_told(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    assert sorted(phones(town.sms)) == [EAST_LEADER, EAST_SECRETARY]
    assert "东村" in town.sms.outbox[0].text


def test_nobody_answers_so_both_are_phoned(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    assert phones(town.voice) == []
    town.tick(minutes=11)
    assert sorted(phones(town.voice)) == [EAST_LEADER, EAST_SECRETARY]


def test_pressing_1_stops_the_ladder(town: Town) -> None:
    town.warn(over=SHAPES[EAST].buffer(-0.2))
    town.tick(minutes=11)
    town.press_1(EAST_LEADER)
    assert town.states() == {"东村": "answered"}
    town.tick(minutes=60)
    assert len(town.voice.outbox) == 2

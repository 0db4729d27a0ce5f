"""Yellow at night is a text message only; orange and red ring at any hour."""

from datetime import timedelta

from tests.stories.town import EVENING, IN_EAST, Town, phones

NIGHT = EVENING + timedelta(hours=6)  # 23:20 in Huaiji
BEFORE_TEN = EVENING + timedelta(hours=4)  # 21:20
MORNING = EVENING + timedelta(hours=12, minutes=50)  # 06:10


def test_yellow_at_night_is_sms_only(town: Town) -> None:
    town.now = NIGHT
    town.warn(over=IN_EAST, level="yellow")
    town.tick(minutes=120)
    assert len(phones(town.sms)) == 2
    assert phones(town.voice) == []
    assert town.states() == {"东村": "unreached"}


def test_what_counts_is_the_hour_of_the_call(town: Town) -> None:
    town.now = BEFORE_TEN
    town.warn(over=IN_EAST, level="yellow")
    town.tick(minutes=120)
    assert phones(town.voice) == []


def test_yellow_is_called_once_the_morning_has_come(town: Town) -> None:
    town.now = MORNING
    town.warn(over=IN_EAST, level="yellow")
    town.tick(minutes=60)
    assert len(phones(town.voice)) == 2


def test_red_rings_at_night(town: Town) -> None:
    town.now = NIGHT
    town.warn(over=IN_EAST, level="red")
    assert len(phones(town.voice)) == 4

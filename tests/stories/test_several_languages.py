"""Who speaks several languages is told in the first in which a text is written."""

import pytest

from tests.stories.town import EAST, EAST_LEADER, IN_EAST, Town


@pytest.mark.parametrize(
    ("languages", "text", "call"),
    [
        ("hak,yue,zh-CN", "内部通知", "这位系"),  # nobody writes texts in Hakka: Mandarin it is
        ("ja,yue,zh-CN", "内部通知", "呢度系"),
        ("ja,en,yue", "Internal notice", "This is"),
        ("yue", "内部通知", "呢度系"),
        ("ja,ko", "内部通知", "这里是"),
    ],
)
def test_text_and_call_each_by_what_is_written(
    town: Town, languages: str, text: str, call: str
) -> None:
    town.enrol_in(languages, EAST_LEADER, EAST)
    town.warn(IN_EAST)
    assert text in town.sms.outbox[-1].text
    town.tick(minutes=11)
    assert call in town.pick_up(EAST_LEADER)


def test_the_keys_are_named_in_the_language_of_the_words(town: Town) -> None:
    town.enrol_in("ja,yue,zh-CN", EAST_LEADER, EAST)
    town.warn(IN_EAST)
    town.tick(minutes=11)
    assert "需要帮手请按2" in town.pick_up(EAST_LEADER)


def test_who_calls_back_hears_the_language_of_calls_not_of_the_text(town: Town) -> None:
    town.enrol_in("hak,yue,zh-CN", EAST_LEADER, EAST)
    town.warn(IN_EAST)
    assert "内部通知" in town.sms.outbox[-1].text
    assert "这位系" in town.call_in(EAST_LEADER)
    town.press("1", EAST_LEADER, town.sms)
    assert town.states() == {"东村": "answered"}

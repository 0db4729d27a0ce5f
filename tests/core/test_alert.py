from datetime import UTC, datetime, timedelta, timezone

import pytest

from alertcast.core.alert import Alert, Info

SENT = datetime(2026, 12, 26, 17, 20, tzinfo=timezone(timedelta(hours=8)))
LIFT = "怀集县气象台解除寒冷橙色预警信号"


def alert(identifier="A-1", msg_type="Update", sent=SENT, infos=()):
    return Alert(identifier, "office", sent, "Actual", msg_type, infos=tuple(infos))


def info(language="zh-CN", **words):
    said = {"event": "寒冷", "urgency": "Past", "severity": "Minor", "certainty": "Likely"}
    return Info(language, ("Met",), **(said | words))


def test_the_key_is_the_national_identifier_or_all_three():
    national = "44122441600000_20261226172236"
    assert alert(national).key == alert(f"ALERT_CN_{national}").key == national
    assert alert().key == alert(sent=SENT.astimezone(UTC)).key, "one moment, two offsets"
    assert alert().key != alert(sent=SENT + timedelta(seconds=1)).key


@pytest.mark.parametrize(
    ("languages", "wanted", "found"),
    [
        ([], "zh", []),
        (["en-US", "zh-CN"], "zh", ["zh-CN"]),
        (["en-US", "zh-mo", "zh-Hans-CN"], "zh", ["zh-mo", "zh-Hans-CN"]),
        (["en-US", "zh-tw", "zh-CN"], "zh-CN", ["zh-CN"]),
        (["en_US", "zh_CN"], "zh", ["zh_CN"]),
        (["fr-CA", "en-CA", "fr-FR"], "zh", ["fr-CA", "fr-FR"]),
        (["en-US", "en-GB"], "zh", ["en-US", "en-GB"]),
    ],
)
def test_language_is_matched_exactly_then_by_its_first_part_then_any(languages, wanted, found):
    infos = alert(infos=[info(language) for language in languages]).infos_in(wanted)
    assert [one.language for one in infos] == found


@pytest.mark.parametrize(
    ("msg_type", "infos", "is_end"),
    [
        ("Cancel", [], True),
        ("Cancel", [info()], True),
        ("Alert", [info()], False),
        ("Update", [], False),
        ("Update", [info(response_types=("AllClear",))], True),
        ("Update", [info(response_types=("AllClear",)), info()], False),
        ("Alert", [info(response_types=("AllClear",))], False),
        ("Alert", [info(headline=LIFT)], True),
        ("Update", [info("en-US", headline="lifted"), info(headline=LIFT)], True),
        ("Update", [info(headline=LIFT), info(headline="发布寒冷黄色预警信号")], False),
        ("Update", [info(headline=f"{LIFT}，其余乡镇仍生效")], False),
        ("Update", [info(headline=LIFT, description="冷坑镇解除，其余乡镇继续生效")], False),
        ("Update", [info(headline="解除交通管制")], False),
        ("Ack", [info(headline=LIFT)], False),
    ],
)
def test_what_ends_a_warning(msg_type, infos, is_end):
    assert alert(msg_type=msg_type, infos=infos).is_end() is is_end


@pytest.mark.parametrize(
    "text",
    [
        "解除暴雨橙色预警信号，但仍需注意防范地质灾害。",
        "解除暴雨橙色预警信号后仍请关注最新预警信息。",
        "土壤含水量高，各镇仍有山体滑坡的可能，请防范其他次生灾害。",
        "天气多变更要留意，出行仍须采取有效措施。",
        "我台解除5时02分发布的寒冷橙色预警信号，预警信号不再有效。",
        "怀集县气象台曾发布寒冷橙色预警信号，现予以解除，降水仍较明显。",
        "其它时段多云，早晚仍较冷。",
    ],
)
def test_a_text_that_keeps_no_signal_leaves_a_lift_a_lift(text):
    assert alert(infos=[info(headline=LIFT, description=text)]).is_end()


@pytest.mark.parametrize(
    "text",
    [
        "冷坑镇仍未解除。",
        "马宁镇仍维持原有等级。",
        "其它各镇的信号不作调整。",
        "其他3个镇街照旧。",
        "我县仍处于寒冷黄色预警信号之下。",
        "解除寒冷橙色预警信号，雷雨大风黄色预警信号仍生效。",
        "解除寒冷橙色预警信号，寒冷黄色预警信号继续有效。",
        "寒冷黄色预警信号依然有效。",
        "解除全县寒冷橙色预警信号，改发寒冷黄色预警信号。",
        "解除寒冷橙色预警信号，同时发布马宁镇寒冷黄色预警信号。",
        "将寒冷橙色预警信号变更为黄色。",
        "寒冷预警信号等级有变更。",
        "马宁镇寒冷橙色预警信号维持。",
    ],
)
def test_a_text_that_keeps_a_signal_makes_no_end_of_a_lift(text):
    lift = alert(infos=[info(headline=LIFT, description=text)])
    assert not lift.is_end()
    assert lift.may_be_end()


def test_what_says_the_word_again_and_again_is_read_all_the_same():
    many = "解除预警" * 100_000  # a search from each of them would not end within hours
    assert alert(infos=[info(headline=LIFT, description=many)]).is_end()
    assert alert(infos=[info(headline=many)]).is_end()
    assert not alert(infos=[info(headline=LIFT, description=f"{many}，改发黄色")]).is_end()


@pytest.mark.parametrize(
    ("identifier", "headline", "lifts"),
    [
        ("44122441600000_20261226172236", "Huaiji Observatory lifts the cold warning signal", True),
        ("44122441600000_20261226172236", "Cold orange warning signal is cancelled", True),
        ("44122441600000_20261226172236", "Cold red lifted, cold orange is issued", False),
        ("44122441600000_20261226172236", "Lifted in two towns, remains in the others", False),
        ("44122441600000_20261226172236", "Huaiji Observatory updates cold red", False),
        ("NWS-1", "Flood warning is cancelled", False),
    ],
)
def test_a_lift_in_the_english_of_china_is_an_end(identifier, headline, lifts):
    said = info("en-US", headline=headline)
    assert alert(identifier=identifier, infos=(said,)).is_end() is lifts


@pytest.mark.parametrize(
    ("title", "lifts"),
    [
        ("Huaiji Observatory lifts cold red warning signal", True),
        ("怀集县气象台解除寒冷红色预警信号", True),
        ("怀集县解除冷坑镇寒冷红色预警信号，其余仍生效", False),
        ("Huaiji Observatory issues cold red", False),
        ("", False),
    ],
)
def test_an_index_may_call_a_warning_an_end(title, lifts):
    assert alert(infos=(info(),)).is_lifted_by(title) is lifts
    assert not alert(msg_type="Cancel").is_lifted_by(title)

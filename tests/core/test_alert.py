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

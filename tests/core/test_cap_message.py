"""Alerts written as CAP 1.2."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from alertcast.core.alert import Alert, Area, Circle, Info, Reference
from alertcast.core.cap_message import message, time
from alertcast.core.handed_on import written_anew

AT = datetime(2026, 12, 26, 9, 20, 5, 123456, tzinfo=UTC)
INFO = Info("zh-CN", ("Met",), "寒冷", "Expected", "Extreme", "Likely")
ALERT = Alert("a-1", "observatory", AT, "Actual", "Alert", infos=(INFO,))


def text(alert: Alert) -> str:
    return message(alert).decode()


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (AT, "2026-12-26T09:20:05-00:00"),
        (AT.astimezone(timezone(timedelta(hours=8))), "2026-12-26T17:20:05+08:00"),
        (AT.astimezone(timezone(timedelta(hours=-3, minutes=-30))), "2026-12-26T05:50:05-03:30"),
    ],
)
def test_times_have_no_fraction_and_utc_is_nobodys_local_time(at: datetime, written: str) -> None:
    assert time(at) == written


def test_polygons_come_before_circles_and_geocodes_latitude_first() -> None:
    place = Area(
        "冷坑镇",
        polygons=(((112.0, 23.0), (112.5, 23.0), (112.5, 23.5), (112.0, 23.0)),),
        circles=(Circle(112.25, 23.75, 1.5),),
        geocodes=(("adcode", "441224"),),
    )
    said = text(replace(ALERT, infos=(replace(INFO, areas=(place,)),)))
    assert "<polygon>23,112 23,112.5 23.5,112.5 23,112</polygon>" in said
    assert "<circle>23.75,112.25 1.5</circle>" in said
    assert said.index("<polygon>") < said.index("<circle>") < said.index("<geocode>")


def test_what_the_schema_would_refuse_is_left_out() -> None:
    odd = replace(
        INFO, language="中文", category=("Weather",), headline="寒\x00冷\ud800", web="no address"
    )
    said = text(replace(ALERT, infos=(odd,), references=(Reference("a b", "c", AT),)))
    assert "<language>" not in said
    assert "<category>Other</category>" in said
    assert "<headline>寒冷</headline>" in said
    assert "<web>" not in said
    assert "<references>" not in said


def test_written_anew_it_has_our_name_and_its_own() -> None:
    anew = written_anew(ALERT, "feed@example.org", "怀集三防")
    assert (anew.sender, anew.source, anew.sent) == ("feed@example.org", "observatory", AT)
    assert anew.identifier.endswith(".a-1")
    assert anew.references == (Reference("observatory", "a-1", AT),)
    assert anew == written_anew(ALERT, "feed@example.org", "怀集三防")
    other = replace(ALERT, infos=(replace(INFO, headline="another"),))
    assert written_anew(other, "feed@example.org", "怀集三防").identifier != anew.identifier

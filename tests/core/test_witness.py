import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alertcast.core.alert import Alert, Area, Info
from alertcast.core.hazard import HazardTable
from alertcast.core.witness import Body, differences

HAZARDS = HazardTable.from_mapping(
    tomllib.loads((Path(__file__).parents[2] / "config/hazards.toml").read_text("utf-8"))
)
SENT = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def said(*codes, hazard="cold", level="red", language="zh-CN", scheme="adcode", **envelope):
    areas = tuple(Area("", geocodes=((scheme, code),)) for code in codes)
    info = Info(
        language,
        ("Met",),
        "",
        "Unknown",
        "Unknown",
        "Unknown",
        hazard,
        level,
        areas=areas,
        headline=envelope.pop("headline", None),
    )
    words = {"status": "Actual", "msg_type": "Alert"} | envelope
    return Alert("44122441600000_20261226172236", "x", SENT, **words, infos=(info,))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (said("441224"), said("441224000000", scheme="CPEAS Geographic Code"), []),
        (said("441224"), said("441224101", "441224102"), []),
        (said("441224"), said(), []),
        (said("441200"), said("441224"), []),
        (said("441224"), said("441284"), ["area"]),
        (said("441224"), said("441224", "441284"), ["area"]),
        (said("x1", scheme="UGC"), said("441284"), []),
        (said(), said(level=None), []),
        (said(hazard=None), said(), []),
        (said(), said(level="orange"), ["level"]),
        (said(), said(hazard="rainstorm"), ["hazard"]),
        (said(), said(status="Test"), ["status"]),
        (said(), said(msg_type="Cancel"), ["end"]),
        (said(), said(headline="怀集县气象台解除寒冷红色预警信号"), ["end"]),
        (said(), said(status="Test", level="blue", hazard="fog"), ["status", "hazard", "level"]),
    ],
)
def test_what_contradicts_and_what_is_left_open(one, other, found):
    for kept, new in ((one, other), (other, one)):
        assert [d.what for d in differences(kept, new, HAZARDS, "zh")] == found


def test_a_fuller_body_takes_the_place_of_a_poorer_one_only():
    fuller = {(a, b) for a in Body for b in Body if a.is_fuller_than(b)}
    assert fuller == {(Body.CAP, Body.JSON), (Body.CAP, Body.TITLE), (Body.JSON, Body.TITLE)}

"""The offline call list as facts, as rows, and as CSV."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from alertcast.core.call_list import HEADERS, Callee, CallList, ListError, as_csv, lines, merged

AT = datetime(2026, 12, 26, 9, 20, tzinfo=UTC)


def callee(phone: str = "+8613800000011", **fields: Any) -> Callee:
    known: dict[str, Any] = {
        "name": "陈一",
        "roles": ("党支部书记",),
        "places": ("冷坑镇东村",),
        "level": "橙色",
        "rung": 1,
        "counts": True,
        "answered": False,
    }
    return Callee(phone=phone, **known | fields)


def call_list(*callees: Callee, **fields: Any) -> CallList:
    known: dict[str, Any] = {
        "office": "怀集县三防办",
        "check_number": "0758-5522000",
        "timezone": "Asia/Shanghai",
        "broadcast_id": 7,
        "title": "寒冷橙色预警",
        "mode": "live",
        "county_code": "441224",
        "county": "怀集县",
        "made_at": AT,
        "words": ("橙色：发布寒冷橙色预警信号（怀集县气象台12月26日17时20分发布）",),
        "callees": callees or (callee(),),
    }
    return CallList(**known | fields)


def test_written_and_read_back_is_the_same() -> None:
    found = call_list(callee(), callee("+8613800000012", name="李二", rung=2))
    assert CallList.from_json(found.to_json()) == found


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"callees": 1}', '{"callees": [{"a": 1}]}'])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ListError, match="no call list"):
        CallList.from_json(text)


def test_the_watermark_names_office_broadcast_times_and_who_fetched() -> None:
    mark = call_list().watermark("王值班", AT.replace(hour=15))
    assert mark == ("怀集县三防办 下发7 怀集县 制于2026-12-26 17:20 取用：王值班 2026-12-26 23:20")
    assert call_list(mode="drill").watermark("王", AT).startswith("演练 ")


def test_one_phone_is_one_row_for_all_its_grids_posts_and_owners() -> None:
    once = merged(
        [
            callee(rung=2, level="红色", counts=False),
            callee(places=("冷坑镇西村",), roles=("第一书记",), name="李二", answered=True),
            callee(places=("冷坑镇东村",)),
        ]
    )
    assert once == (
        callee(
            name="陈一、李二",
            roles=("党支部书记", "第一书记"),
            places=("冷坑镇东村", "冷坑镇西村"),
            level="红色",
        ),
    )


def test_who_is_told_first_is_rung_first_and_of_these_whose_answer_counts() -> None:
    desk = callee("+1", rung=3)
    leader = callee("+2", rung=1)
    head = callee("+3", rung=1, counts=False)
    assert [one.phone for one in merged([desk, head, leader])] == ["+2", "+3", "+1"]


def test_rows() -> None:
    found = call_list(callee(), callee("+2", counts=False, answered=True), callee("+3", rung=0))
    first, second, third = lines(found)
    assert first == (
        *("1", "橙色", "冷坑镇东村", "党支部书记", "陈一", "13800000011", "1"),
        *("", ""),
    )
    assert (second[3], second[7]) == ("党支部书记（不代答）", "已应答")
    assert third[6] == ""


def test_csv_carries_the_watermark_on_each_row_and_no_formula() -> None:
    found = call_list(callee(name="=HYPERLINK(1)"), callee("+8613800000012"))
    text = as_csv(found, "wang", AT)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    mark = found.watermark("wang", AT)
    assert rows[0] == ["离线叫应名单", mark]
    assert rows[2] == list(found.words)
    assert rows[3] == [*HEADERS, "水印"]
    assert [row[-1] for row in rows[4:]] == [mark, mark]
    assert (rows[4][4], rows[4][5]) == ("'=HYPERLINK(1)", "13800000011")

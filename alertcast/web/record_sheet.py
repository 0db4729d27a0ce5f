"""A call record in words: the tables that its page, its paper and its files show alike."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from alertcast.core.sheet import Sheet, Table
from alertcast.dispatch.record import Record
from alertcast.store.report_record import PublishedFacts
from alertcast.web.context import desk, world
from alertcast.web.deeds import deed, detail_text
from alertcast.web.show import (
    hazard_name,
    level_name,
    reason_text,
    role_name,
    started_by,
    word,
)
from alertcast.web.words import gettext

Column = tuple[str, float, Callable[[Any], str]]
"""Header, share of the width, and what stands there of a row's facts."""


def sheet_of(record: Record) -> Sheet:
    """Return a record as tables in the language of this page."""
    broadcast = record.facts["broadcast"]
    worlds = [
        gettext("模拟") if desk().is_demo else "",
        gettext("演练") if broadcast["mode"] == "drill" else "",
    ]
    return Sheet(
        title=" · ".join(filter(None, (*worlds, gettext("叫应记录"), broadcast["title"]))),
        mark=mark_of(record),
        notes=tuple(_notes(record)),
        tables=[
            _basics(record),
            _published(record),
            _steps(record),
            _texts(record),
            _grids(record),
            _people(record),
            _calls(record),
            _answers(record),
            _helps(record),
            _relays(record),
        ],
        signatures=(gettext("值班员"), gettext("带班领导"), gettext("日期")),
    )


def mark_of(record: Record) -> str:
    """Return whose copy of which record this is, and its checksum, in one line."""
    said = gettext("{office} · 下发 {id} · {user} 导出于 {at} · 校验码 {checksum}")
    return said.format(
        office=world().config.main.office.name,
        id=record.facts["broadcast"]["id"],
        user=record.made_by,
        at=moment(record.made_at),
        checksum=record.checksum,
    )


def moment(at: datetime | None) -> str:
    """Return a date and time of the office's zone, to the second; "" where there is none."""
    return "" if at is None else f"{world().local(at):%Y-%m-%d %H:%M:%S}"


def _notes(record: Record) -> Iterator[str]:
    if record.is_open:
        yield gettext("含完整姓名和号码，请按规定保管。")
    else:
        yield gettext("姓名和号码已遮挡。")
    if record.facts["area"]:
        yield gettext("只含辖区 {area} 的部分。").format(area=record.facts["area"])
    if record.facts["broadcast"]["state"] not in ("closed", "cancelled"):
        yield gettext("这次下发尚未结束，以后的应答不在其内。")
    yield gettext("校验码是本记录内容的 SHA-256：内容不变，再次导出仍得同一校验码。")


def table(key: str, title: str, facts: Iterable[Any], columns: Iterable[Column]) -> Table:
    """Return a table with a row for each of `facts`."""
    listed = list(columns)
    return Table(
        title=title,
        headers=tuple(name for name, _, _ in listed),
        rows=[tuple(shown(one) for _, _, shown in listed) for one in facts],
        widths=tuple(width for _, width, _ in listed),
        key=key,
    )


def _pairs(
    key: str, title: str, rows: Iterable[tuple[str, ...]], *heads: tuple[str, float]
) -> Table:
    columns = [(name, width, lambda row, at=at: row[at]) for at, (name, width) in enumerate(heads)]
    return table(key, title, rows, columns)


def _number(found: int | None) -> str:
    return "" if found is None else str(found)


def _basics(record: Record) -> Table:
    facts, broadcast = record.facts, record.facts["broadcast"]
    counts, states = facts["counts"], [one["state"] for one in facts["grids"]]
    purpose = f"{word('mode', broadcast['mode'])} · {word('purpose', broadcast['purpose'])}"
    rows = [
        (gettext("下发编号"), str(broadcast["id"])),
        (gettext("标题"), broadcast["title"]),
        (gettext("性质"), purpose),
        (gettext("灾种"), hazard_name(broadcast["hazard"])),
        (gettext("状态"), word("broadcast", broadcast["state"])),
        (gettext("启动者"), started_by(broadcast["created_by"])),
        (gettext("启动时间"), moment(broadcast["created_at"])),
        (gettext("开始叫应"), moment(broadcast["starts_at"])),
        (gettext("有效至"), moment(broadcast["expires_at"])),
        (gettext("结束时间"), moment(broadcast["ended_at"])),
        (gettext("更正了下发"), _number(broadcast["corrects_id"])),
        (gettext("已被更正"), _number(facts["corrected_by"])),
        (gettext("网格总数"), str(len(states))),
        *(
            (word("callout", state), str(states.count(state)))
            for state in ("answered", "unreached", "open", "superseded", "cancelled", "planned")
            if state in states
        ),
        (gettext("应叫人数"), str(counts["total"])),
        (gettext("已告知人数"), str(counts["told"])),
        (gettext("已应答人数"), str(counts["acknowledged"])),
        (gettext("呼叫次数"), str(len(facts["calls"]))),
        (gettext("已通知户"), str(facts["relay"]["households_told"])),
        (gettext("未通知户"), str(facts["relay"]["households_not_told"])),
        (gettext("已通知种植户"), str(facts["relay"]["growers_told"])),
    ]
    said = [row for row in rows if row[1]]
    heads = (gettext("项目"), 1.0), (gettext("内容"), 4.0)
    return _pairs("basics", gettext("基本情况"), said, *heads)


def _published(record: Record) -> Table:
    rows = [row for one in record.facts["published"] for row in _one_published(one) if row[2]]
    heads = (gettext("预警"), 1.5), (gettext("项目"), 0.8), (gettext("内容"), 5.0)
    return _pairs("published", gettext("官方预警原文"), rows, *heads)


def _one_published(one: PublishedFacts) -> Iterator[tuple[str, str, str]]:
    name = one["identifier"]
    issuers = dict.fromkeys(info["issuer"] for info in one["infos"])
    yield name, gettext("发布单位"), "、".join(issuers)
    yield name, gettext("发布时间"), moment(one["sent"])
    yield name, gettext("收到时间"), moment(one["received_at"])
    yield name, gettext("有效至"), moment(one["expires"])
    yield name, gettext("类型"), f"{one['status']} · {one['msg_type']}"
    for heard in one["sources"]:
        said = (heard["source"], moment(heard["since"]), word("signature", heard["signature"]))
        yield name, gettext("来源"), " · ".join(filter(None, (*said, heard["signer"])))
    for info in one["infos"]:
        hazard = hazard_name(info["hazard"]) or info["event"]
        yield name, gettext("等级"), f"{hazard} {level_name(info['level'])}"
        yield name, gettext("标题"), info["headline"] or ""
        yield name, gettext("原文"), info["description"] or ""
        yield name, gettext("防御指引"), info["instruction"] or ""
        yield name, gettext("范围"), "、".join(info["areas"])
        yield name, gettext("数据提供"), " · ".join(info["attributions"])


def _steps(record: Record) -> Table:
    columns: list[Column] = [
        (gettext("时间"), 1.2, lambda one: moment(one["at"])),
        (gettext("何人"), 1.0, lambda one: started_by(one["user"])),
        (gettext("何事"), 1.2, lambda one: deed(one["action"])),
        (gettext("说明"), 4.0, lambda one: detail_text(one["detail"])),
    ]
    return table("steps", gettext("经过"), record.facts["steps"], columns)


def _names(record: Record) -> dict[tuple[str, str, str | None], str]:
    """Return what each text is called in the record: T1, T2 and so on."""
    return {
        (one["template"], one["language"], one["level"]): f"T{number}"
        for number, one in enumerate(record.facts["texts"], 1)
    }


def _texts(record: Record) -> Table:
    names = list(_names(record).values())
    used = list(zip(names, record.facts["texts"], record.worded, strict=True))
    columns: list[Column] = [
        (gettext("用语"), 0.5, lambda one: one[0]),
        (gettext("文本"), 1.2, lambda one: one[2].text_id),
        (gettext("版本"), 1.0, lambda one: one[2].version),
        (gettext("语言"), 0.6, lambda one: one[1]["language"]),
        (gettext("等级"), 0.5, lambda one: level_name(one[1]["level"]) if one[1]["level"] else ""),
        (gettext("消息数"), 0.6, lambda one: str(one[1]["messages"])),
        (gettext("首条原文"), 5.0, lambda one: one[1]["sample"]),
    ]
    return table("texts", gettext("所用文本"), used, columns)


def _grids(record: Record) -> Table:
    def first(one: Any, key: str) -> Any:
        return one["answered_by"][key] if one["answered_by"] else None

    def relayed(one: Any, key: str) -> str:
        return _number(one["relay"][key]) if one["relay"] else ""

    columns: list[Column] = [
        (gettext("县区"), 0.8, lambda one: one["county"]),
        (gettext("镇街"), 0.9, lambda one: one["town"]),
        (gettext("网格"), 1.0, lambda one: one["name"]),
        (gettext("编码"), 1.3, lambda one: one["code"]),
        (gettext("等级"), 0.5, lambda one: level_name(one["level"]) if one["level"] else ""),
        (gettext("状态"), 0.7, lambda one: word("callout", one["state"])),
        (gettext("开始叫应"), 1.2, lambda one: moment(one["opened_at"])),
        (gettext("首次呼叫"), 1.2, lambda one: moment(one["first_call_at"])),
        (gettext("结束时间"), 1.2, lambda one: moment(one["ended_at"])),
        (gettext("应答岗位"), 1.0, lambda one: role_name(first(one, "role") or "")),
        (gettext("应答时间"), 1.2, lambda one: moment(first(one, "at"))),
        (gettext("应答方式"), 0.8, lambda one: word("via", first(one, "via") or "")),
        (gettext("责任人"), 0.6, lambda one: str(one["respondents"])),
        (gettext("已通知户"), 0.6, lambda one: relayed(one, "households_told")),
        (gettext("未通知户"), 0.6, lambda one: relayed(one, "households_not_told")),
        (gettext("已通知种植户"), 0.7, lambda one: relayed(one, "growers_told")),
    ]
    return table("grids", gettext("网格"), record.facts["grids"], columns)


def _people(record: Record) -> Table:
    def said(one: Any, key: str) -> Any:
        return one["answer"][key] if one["answer"] else None

    columns: list[Column] = [
        (gettext("姓名"), 0.8, lambda one: one["name"]),
        (gettext("电话"), 1.5, lambda one: _phones(one)),
        (gettext("岗位"), 1.2, lambda one: _roles(one["roles"])),
        (gettext("负责"), 2.0, lambda one: "、".join(one["places"])),
        (gettext("代答"), 0.5, lambda one: gettext("是") if one["counts"] else gettext("否")),
        (gettext("短信"), 0.5, lambda one: str(one["texts"])),
        (gettext("电话呼叫"), 0.5, lambda one: str(one["calls"])),
        (gettext("人工拨打"), 0.5, lambda one: str(one["dialled"])),
        (gettext("首次呼叫"), 1.2, lambda one: moment(one["first_call_at"])),
        (gettext("情况"), 0.9, lambda one: word("person", one["state"])),
        (gettext("应答"), 0.7, lambda one: word("value", said(one, "value") or "")),
        (gettext("应答时间"), 1.2, lambda one: moment(said(one, "at"))),
        (gettext("应答方式"), 0.8, lambda one: word("via", said(one, "via") or "")),
        (gettext("登记人"), 0.7, lambda one: said(one, "by_user") or ""),
    ]
    return table("people", gettext("应叫人"), record.facts["people"], columns)


def _phones(one: Any) -> str:
    return " / ".join(filter(None, (one["phone"], one["other_phone"])))


def _roles(roles: Iterable[str]) -> str:
    return "、".join(role_name(role) for role in roles)


def _calls(record: Record) -> Table:
    texts = _names(record)

    def text(one: Any) -> str:
        return texts.get((one["template"], one["language"], one["level"]), "")

    columns: list[Column] = [
        (gettext("时间"), 1.2, lambda one: moment(one["at"])),
        (gettext("方式"), 0.6, lambda one: word("kind", one["kind"])),
        (gettext("渠道"), 0.8, lambda one: one["channel"]),
        (gettext("姓名"), 0.7, lambda one: one["name"]),
        (gettext("电话"), 1.4, lambda one: one["phone"]),
        (gettext("性质"), 0.6, lambda one: word("purpose", one["purpose"])),
        (gettext("第几次"), 0.5, lambda one: str(one["n"])),
        (gettext("用语"), 0.4, text),
        (gettext("结果"), 0.9, lambda one: word("attempt", one["state"])),
        (gettext("原因"), 1.2, lambda one: reason_text(one["reason"])),
        (gettext("渠道代码"), 0.6, lambda one: one["code"] or ""),
        (gettext("按键"), 0.4, lambda one: one["key"] or ""),
        (gettext("结果时间"), 1.2, lambda one: moment(one["settled_at"])),
        (gettext("拨打人"), 0.7, lambda one: one["by_user"] or ""),
    ]
    return table("calls", gettext("呼叫明细"), record.facts["calls"], columns)


def _answers(record: Record) -> Table:
    columns: list[Column] = [
        (gettext("时间"), 1.2, lambda one: moment(one["at"])),
        (gettext("姓名"), 0.8, lambda one: one["name"]),
        (gettext("电话"), 1.4, lambda one: one["phone"]),
        (gettext("岗位"), 1.2, lambda one: _roles(one["roles"])),
        (gettext("网格"), 2.5, lambda one: "、".join(one["places"])),
        (gettext("应答"), 0.8, lambda one: word("value", one["value"])),
        (gettext("应答方式"), 0.8, lambda one: word("via", one["via"])),
        (gettext("登记人"), 0.8, lambda one: one["by_user"] or ""),
        (gettext("备注"), 2.0, lambda one: one["note"]),
    ]
    return table("answers", gettext("应答明细"), record.facts["answers"], columns)


def _helps(record: Record) -> Table:
    columns: list[Column] = [
        (gettext("时间"), 1.2, lambda one: moment(one["opened_at"])),
        (gettext("姓名"), 0.8, lambda one: one["name"]),
        (gettext("电话"), 1.4, lambda one: one["phone"]),
        (gettext("岗位"), 1.0, lambda one: role_name(one["role"])),
        (gettext("网格"), 2.0, lambda one: "、".join(one["places"])),
        (gettext("处置情况"), 3.0, lambda one: one["done"] or gettext("未处置")),
        (gettext("处置人"), 0.8, lambda one: one["closed_by"] or ""),
        (gettext("处置时间"), 1.2, lambda one: moment(one["closed_at"])),
    ]
    return table("helps", gettext("求助与处置"), record.facts["help_requests"], columns)


def _relays(record: Record) -> Table:
    columns: list[Column] = [
        (gettext("镇街"), 1.0, lambda one: one["town"]),
        (gettext("网格"), 1.2, lambda one: one["grid"]),
        (gettext("已通知户"), 0.8, lambda one: str(one["households_told"])),
        (gettext("未通知户"), 0.8, lambda one: str(one["households_not_told"])),
        (gettext("已通知种植户"), 0.9, lambda one: _number(one["growers_told"])),
        (gettext("谁报的"), 0.9, lambda one: one["name"]),
        (gettext("岗位"), 1.2, lambda one: role_name(one["role"])),
        (gettext("时间"), 1.2, lambda one: moment(one["at"])),
        (gettext("方式"), 0.8, lambda one: word("via", one["via"])),
        (gettext("登记人"), 0.8, lambda one: one["by_user"] or ""),
        (gettext("现行"), 0.6, lambda one: gettext("是") if one["holds"] else gettext("否")),
    ]
    return table("relays", gettext("转告户数"), record.facts["relays"], columns)

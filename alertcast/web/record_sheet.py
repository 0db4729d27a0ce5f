"""A call record in words: the tables that its page, its paper and its files show alike."""

from collections.abc import Iterable, Iterator

from alertcast.core.sheet import Sheet, Table
from alertcast.dispatch.record import Record
from alertcast.store.report_record import PublishedFacts
from alertcast.store.responses import ResponseFacts
from alertcast.web.context import desk, world
from alertcast.web.deeds import deed, detail_text
from alertcast.web.record_people import tables_of_people, text_names
from alertcast.web.record_table import Column, moment, number, table
from alertcast.web.show import (
    hazard_name,
    level_name,
    started_by,
    word,
)
from alertcast.web.words import gettext


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
            _responses(record),
            _steps(record),
            _texts(record),
            *tables_of_people(record),
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


def _pairs(
    key: str, title: str, rows: Iterable[tuple[str, ...]], *heads: tuple[str, float]
) -> Table:
    columns = [(name, width, lambda row, at=at: row[at]) for at, (name, width) in enumerate(heads)]
    return table(key, title, rows, columns)


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
        (gettext("更正了下发"), number(broadcast["corrects_id"])),
        (gettext("已被更正"), number(facts["corrected_by"])),
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


def _responses(record: Record) -> Table:
    def level(one: ResponseFacts) -> str:
        return f"{word('response', one['kind'])} {word('response_level', one['level'])}"

    columns: list[Column] = [
        (gettext("响应"), 1.2, level),
        (gettext("范围"), 1.2, lambda one: one["place"]),
        (gettext("启动时间"), 1.2, lambda one: moment(one["starts_at"])),
        (gettext("决定单位"), 1.5, lambda one: one["office"]),
        (gettext("文件"), 1.5, lambda one: one["document"]),
        (gettext("登记人"), 0.8, lambda one: one["by_user"]),
        (gettext("终止时间"), 1.2, lambda one: moment(one["ended_at"])),
        (gettext("终止单位"), 1.5, lambda one: one["end_office"] or ""),
        (gettext("终止文件"), 1.5, lambda one: one["end_document"] or ""),
        (gettext("终止登记人"), 0.8, lambda one: one["ended_by"] or ""),
    ]
    return table("responses", gettext("应急响应"), record.facts["responses"], columns)


def _steps(record: Record) -> Table:
    columns: list[Column] = [
        (gettext("时间"), 1.2, lambda one: moment(one["at"])),
        (gettext("何人"), 1.0, lambda one: started_by(one["user"])),
        (gettext("何事"), 1.2, lambda one: deed(one["action"])),
        (gettext("说明"), 4.0, lambda one: detail_text(one["detail"])),
    ]
    return table("steps", gettext("经过"), record.facts["steps"], columns)


def _texts(record: Record) -> Table:
    names = list(text_names(record).values())
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

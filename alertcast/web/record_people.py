"""The tables of a call record that say who was called where, and what each answered."""

from collections.abc import Iterable
from typing import Any

from alertcast.core.sheet import Table
from alertcast.dispatch.record import Record
from alertcast.web.record_table import Column, moment, number, table
from alertcast.web.show import level_name, reason_text, role_name, word
from alertcast.web.words import gettext


def tables_of_people(record: Record) -> list[Table]:
    """Return the tables of grids, people, calls, answers, calls for help, and households told."""
    return [
        _grids(record),
        _people(record),
        _calls(record),
        _answers(record),
        _helps(record),
        _relays(record),
    ]


def text_names(record: Record) -> dict[tuple[str, str, str | None], str]:
    """Return what each text is called in the record: T1, T2 and so on."""
    return {
        (one["template"], one["language"], one["level"]): f"T{number}"
        for number, one in enumerate(record.facts["texts"], 1)
    }


def _grids(record: Record) -> Table:
    def first(one: Any, key: str) -> Any:
        return one["answered_by"][key] if one["answered_by"] else None

    def relayed(one: Any, key: str) -> str:
        return number(one["relay"][key]) if one["relay"] else ""

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
    texts = text_names(record)

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
        (gettext("已通知种植户"), 0.9, lambda one: number(one["growers_told"])),
        (gettext("谁报的"), 0.9, lambda one: one["name"]),
        (gettext("岗位"), 1.2, lambda one: role_name(one["role"])),
        (gettext("时间"), 1.2, lambda one: moment(one["at"])),
        (gettext("方式"), 0.8, lambda one: word("via", one["via"])),
        (gettext("登记人"), 0.8, lambda one: one["by_user"] or ""),
        (gettext("现行"), 0.6, lambda one: gettext("是") if one["holds"] else gettext("否")),
    ]
    return table("relays", gettext("转告户数"), record.facts["relays"], columns)

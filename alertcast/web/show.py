"""How facts look in a template: times, levels, states, roles, reasons, phone links."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, url_for

from alertcast.channels.reasons import REASONS
from alertcast.core.access import may
from alertcast.core.callout import ADDED
from alertcast.store.report_areas import name_of
from alertcast.web.context import desk, me, shared, world
from alertcast.web.ladder import policy_line, policy_name
from alertcast.web.words import gettext, language, mark

STATES: dict[str, Mapping[str, str]] = {
    "broadcast": {
        "draft": mark("草稿"),
        "approval": mark("等待确认"),
        "waiting": mark("即将开始"),
        "running": mark("进行中"),
        "held": mark("恢复后暂停"),
        "closed": mark("已结束"),
        "cancelled": mark("已停止叫应"),
    },
    "purpose": {
        "warning": mark("预警"),
        "all_clear": mark("解除"),
        "part_clear": mark("部分解除"),
        "correction": mark("更正"),
        "desk": mark("内部通知"),
        "test": mark("测试"),
        "help": mark("求助"),
        "confirm": mark("电话请示"),
        "station": mark("驿站询问"),
    },
    "fault": {
        "area": mark("通知范围有误"),
        "level": mark("等级有误"),
        "mistake": mark("误发"),
        "system": mark("系统故障"),
    },
    "mode": {"live": mark("正式"), "drill": mark("演练")},
    "callout": {
        "unreached": mark("未叫通"),
        "open": mark("叫应中"),
        "planned": mark("待启动"),
        "answered": mark("已应答"),
        "superseded": mark("转入新一轮"),
        "cancelled": mark("已停止"),
    },
    "person": {
        "help": mark("求助"),
        "manual": mark("待人工拨打"),
        "failed": mark("失败"),
        "calling": mark("呼叫中"),
        "queued": mark("待发"),
        "no_key": mark("接通未按键"),
        "silent": mark("已发出未应答"),
        "not_yet": mark("未轮到"),
        "answered": mark("已应答"),
        "dropped": mark("不再呼叫"),
    },
    "task": {
        "queued": mark("待发"),
        "leaving": mark("正在发出"),
        "underway": mark("呼叫中"),
        "unsure": mark("结果待核实"),
        "manual": mark("待人工拨打"),
        "answered": mark("已应答"),
        "delivered": mark("已送达"),
        "unanswered": mark("无人应答"),
        "failed": mark("失败"),
        "cancelled": mark("已取消"),
        "expired": mark("已过期"),
    },
    "sms": {"underway": mark("已发出"), "answered": mark("已回复")},
    "attempt": {
        "leaving": mark("正在发出"),
        "unknown": mark("结果未知"),
        "absent": mark("渠道没有收到"),
        "throttled": mark("渠道限流"),
        "refused": mark("渠道拒绝"),
        "withheld": mark("没有发出"),
        "accepted": mark("渠道已受理"),
        "sent": mark("已送出"),
        "connected": mark("已接通"),
        "delivered": mark("已送达手机"),
        "completed": mark("通话已结束"),
        "busy": mark("忙线"),
        "no_answer": mark("无人接听"),
        "machine": mark("语音信箱"),
        "failed": mark("失败"),
        "cancelled": mark("已撤回"),
    },
    "heard": {
        "queued": mark("渠道已受理"),
        "sent": mark("已送出"),
        "delivered": mark("已送达手机"),
        "connected": mark("已接通"),
        "completed": mark("通话已结束"),
        "busy": mark("忙线"),
        "no_answer": mark("无人接听"),
        "machine": mark("语音信箱"),
        "failed": mark("失败"),
        "cancelled": mark("已撤回"),
        "unreadable": mark("看不懂的词"),
    },
    "effect": {
        "applied": mark("已采用"),
        "repeated": mark("重复，没有变化"),
        "late": mark("迟到，没有变化"),
        "contradicts": mark("与先前的结果矛盾，没有采用"),
        "unmatched": mark("不属于任何呼叫"),
        "unreadable": mark("看不懂，只保存"),
        "broken": mark("无法处理，只保存"),
        "waiting": mark("等待处理"),
    },
    "matched_by": {
        "polygon": mark("图形"),
        "circle": mark("圆形"),
        "town shape": mark("所在镇街图形"),
        "grid code": mark("网格编码"),
        "community code": mark("社区编码"),
        "town code": mark("镇街编码"),
        "county code": mark("县区编码"),
        "city code": mark("市编码"),
        "province code": mark("省编码"),
        "officer": mark("值班员指定"),
    },
    "counted_by": {"area": mark("按面积计入"), "part": mark("预警图形的一块在网格内")},
    "place": {
        "grid": mark("网格"),
        "town": mark("镇街"),
        "county": mark("县区"),
        "city": mark("市"),
    },
    "kind": {
        "sms": mark("短信"),
        "voice": mark("电话"),
        "robot": mark("群机器人"),
        "manual": mark("人工拨打"),
    },
    "via": {
        "key": mark("电话按键"),
        "sms": mark("短信回复"),
        "link": mark("链接"),
        "spoken": mark("口头应答"),
    },
    "value": {"1": mark("已知悉"), "2": mark("需要支援")},
    "again": {
        "called": mark("重新呼叫"),
        "sooner": mark("提前呼叫"),
        "by_hand": mark("转人工拨打"),
    },
    "dialled": {
        "no_answer": mark("无人接听"),
        "busy": mark("忙线"),
        "failed": mark("号码有误"),
        "completed": mark("已接通"),
    },
    "role": {
        "viewer": mark("值班查看"),
        "officer": mark("值班员"),
        "approver": mark("带班领导"),
        "admin": mark("管理员"),
        "auditor": mark("审计"),
    },
    "watch": {
        "undecided": mark("预警未处理"),
        "step": mark("叫应滞后"),
        "lease": mark("发送中断未收回"),
        "still": mark("下发停滞"),
        "feed": mark("来源无声"),
        "pull": mark("回执取不回来"),
        "tick": mark("定时任务停止"),
        "worker": mark("发送进程停止"),
        "receipts": mark("回执处理停止"),
        "watch": mark("巡查停止"),
        "beat": mark("外部心跳未送达"),
        "call_list": mark("离线名单未写成"),
        "dissent": mark("来源说法不一"),
        "stalled": mark("来源停滞"),
        "withdrawn": mark("推断解除，待核实"),
        "no_leader": mark("名册缺负责人"),
        "no_duty": mark("无人值班"),
    },
    "log": {
        "note": mark("记事"),
        "handed_over": mark("交班"),
        "taken_over": mark("接班"),
        "began": mark("开始叫应"),
        "ended": mark("叫应结束"),
        "unreached": mark("未叫通"),
        "help": mark("求助"),
        "help_closed": mark("求助处置完毕"),
        "approve": mark("确认下发"),
        "break_glass": mark("紧急放行"),
        "correct": mark("更正"),
        "dismiss": mark("核实后不下发"),
        "lift": mark("作为解除处理"),
        "refuse": mark("电话答复不下发"),
        "restart_channel": mark("恢复渠道"),
        "restore": mark("从备份恢复"),
        "second_source": mark("第二来源证实"),
        "seen": mark("第二人已知悉"),
        "stop": mark("停止叫应"),
    },
    "open": {
        "help": mark("求助"),
        "unreached": mark("未叫通"),
        "nobody": mark("无责任人"),
        "approval": mark("等待确认"),
        "running": mark("进行中"),
        "held": mark("待处理预警"),
        "manual": mark("人工拨打"),
    },
    "within": {
        "5": mark("5 分钟内"),
        "15": mark("15 分钟内"),
        "60": mark("60 分钟内"),
        "later": mark("更晚"),
        "never": mark("没有应答"),
    },
    "drill": {
        "planned": mark("已安排"),
        "begun": mark("已开始"),
        "cancelled": mark("已取消"),
        "missed": mark("错过"),
        "failed": mark("没有开始"),
    },
    "seat": {"desk": mark("值班员"), "leader": mark("带班领导")},
    "flaw": {
        "gap": mark("无人值班"),
        "overlap": mark("两班重叠"),
        "twice": mark("一人同时两班"),
        "unknown": mark("名册里没有此人"),
    },
    "gap": {
        "no_leader": mark("网格没有负责人"),
        "several": mark("一人负责几个网格"),
        "shared": mark("几个人共用号码"),
        "unreached": mark("最近几次都没叫通"),
        "unconfirmed": mark("号码一年没有确认"),
        "ends": mark("岗位快到期，无人接任"),
    },
    "tonight": {
        "open": mark("今晚开放"),
        "asked": mark("已询问，未答复"),
        "closed": mark("今晚不开放"),
        "unknown": mark("还没有确认"),
    },
    "signature": {
        "verified": mark("签名有效"),
        "unsigned": mark("没有签名"),
        "untrusted_key": mark("签名证书不受信任"),
        "invalid": mark("签名无效"),
    },
    "dissent": {
        "status": mark("是否正式"),
        "end": mark("是否解除"),
        "hazard": mark("灾种"),
        "level": mark("等级"),
        "area": mark("区域"),
        "towns": mark("镇街等级"),
    },
    "channel": {
        "works": mark("正常"),
        "unused": mark("还没有用过"),
        "slow": mark("回执迟缓"),
        "failing": mark("连不上，暂停"),
        "stopped": mark("停用"),
    },
    "response": {
        "freeze": mark("防冻应急响应"),
        "flood": mark("防汛应急响应"),
        "wind": mark("防风应急响应"),
        "drought": mark("防旱应急响应"),
        "weather": mark("气象灾害应急响应"),
    },
    "response_level": {
        "I": mark("Ⅰ级"),
        "II": mark("Ⅱ级"),
        "III": mark("Ⅲ级"),
        "IV": mark("Ⅳ级"),
    },
    "standing": {
        "in_force": mark("生效中"),
        "superseded": mark("已被更新"),
        "ended": mark("已解除"),
        "expired": mark("已过有效期"),
    },
}
"""What pages call each code word, in the order in which they list them."""


LEAST_SHARE = 0.01
"""Less of a grid is shown as less than this."""


def install(app: Flask) -> None:
    """Give the templates of `app` what they show facts with."""
    app.jinja_env.globals.update(
        word=word,
        words=STATES,
        level_name=level_name,
        level_keys=lambda: world().config.hazards.ordered,
        hazard_name=hazard_name,
        role_name=role_name,
        policy_name=policy_name,
        policy_line=lambda policy: policy_line(policy, STATES["kind"]),
        area_name=area_name,
        reason_text=reason_text,
        task_word=task_word,
        started_by=started_by,
        said_by=said_by,
        watched=watched,
        differing=differing,
        may=lambda action: may(me(), action, me().area),
        static=lambda name: url_for("static", filename=name),
    )
    app.jinja_env.filters.update(
        at=local_time,
        clock=local_clock,
        moment=local_moment,
        really=real_time,
        day=local_day,
        local_iso=local_iso,
        readable=readable,
        share=share,
    )
    app.context_processor(_every_page)


def word(kind: str, code: str | None) -> str:
    """Return what a code word is called on pages; an unknown one is shown as it is."""
    if code is None:
        return "—"
    known = STATES[kind].get(code)
    return code if known is None else gettext(known)


def share(part: float) -> str:
    """Return a share (0..1) in per cent; what is hardly anything is not shown as nothing."""
    return "<1%" if 0 < part < LEAST_SHARE else f"{part:.0%}"


def task_word(kind: str, state: str) -> str:
    """Return what has become of a message: a text is sent where a call is being made."""
    return word("sms" if kind == "sms" and state in STATES["sms"] else "task", state)


def started_by(name: str) -> str:
    """Return who started a broadcast."""
    return gettext("自动") if name == "scheduler" else name


def said_by(name: str) -> str:
    """Return who said whether a station is open, or let its keeper be asked."""
    return gettext("负责人按键") if name.startswith("phone:") else started_by(name)


def watched(what: str, subject: str) -> str:
    """Return which feed, or which messages, the watch means; nothing where there is one only."""
    if what != "worker":
        return subject
    kind, _, mode = subject.partition(" ")
    return f"{word('kind', kind)} {word('mode', mode)}"


def differing(what: str, said: str) -> str:
    """Return what a witness says of one thing, in the words of pages."""
    if what == "level":
        return level_name(said)
    if what == "towns":
        pairs = (one.rpartition(":") for one in said.split())
        return "、".join(f"{town}{level_name(level)}" for town, _, level in pairs)
    if what == "hazard":
        return "、".join(hazard_name(one) for one in said.split())
    if what == "end":
        return {"end": gettext("解除"), "warning": gettext("预警")}.get(said, said)
    return said


def readable(phone: str) -> str:
    """Return a phone (E.164) as it is dialled and read aloud: 138 0000 0011."""
    national = phone.removeprefix("+86")
    if national == phone or len(national) != 11:
        return phone
    return f"{national[:3]} {national[3:7]} {national[7:]}"


def level_name(level: str | None) -> str:
    """Return the word for a level; a warning without one says so."""
    if level is None:
        return gettext("无颜色")
    known = world().level_names(language()).get(level)
    return level if known is None else known


def hazard_name(hazard: str | None) -> str:
    """Return what people call a hazard."""
    if hazard is None or hazard not in world().config.hazards.hazards:
        return ""
    return world().config.hazards.name(hazard, language())


def role_name(key: str) -> str:
    """Return what a post is called."""
    if key == ADDED:
        return gettext("增派")
    known = world().config.roles.get(key)
    if known is None:
        return key
    return known.en if language() == "en" else known.zh


def reason_text(key: str | None) -> str:
    """Return why something did not reach a person, in the words an officer reads."""
    return gettext(REASONS[key]) if key in REASONS else (key or "")


def local_time(at: datetime | None) -> str:
    """Return date and time in the office's zone, to the minute."""
    return "—" if at is None else f"{world().local(at):%m-%d %H:%M}"


def real_time(at: datetime | None) -> str:
    """Return a moment of real time; where product time is another (a demo), it says so."""
    said = local_time(at)
    return gettext("实际时间 {at}").format(at=said) if at and desk().is_demo else said


def local_day(at: datetime | None) -> str:
    """Return the date in the office's zone."""
    return "—" if at is None else f"{world().local(at):%Y-%m-%d}"


def local_clock(at: datetime | None) -> str:
    """Return the time of day in the office's zone, to the second."""
    return "—" if at is None else f"{world().local(at):%H:%M:%S}"


def local_moment(at: datetime | None) -> str:
    """Return the time of day in the office's zone; with its date before it unless that is today."""
    if at is None or world().local(at).date() == world().local(desk().clock()).date():
        return local_clock(at)
    return local_time(at)


def local_iso(at: datetime) -> str:
    """Return the moment in the office's zone, for scripts."""
    return world().local(at).isoformat()


def area_name() -> str:
    """Return what the user's own area is called; its code where the layer has no such place."""

    def made() -> str:
        with world().db.read() as tx:
            return name_of(tx, me().area)

    return shared("area", made)


def _every_page() -> dict[str, Any]:
    return {"office": world().config.main.office, "is_demo": desk().is_demo, "at": desk().clock()}

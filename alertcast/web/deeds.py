"""What officers did, in words: the actions of the audit, and their details."""

from collections.abc import Mapping
from datetime import datetime

from alertcast.web.code_words import STATES
from alertcast.web.show import local_time, word
from alertcast.web.upload_words import KINDS
from alertcast.web.words import gettext, mark

DEEDS: Mapping[str, str] = {
    "add_person": mark("增派人员"),
    "add_second_factor": mark("启用动态码"),
    "add_shift": mark("增加一班"),
    "add_token": mark("发放令牌"),
    "add_user": mark("新增用户"),
    "answer": mark("登记口头应答"),
    "approve": mark("确认下发"),
    "break_glass": mark("紧急放行"),
    "call_again": mark("再次呼叫"),
    "call_list": mark("取用离线名单"),
    "call_list_offline": mark("断网取用离线名单"),
    "cancel_drill": mark("取消演练"),
    "change_password": mark("修改密码"),
    "change_user": mark("修改用户角色或辖区"),
    "channel_tried": mark("渠道测试结果"),
    "close_help": mark("求助处置完毕"),
    "confirm_round": mark("核对号码的演练"),
    "confirm_end": mark("登记解除"),
    "correct": mark("更正"),
    "dialled": mark("人工拨打未通"),
    "disable_user": mark("停用用户"),
    "discard": mark("删除上传的文件"),
    "dismiss": mark("核实后不下发"),
    "enable_user": mark("启用用户"),
    "end_response": mark("登记响应终止"),
    "export_record": mark("导出叫应记录"),
    "fetch_copy": mark("下载标出问题的副本"),
    "hand_over": mark("交班"),
    "import": mark("导入"),
    "import_stations": mark("导入驿站"),
    "lift": mark("作为解除处理"),
    "log_in": mark("登录"),
    "log_out_everywhere": mark("退出登录"),
    "look_up_name": mark("按姓名查询"),
    "look_up_number": mark("按号码查询"),
    "note": mark("知晓来源说法不一"),
    "plan_shifts": mark("导入值班表"),
    "poll_source": mark("查询来源"),
    "recovery_code": mark("用恢复码登录"),
    "refuse": mark("电话答复不下发"),
    "relay": mark("登记转告户数"),
    "reload_configuration": mark("换用新配置"),
    "remove_second_factor": mark("停用动态码"),
    "remove_shift": mark("撤掉或结束一班"),
    "reread": mark("重新读取文件"),
    "restart_channel": mark("恢复渠道"),
    "restore": mark("从备份恢复"),
    "retention": mark("清理到期数据"),
    "revoke_token": mark("收回令牌"),
    "rotate_key": mark("更换数据密钥"),
    "rotate_key_end": mark("数据密钥更换完毕"),
    "schedule_drill": mark("安排演练"),
    "second_source": mark("第二来源证实"),
    "seen": mark("第二人核对紧急放行"),
    "skip": mark("跳到下一步"),
    "start": mark("启动下发"),
    "start_response": mark("登记应急响应"),
    "station_closed": mark("驿站今晚不开放"),
    "station_open": mark("驿站今晚开放"),
    "stop": mark("停止叫应"),
    "take_over": mark("接班"),
    "try_channel": mark("测试渠道"),
    "unlock_address": mark("解除地址的登录等待"),
    "unlock_user": mark("解除登录等待"),
    "unmask": mark("查看姓名和号码"),
    "upload": mark("上传文件"),
    "use": mark("换用此前的图层"),
    "verify_audit": mark("核对审计记录"),
    "write_note": mark("记一笔"),
    "wrong_passwords": mark("多次输错密码"),
}
"""What each action of the audit is called."""

DETAILS: Mapping[str, str] = {
    "address": mark("网络地址"),
    "again": mark("重新叫应"),
    "area": mark("辖区"),
    "area_before": mark("原辖区"),
    "asked": mark("询问人数"),
    "before": mark("早于"),
    "broadcast": mark("下发编号"),
    "by": mark("按什么计次"),
    "changed": mark("改动"),
    "checksum": mark("校验码"),
    "codes": mark("编码"),
    "correction": mark("更正下发"),
    "county": mark("县区"),
    "days": mark("天数"),
    "digest": mark("配置摘要"),
    "digest_before": mark("原配置摘要"),
    "document": mark("文件"),
    "dropped": mark("未发出"),
    "fault": mark("错在哪里"),
    "form": mark("格式"),
    "gone": mark("已发出"),
    "grids": mark("网格"),
    "held": mark("暂停的下发"),
    "how": mark("怎样"),
    "instead": mark("代替响应"),
    "key": mark("密钥标记"),
    "kind": mark("种类"),
    "left": mark("还剩"),
    "level": mark("级别"),
    "lifted": mark("解除的预警"),
    "lost": mark("找不到的地点"),
    "made_at": mark("备份时间"),
    "mark": mark("文字标记"),
    "mode": mark("正式或演练"),
    "moved": mark("换了编码"),
    "name": mark("名称"),
    "new": mark("新应答"),
    "not_again": mark("未能重新叫应"),
    "noted": mark("条数"),
    "number": mark("号码标记"),
    "office": mark("决定单位"),
    "open": mark("未了的事项"),
    "outcome": mark("结果"),
    "people": mark("人数"),
    "person": mark("人员编号"),
    "posts": mark("岗位"),
    "purpose": mark("性质"),
    "reason": mark("原因"),
    "removed": mark("清除条数"),
    "role": mark("角色"),
    "role_before": mark("原角色"),
    "rows": mark("条数"),
    "seat": mark("值班"),
    "said_at": mark("告知时间"),
    "said_by": mark("告知人"),
    "sessions": mark("登录"),
    "sha256": mark("文件校验码"),
    "shift": mark("班次编号"),
    "shifts": mark("班次"),
    "starts_at": mark("开始"),
    "stations": mark("驿站"),
    "step": mark("步骤"),
    "value": mark("应答"),
    "version": mark("版本"),
    "waiting": mark("等下次启动"),
    "way": mark("登录方式"),
    "whole": mark("是否完整"),
    "why": mark("理由"),
}
"""What each detail is called."""

_WORDS = {
    "how": "again",
    "fault": "fault",
    "mode": "mode",
    "outcome": "dialled",
    "purpose": "purpose",
    "seat": "seat",
    "value": "value",
}
"""Details whose values are code words of `code_words.STATES`; a role may be a user's, or a post."""

_KINDS: Mapping[str, str] = {
    **STATES["kind"],
    **STATES["response"],
    **{kind.value: said for kind, said in KINDS.items()},
}
"""What there are kinds of: messages, responses, files."""


def deed(action: str) -> str:
    """Return what an action is called; one that is not known is shown as it is."""
    known = DEEDS.get(action)
    return action if known is None else gettext(known)


def detail_text(detail: Mapping[str, object]) -> str:
    """Return the details of an action in one line; what says nothing is left out."""
    said = ((key, _value(key, found)) for key, found in detail.items())
    return "；".join(f"{_name(key)} {text}" for key, text in said if text)


def _name(key: str) -> str:
    known = DETAILS.get(key)
    return key if known is None else gettext(known)


def _value(key: str, found: object) -> str:
    if found is None or found == "":
        return ""
    if isinstance(found, list):
        return "、".join(str(one) for one in found)
    if key == "kind" and found in _KINDS:
        return gettext(_KINDS[str(found)])
    if key == "starts_at":
        return local_time(datetime.fromisoformat(str(found)))
    return word(_WORDS[key], str(found)) if key in _WORDS else str(found)

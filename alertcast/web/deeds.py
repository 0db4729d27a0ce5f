"""What officers did, in words: the actions of the audit, and their details."""

from collections.abc import Mapping

from alertcast.web.show import word
from alertcast.web.words import gettext, mark

DEEDS: Mapping[str, str] = {
    "add_second_factor": mark("启用动态码"),
    "add_person": mark("增派人员"),
    "add_token": mark("发放令牌"),
    "add_user": mark("新增用户"),
    "answer": mark("登记口头应答"),
    "approve": mark("确认下发"),
    "call_again": mark("再次呼叫"),
    "call_list": mark("取用离线名单"),
    "call_list_offline": mark("断网取用离线名单"),
    "change_password": mark("修改密码"),
    "change_user": mark("修改用户角色或辖区"),
    "channel_tried": mark("渠道测试结果"),
    "close_help": mark("求助处置完毕"),
    "correct": mark("更正"),
    "dialled": mark("人工拨打未通"),
    "disable_user": mark("停用用户"),
    "dismiss": mark("核实后不下发"),
    "enable_user": mark("启用用户"),
    "end_response": mark("登记响应终止"),
    "export_record": mark("导出叫应记录"),
    "import": mark("导入"),
    "lift": mark("作为解除处理"),
    "log_in": mark("登录"),
    "log_out_everywhere": mark("退出登录"),
    "look_up_name": mark("按姓名查询"),
    "look_up_number": mark("按号码查询"),
    "poll_source": mark("查询来源"),
    "recovery_code": mark("用恢复码登录"),
    "refuse": mark("电话答复不下发"),
    "relay": mark("登记转告户数"),
    "remove_second_factor": mark("停用动态码"),
    "reload_configuration": mark("换用新配置"),
    "reread": mark("重新读取文件"),
    "restart_channel": mark("恢复渠道"),
    "restore": mark("从备份恢复"),
    "retention": mark("清理到期数据"),
    "revoke_token": mark("收回令牌"),
    "second_source": mark("第二来源证实"),
    "skip": mark("跳到下一步"),
    "start": mark("启动下发"),
    "start_response": mark("登记应急响应"),
    "stop": mark("停止叫应"),
    "try_channel": mark("测试渠道"),
    "unlock_address": mark("解除地址的登录等待"),
    "unlock_user": mark("解除登录等待"),
    "unmask": mark("查看姓名和号码"),
    "verify_audit": mark("核对审计记录"),
    "wrong_passwords": mark("多次输错密码"),
}
"""What each action of the audit is called."""

DETAILS: Mapping[str, str] = {
    "address": mark("网络地址"),
    "again": mark("重新叫应"),
    "area": mark("辖区"),
    "area_before": mark("原辖区"),
    "before": mark("早于"),
    "by": mark("按什么计次"),
    "changed": mark("改动"),
    "checksum": mark("校验码"),
    "correction": mark("更正下发"),
    "county": mark("县区"),
    "days": mark("天数"),
    "digest": mark("配置摘要"),
    "digest_before": mark("原配置摘要"),
    "dropped": mark("未发出"),
    "fault": mark("错在哪里"),
    "form": mark("格式"),
    "gone": mark("已发出"),
    "grids": mark("网格"),
    "left": mark("还剩"),
    "how": mark("怎样"),
    "lifted": mark("解除的预警"),
    "mode": mark("正式或演练"),
    "name": mark("名称"),
    "new": mark("新应答"),
    "not_again": mark("未能重新叫应"),
    "number": mark("号码标记"),
    "outcome": mark("结果"),
    "people": mark("人数"),
    "person": mark("人员编号"),
    "purpose": mark("性质"),
    "reason": mark("原因"),
    "removed": mark("清除条数"),
    "role": mark("角色"),
    "role_before": mark("原角色"),
    "rows": mark("条数"),
    "sessions": mark("登录"),
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
    "value": "value",
}
"""Details whose values are code words of `code_words.STATES`; a role may be a user's, or a post."""


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
    return word(_WORDS[key], str(found)) if key in _WORDS else str(found)

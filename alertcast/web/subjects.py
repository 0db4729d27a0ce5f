"""What the audit is about, in words: `broadcast:7` is 下发 #7."""

from collections.abc import Mapping

from alertcast.web.words import gettext, mark

SUBJECTS: Mapping[str, str] = {
    "address": mark("网络地址 {n}"),
    "alert": mark("预警 {n}"),
    "audit": mark("审计记录"),
    "broadcast": mark("下发 {n}"),
    "channel": mark("渠道 {n}"),
    "codes": mark("编码 {n}"),
    "configuration": mark("配置"),
    "database": mark("数据库"),
    "drill": mark("演练 {n}"),
    "duty": mark("值班 {n}"),
    "handover": mark("交班 {n}"),
    "help": mark("求助 {n}"),
    "layer": mark("网格图层 {n}"),
    "manual": mark("人工拨打"),
    "name": mark("姓名标记 {n}"),
    "note": mark("值班记录 {n}"),
    "number": mark("号码标记 {n}"),
    "quarantine": mark("无法读取的文件 {n}"),
    "record": mark("叫应记录 {n}"),
    "response": mark("应急响应 {n}"),
    "roster": mark("名册 {n}"),
    "source": mark("来源 {n}"),
    "station": mark("驿站 {n}"),
    "stations": mark("驿站"),
    "token": mark("令牌 {n}"),
    "upload": mark("上传文件 {n}"),
    "user": mark("用户 {n}"),
}
"""What each kind of subject is called."""


def subject_text(subject: str, users: Mapping[int, str] | None = None) -> str:
    """Return what a subject is called; one of an unknown kind is shown as it is.

    `users`: names by id, where a user is to be named.
    """
    kind, _, which = subject.partition(":")
    if kind not in SUBJECTS:
        return subject
    if which.isdecimal():
        name = (users or {}).get(int(which), "") if kind == "user" else ""
        which = f"#{which} {name}"
    return gettext(SUBJECTS[kind]).format(n=which).strip()


def subject_of(text: str) -> str:
    """Return the subject that is called so; any other text as it is."""
    for kind, said in SUBJECTS.items():
        for pattern in (gettext(said), said):
            before, slot, _ = pattern.lower().partition("{n}")
            which = text.lower().removeprefix(before.strip())
            if slot and which != text.lower() and which[:1] in (" ", "#"):
                return f"{kind}:{text[-len(which) :].strip().removeprefix('#').split(' ')[0]}"
            if text.lower() == pattern.lower():
                return kind
    return text

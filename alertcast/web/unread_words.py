"""Why a document or an answer of a source could not be read, as an officer reads it.

The readers speak English, for whoever has to mend it; their words stand behind ours.
"""

import re

from alertcast.web.words import gettext, mark

UNREADABLE = {
    "empty": mark("没有内容"),
    "empty_feed": mark("列表是空的"),
    "html": mark("收到的是网页，不是预警"),
    "problem_json": mark("对方答复的是出错信息"),
    "not_ok": mark("对方答复的是出错信息"),
    "not_xml": mark("XML 不完整或写法不对"),
    "not_json": mark("JSON 不完整或写法不对"),
    "doctype": mark("含有不允许的声明（DTD），可能有恶意"),
    "too_deep": mark("层次过深，可能有恶意"),
    "too_large": mark("过大"),
    "no_alert": mark("里面没有预警"),
    "index_only": mark("只有目录，没有预警正文"),
    "no_list": mark("对方的格式变了，找不到预警列表"),
    "not_kept": mark("读出来了，但没能保存"),
    "unknown_word": mark("有不认识的用语"),
    "unreadable_file": mark("文件打不开"),
}
"""What a reader's code says; for any other, how it begins does."""

UNKNOWN = mark("读不出来")
"""What a code says that is none of these."""

BEGINNINGS = {
    "not_": mark("不是约定的格式"),
    "unknown_": mark("不是约定的格式"),
    "no_": mark("缺少必须有的内容"),
    "bad_": mark("有的内容写法不对"),
}
"""What it says by how it begins, the first that fits."""

POLLS = (
    (r"Timeout|timed out|not complete after", mark("没有及时答复")),
    (r"answered (429|503)", mark("对方很忙")),
    (r"answered (401|403)", mark("对方不让访问，请检查密钥")),
    (r"answered 404", mark("地址不对或已停用")),
    (r"answered \d{3}|: status ", mark("对方出错")),
    (r"SSL|[Cc]ertificate", mark("对方的证书不可信")),
    (r"Connection|resolve|getaddrinfo|Protocol|RemoteDisconnected", mark("连不上")),
    (r"private address|redirects", mark("转到了不允许的地址")),
    (r"larger than", mark("答复过大")),
    (r"not readable as JSON", mark("JSON 不完整或写法不对")),
    (r"not well-formed XML", mark("XML 不完整或写法不对")),
)
"""What the words of a failed poll say, the first that is found."""


def unreadable(code: str) -> str:
    """Return what a reader's code says of a document it refused."""
    begins = (said for start, said in BEGINNINGS.items() if code.startswith(start))
    return gettext(UNREADABLE.get(code) or next(begins, UNKNOWN))


def poll_failure(detail: str) -> str:
    """Return what the words of a failed poll say; "" if that is not known."""
    found = [said for pattern, said in POLLS if re.search(pattern, detail)]
    return gettext(found[0]) if found else ""

"""The title that stands in brackets at the head of a text: [广宁分镇暴雨橙色预警]过去3小时..."""

import re

from alertcast.core.folding import fold

_TITLE = re.compile(
    r"(?:\[[^\[\]。;]{1,60}\])+"
    r"(?![、,/|和及与以]|升|降|变更为|调整|继续|仍|维持|生效|解除|取消|停止|扩|已|正在|由|从|自|在|的|于)"
)
_OF_A_WARNING = re.compile(r"预警|警报|信号")


def split_title(text: str) -> tuple[str, str]:
    """Return the title at the head of a text, or "", and the text after it.

    Brackets are a title if they speak of a warning and no sentence goes on after them.
    """
    folded = fold(text)
    match = _TITLE.match(folded.text)
    if match is None or not _OF_A_WARNING.search(match.group()) or match.end() == len(folded.text):
        return "", text
    at = folded.places[match.end()]
    return text[:at], text[at:]

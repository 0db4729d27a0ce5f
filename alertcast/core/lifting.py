"""Whether a headline lifts a signal (解除), and the text keeps none of it in force.

Chinese feeds have no fixed CAP form for a lift: it is said in words. A partial one (其余仍生效) is
no end. Only what is said of a signal counts: 仍需注意防范, 其他次生灾害 and 天气变更 keep nothing.
"""

import re

_LIFTS = re.compile(r"解除[^，。；]{0,40}(?:预警|預警|信号)")
_ISSUES = re.compile("发布|签发")
_IN_ENGLISH = re.compile(r"\b(?:lift|cancel|remov|clear)(?!ance)", re.IGNORECASE)
_STILL_IN_ENGLISH = re.compile(
    r"\b(?:remain|continu|still|other|rest|issu|upgrad|downgrad|updat|chang)", re.IGNORECASE
)

_COLOUR = "[红橙黄蓝白]色"
_SIGNAL = rf"(?:预警|信号|{_COLOUR})"
_HOLDS = "(?:(?<!不再)(?:生效|有效)(?!期|措施|防)|维持|执行|不变|未解除)"
_HERE = "[^，。；,;\n]"  # whatever stands in the same clause
_GUIDES = "(?!然?(?:需|须|要|请|应|会|可|有))"  # 仍需关注预警信息
_STILL = re.compile(
    rf"其余|其[他它]的?(?:各|[\d一二两三四五六七八九十]+个?)?(?:乡|镇|街|县|市|区(?!间)|地[区方])"
    rf"|继续(?:生效|有效|发布|维持|执行)|升级|降级"
    rf"|(?:仍|依然){_HERE}{{0,16}}?{_HOLDS}|仍{_GUIDES}{_HERE}{{0,16}}?{_SIGNAL}"
    rf"|变更(?:发布|为|至|到|成)|变更{_HERE}{{0,16}}?{_SIGNAL}|{_SIGNAL}{_HERE}{{0,16}}?变更"
    rf"|{_SIGNAL}{_HERE}{{0,6}}?{_HOLDS}"
)
_ISSUES_COLOUR = re.compile(rf"(?:发布|签发|改发|改为|转为)(?!的){_HERE}{{0,16}}?{_COLOUR}")


def says_lifted(headline: str) -> bool:
    """Say whether a headline lifts a signal, and issues no other: wholly, or in some places."""
    issues = any(_ISSUES.search(_after_lift(line)) for line in headline.split("\n"))
    return bool(_LIFTS.search(headline)) and not issues


def is_lifted(headline: str, text: str = "") -> bool:
    """Say whether a headline lifts a signal, and neither it nor the text keeps or issues one."""
    return says_lifted(headline) and not (_goes_on(headline) or _goes_on(text))


def is_lifted_in_english(text: str) -> bool:
    """Say whether the English words of a Chinese publisher lift a signal, and keep none."""
    return bool(_IN_ENGLISH.search(text)) and not _STILL_IN_ENGLISH.search(text)


def _goes_on(said: str) -> bool:
    return bool(_STILL.search(said) or _ISSUES_COLOUR.search(_after_lift(said)))


def _after_lift(said: str) -> str:
    """Return what follows the first 解除; looked for from each of many it would take for ever."""
    return said.partition("解除")[2]

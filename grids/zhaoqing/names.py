"""Names, phones and languages of people who do not exist.

Everything is drawn from one seed. Phones are of the +86 154 range, which is allocated to nobody.
"""

from collections.abc import Iterator
from random import Random

SURNAMES = "陈李黄梁张林罗何刘吴谭邓莫植钱孔高郑冯徐苏欧卢谢程龙邱江石周杨叶钟伍曾麦区赖温蔡潘曹严"
GIVEN = (
    "伟强明华志勇军建国平文斌波辉杰健峰海涛俊宇浩飞鹏鑫龙刚毅亮超金水木火土根生旺富贵添福泰安"
    "丽芳娟敏静燕玲红霞梅兰英秀珍凤琴艳萍雪莲彩月容桂婷洁琳颖欣怡思雅慧佳倩妙群锦焕炳耀荣昌坤"
)
LANGUAGES = (("zh-CN", 0.84), ("yue-HK", 0.12), ("hak", 0.04))  # BCP 47, share of the people

QUARTER_FIRST = (
    "翠竹",
    "星岩",
    "锦绣",
    "阳光",
    "湖滨",
    "江景",
    "桂花",
    "绿茵",
    "富民",
    "新兴",
    "东升",
    "西苑",
    "南园",
    "北岭",
    "御景",
    "和顺",
    "康乐",
    "百合",
    "紫荆",
    "金桥",
    "春晖",
    "静安",
    "荔枝",
    "砚都",
    "绥江",
    "龙腾",
    "祥和",
    "文昌",
    "书香",
    "朝阳",
)
MANAGED = ("花园", "雅苑", "名庭", "豪庭", "华府", "新城")  # have a property company
UNMANAGED = ("大院", "小区", "新村", "宿舍", "巷片", "旧街")  # have none

_PHONES = 100_000_000  # +86 154 is followed by eight digits
_STRIDE = 61_803_399  # prime to the number of phones: each comes up once


def people_names(rng: Random) -> Iterator[str]:
    """Yield names without end; some occur twice, as names do."""
    while True:
        given = "".join(rng.sample(GIVEN, 1 if rng.random() < 0.2 else 2))
        yield rng.choice(SURNAMES) + given


def phones() -> Iterator[str]:
    """Yield E.164 phones of the unallocated +86 154 range, none twice."""
    for number in range(1, _PHONES):
        yield f"+86154{number * _STRIDE % _PHONES:08d}"


def languages(rng: Random) -> Iterator[str]:
    """Yield the language in which somebody wants to be told, BCP 47."""
    tags = [tag for tag, _ in LANGUAGES]
    shares = [share for _, share in LANGUAGES]
    while True:
        yield rng.choices(tags, shares)[0]


def quarter_names(rng: Random, managed: bool) -> Iterator[str]:
    """Yield names of quarters, each once: 翠竹花园 with, 东升大院 without property management."""
    seconds = MANAGED if managed else UNMANAGED
    names = [first + second for first in QUARTER_FIRST for second in seconds]
    rng.shuffle(names)
    yield from names

"""Chinese text in one form, so that it can be read: widths, spacing, marks, traditional characters.

Each character of the folded text knows where it stood, so that a sentence can be quoted as it was.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_TRADITIONAL = str.maketrans(
    "鎮鄉縣區將級為紅黃藍預號發佈變繼續餘擴維與調陸應響報訊災個嶺屆範圍內處辦"
    "馬寧羅賓甘洽鐘詩橋連帥懷廣封開德慶會鳳崗蓮莊潭漁澇莫悅長裝興壩邏涼龍圩雲塘臺渡蜆祿樂"
    "氣颱風電凍結冰霧霾旱熱溫強濕寒潮漲確現麥東屬華獨隨當體該們後時間單達緊臨島岡"
    "業兩嚴豐僅從傳兒關決減務動國壟塵壯頭實審對帶並併張執揮擬據擇無暫術機來橫極灣漬點瑤暢監蓋積簽"
    "係繫終經給聯慮視覺規計許諸請貞質資轉較輸轄運還這進適逕裡裏針銷閉閘際險頻別農衛啟啓場戶護斷測"
    "滯學車設備組織責員眾專園灘論證認識課誤過遠選邊門問陣階難順須驗樹數條標壓廳歷團壞復複歸錄總戰"
    "損顯滿燈滅愛離種穩紀約線練細統綜編緩縮罰營襲見觸記訪評譯話語謹負敗貨貫費趨踐軌軟輔遲鄰釋鐵錯"
    "鍵隊陽陰飛駐駕齊",
    "镇乡县区将级为红黄蓝预号发布变继续余扩维与调陆应响报讯灾个岭届范围内处办"
    "马宁罗宾甘洽钟诗桥连帅怀广封开德庆会凤岗莲庄潭渔涝莫悦长装兴坝逻凉龙圩云塘台渡蚬禄乐"
    "气台风电冻结冰雾霾旱热温强湿寒潮涨确现麦东属华独随当体该们后时间单达紧临岛冈"
    "业两严丰仅从传儿关决减务动国垄尘壮头实审对带并并张执挥拟据择无暂术机来横极湾渍点瑶畅监盖积签"
    "系系终经给联虑视觉规计许诸请贞质资转较输辖运还这进适迳里里针销闭闸际险频别农卫启启场户护断测"
    "滞学车设备组织责员众专园滩论证认识课误过远选边门问阵阶难顺须验树数条标压厅历团坏复复归录总战"
    "损显满灯灭爱离种稳纪约线练细统综编缓缩罚营袭见触记访评译话语谨负败货贯费趋践轨软辅迟邻释铁错"
    "键队阳阴飞驻驾齐",
)
_MARKS = str.maketrans(
    {
        **dict.fromkeys("「」『』“”\u2018\u2019\"'《》〈〉*#◆●■▲★☆", ""),
        **dict.fromkeys("【\u3014〖{", "["),
        **dict.fromkeys("】\u3015〗}", "]"),
        **dict.fromkeys("‧•・∙", "·"),
        "｡": "。",
        "—": "-",
        "–": "-",
        "\uff5e": "-",
        "~": "-",
    }
)
_ITEM = re.compile(
    r"[红橙黄蓝白]色?(?:预警)?(?:信号)?:|[(]?\d{1,2}[)、.](?!\d)|[(]?[一二三四五六七八九十][)、.]"
    r"|(?:预警|生效|影响|发布)(?:区域|范围|乡镇|镇街|等级|级别|信号):|其余|其他"
)
_GOES_ON = frozenset("、,和及与将对为")  # a line that ends so goes on in the next
_ENDS = re.compile(r"[。;!?]")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in its one form."""

    text: str
    places: tuple[int, ...]  # where each character stood in `original`
    original: str

    def quote(self, start: int, end: int) -> str:
        """Return the original words from `start` up to `end` of the folded text."""
        if start >= end:
            return ""
        return self.original[self.places[start] : self.places[end - 1] + 1].strip()

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Yield where each sentence begins and ends; its end mark belongs to it."""
        start = 0
        for match in _ENDS.finditer(self.text):
            if match.start() > start:
                yield start, match.end()
            start = match.end()
        if start < len(self.text):
            yield start, len(self.text)


def fold(original: str) -> Folded:
    """Return `original` in its one form. Folding what was folded changes nothing."""
    characters: list[str] = []
    places: list[int] = []
    for number, raw in enumerate(original):
        if raw in "\n\r":
            characters.append("\n")
            places.append(number)
            continue
        shown = unicodedata.normalize("NFKC", raw).translate(_TRADITIONAL).translate(_MARKS)
        for one in shown:
            if not one.isspace() and unicodedata.category(one)[0] not in "CM":
                characters.append(one)
                places.append(number)
    kept = _lines(characters)
    return Folded("".join(characters[n] for n in kept), tuple(places[n] for n in kept), original)


def _lines(characters: list[str]) -> list[int]:
    """Return which characters stay; a line break is a semicolon where it ends an item of a list."""
    text = "".join(characters)
    kept: list[int] = []
    for number, one in enumerate(characters):
        if one != "\n":
            kept.append(number)
            continue
        rest = text[number:].lstrip("\n")
        before = characters[kept[-1]] if kept else ""
        is_blank = text[number : number + 2] == "\n\n"
        if before and before not in _GOES_ON and (is_blank or _ITEM.match(rest[:12])):
            characters[number] = ";"
            kept.append(number)
    return kept

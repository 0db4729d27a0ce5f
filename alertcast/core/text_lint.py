"""Whether texts may go out as they are written: what they must say, must not, and their length.

A warning names its issuer, time, place and what to do. Texts about cold name carbon monoxide and
icy roads. A notice of ours never looks like an official signal, and nothing of ours ever asks for
money or codes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alertcast.core.hazard import HazardTable
from alertcast.core.refusal import Sentence, sentence
from alertcast.core.segments import segments, spoken_seconds
from alertcast.core.text_example import Example, example_slots
from alertcast.core.wording import Texts, slots_of

KINDS = ("sms", "voice", "script", "copy")
"""What a text may be for: a message, a call, the loudspeakers, a group chat."""

_OFFICE = frozenset({"office", "check", "check_spoken"})
_OFFICIAL = frozenset({"headline", "issuer", "time", "hazard", "level", "begins"})
_OURS = frozenset({"places", "towns", "advice", "public", "answer"})
_NEAR = frozenset({"stations"})

SLOTS: Mapping[str, frozenset[str]] = {
    "warning": _OFFICE | _OFFICIAL | _OURS | _NEAR | {"also"},
    "also": _OFFICIAL,
    "begins": frozenset({"onset"}),
    "together": _OFFICE | _OFFICIAL | _OURS | _NEAR | {"relays"},
    "all_clear": _OFFICE | _OFFICIAL | _OURS,
    "part_clear": _OFFICE | _OFFICIAL | _OURS,
    "downgrade": _OFFICE | _OFFICIAL | _OURS,
    "lifted": frozenset({"headline"}),
    "lifted_by_word": frozenset({"headline", "time"}),
    "correction": _OFFICE | _OURS | {"text", "time"},
    "corrected": _OFFICIAL | {"detail", "areas"},
    "desk": _OFFICE | _OURS | {"text", "time"},
    "confirm": _OFFICE | _OFFICIAL | {"why", "otherwise", "doubts", "who", "grids"},
    "station": _OFFICE | {"stations"},
    "nearest": frozenset({"stations", "name", "at", "far", "hours", "beds"}),
    "help": _OFFICE | {"places", "who", "phone", "advice", "public", "answer"},
    "answer": frozenset({"link"}),
    "advice": frozenset(),
    "public": frozenset(),
}
"""The slots that texts of a purpose may have. Those of `voice` are known to the channel."""

REQUIRED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "warning": {
        "发布单位 issuer": frozenset({"issuer"}),
        "发布时间 time": frozenset({"time"}),
        "地点 place": frozenset({"places", "towns"}),
        "行动 action": frozenset({"advice", "public"}),
        "原文 headline": frozenset({"headline"}),
        "核实电话 check number": frozenset({"check", "check_spoken"}),
    },
    "all_clear": {
        "发布单位 issuer": frozenset({"issuer"}),
        "发布时间 time": frozenset({"time"}),
        "原文 headline": frozenset({"headline"}),
    },
    "part_clear": {
        "发布单位 issuer": frozenset({"issuer"}),
        "发布时间 time": frozenset({"time"}),
        "地点 place": frozenset({"places", "towns"}),
        "原文 headline": frozenset({"headline"}),
    },
    "downgrade": {
        "发布单位 issuer": frozenset({"issuer"}),
        "发布时间 time": frozenset({"time"}),
        "地点 place": frozenset({"places", "towns"}),
        "原文 headline": frozenset({"headline"}),
    },
    "correction": {"内容 text": frozenset({"text"})},
    "desk": {"内容 text": frozenset({"text"}), "地点 place": frozenset({"places", "towns"})},
}
"""What a text of a purpose must say, and the slots of which one says it."""

LONGEST_TEXT = 500  # characters of an SMS with its signature: more is refused by providers
LONGEST_COPY = 1000  # characters of a message for a group chat
LONGEST_CALL = 100.0  # seconds of one round of a call
LONGEST_SCRIPT = 180.0  # seconds of one reading of a loudspeaker script

COLD = "cold"
"""The hazard family whose texts must warn of what people die of in the cold."""

_DEADLY = {
    "一氧化碳 carbon monoxide": re.compile(r"一氧化碳|carbon monoxide", re.IGNORECASE),
    "道路结冰 icy roads": re.compile(r"结冰|結冰|路滑|\bic[ey]", re.IGNORECASE),
}
_MONEY = re.compile(
    r"转账|转帐|汇款|付款|缴费|打款|红包|钱|验证码|密码|银行卡|身份证号"
    r"|\bmoney\b|\bcodes?\b|\bpassword|\bpay\b|\btransfer\b",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"不会|不要|不得|不向|切勿|唔会|唔好|毋会|毋好|\bnever\b|\bnot\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"[。！？；!?;\n]|\. ")
_COLOUR = "[红橙黄蓝白紅黃藍]色"
_SIGNAL = re.compile(
    rf"预警信号|預警信號|{_COLOUR}\w{{0,6}}?(?:预警|預警|警报|警報|信号|信號|级别|等级)"
    rf"|(?:预警|預警|警报|警報|信号|信號|级别|等级|升级|降级|升为|降为|发布)\w{{0,6}}?{_COLOUR}"
    r"|\b(?:red|orange|yellow|blue|white)\s+(?:\w+\s+)?(?:warning|alert|signal)",
    re.IGNORECASE,
)
_DRILL = re.compile(r"演[练練习習]|\bdrill\b", re.IGNORECASE)
_NO_DRILL = re.compile(
    r"(?:不是|并非|並非|不属于|不屬於|(?<!除)非)\w{0,2}演[练練习習]"
    r"|\b(?:not|no|isn.t)\s+(?:an?\s+)?drill\b",
    re.IGNORECASE,
)

_EMPTY_SLOT = re.compile(r"\{[^{}]*\}")
"""A slot of a template that nobody has filled in: 从{时间}起开放."""

_APART = re.compile(r"(?<=[\u3400-\u9fff])[\s\u200b-\u200d\ufeff·]+(?=[\u3400-\u9fff])")
"""What stands between two Chinese characters and is not read: 演 练 is 演练."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a text."""

    text_id: str
    language: str
    rule: str  # slot, missing, cold, money, signal, drill, mark, long, voicemail
    message: str


def lint(texts: Texts, hazards: HazardTable, example: Example) -> list[Fault]:
    """Return everything that is wrong with the texts, each fault once."""
    found: dict[Fault, None] = {}
    for text_id, versions in texts.by_id.items():
        for language, text in versions.items():
            found |= dict.fromkeys(_written(text_id, language, text))
    for fault in _rendered(texts, hazards, example):
        found[fault] = None
    return list(found)


def drill_faults(text: str, mode: str) -> list[Sentence]:
    """Return why a notice may not go out in this mode: what it says of drills is not so."""
    text = _APART.sub("", text)
    if mode == "live" and (drill := _DRILL.search(text)):
        return [sentence("正式通知不得含“{word}”：演练请选择“演练”启动", word=drill[0])]
    if mode == "drill" and (denied := _NO_DRILL.search(text)):
        return [sentence("演练内容不得写“{word}”", word=denied[0])]
    return []


def notice_faults(text: str, *, is_authority: bool = False) -> list[Sentence]:
    """Return why an officer's own words may not go out, in his language; empty: they may."""
    found = []
    signal = _SIGNAL.search(_APART.sub("", text))
    if signal and not is_authority:
        found.append(
            sentence("内部通知不得使用“{word}”：预警信号只能由发布单位发布", word=signal[0])
        )
    if empty := _EMPTY_SLOT.search(text):
        found.append(sentence("请把“{word}”换成实际内容", word=empty[0]))
    if asked := _asks_for(text):
        found.append(sentence("不得索要钱款、密码或验证码（“{word}”）", word=asked))
    return found


def _written(text_id: str, language: str, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a text as it is written."""
    purpose = text_id.split(".")[0]
    used = slots_of(text)
    for slot in sorted(used - SLOTS.get(purpose, used)):
        yield Fault(text_id, language, "slot", f"{{{slot}}} is not a slot of {purpose} texts")
    if "." in text_id:
        for what, slots in REQUIRED.get(purpose, {}).items():
            if not used & slots:
                wanted = " or ".join(f"{{{slot}}}" for slot in sorted(slots))
                yield Fault(text_id, language, "missing", f"must say: {what} ({wanted})")
    if asked := _asks_for(text):
        yield Fault(text_id, language, "money", f"must never ask for money or codes: {asked!r}")
    if _DRILL.search(text):
        yield Fault(text_id, language, "drill", "a drill is marked by itself; a live text never")
    before, mark, _ = text.partition("{advice}")
    if mark and not re.search("内部通知|internal notice", before, re.IGNORECASE):
        yield Fault(text_id, language, "mark", "our own words must stand behind 内部通知")
    if text_id.startswith("help.voice") and "phone" in used:
        yield Fault(
            text_id, language, "voicemail", "{phone} belongs into help.details, after a key"
        )
    if purpose in ("desk", "notice"):
        yield from _desk(text_id, language, text, used)


def _desk(text_id: str, language: str, text: str, used: set[str]) -> Iterator[Fault]:
    if signal := _SIGNAL.search(text):
        message = f"a notice of ours must not look like a signal: {signal[0]!r}"
        yield Fault(text_id, language, "signal", message)
    for slot in sorted(used & {"headline", "level", "hazard", "issuer"}):
        yield Fault(text_id, language, "signal", f"{{{slot}}} belongs to official warnings")


def _rendered(texts: Texts, hazards: HazardTable, example: Example) -> Iterator[Fault]:
    """Yield what is wrong with the texts once they are filled, for each hazard and level."""
    languages = {language for versions in texts.by_id.values() for language in versions}
    for base in (f"{purpose}.{kind}" for purpose in REQUIRED for kind in KINDS):
        if base not in texts.by_id:
            yield Fault(base, "zh", "missing", "there is no such text")
            continue
        for language in sorted(languages):
            for hazard, level in _cases(hazards, base):
                yield from _filled(texts, hazards, example, base, language, hazard, level)


def _filled(
    texts: Texts,
    hazards: HazardTable,
    example: Example,
    base: str,
    language: str,
    hazard: str | None,
    level: str | None,
) -> Iterator[Fault]:
    family = hazards.family(hazard) if hazard else None
    text_id = texts.best(base, hazard, family, level)
    kind = base.rpartition(".")[2]
    slots = example_slots(texts, hazards, example, kind, language, hazard, level)
    if slots_of(texts.find(text_id, language) or "") - slots.keys():
        return  # an unknown slot, told already
    said = texts.render(text_id, language, slots)
    if too_long := length_fault(kind, said):
        yield Fault(text_id, language, "long", too_long)
    if family == COLD and base.startswith("warning."):
        own = "public" if kind in ("script", "copy") else "advice"
        culprit = texts.best(own, hazard, family, level)
        for what, pattern in _DEADLY.items():
            if not pattern.search(said):
                yield Fault(culprit, language, "cold", f"{base} about {hazard} must name {what}")


def length_fault(kind: str, said: str) -> str | None:
    """Return why a filled text of `kind` is too long, or None."""
    if kind in ("voice", "script"):
        longest = LONGEST_CALL if kind == "voice" else LONGEST_SCRIPT
        seconds = spoken_seconds(said)
        return (
            f"takes {seconds:.0f} s to say, more than {longest:.0f}" if seconds > longest else None
        )
    most = LONGEST_TEXT if kind == "sms" else LONGEST_COPY
    size = segments(said)
    if len(said) <= most:
        return None
    return f"{len(said)} characters ({size.count} {size.encoding} segments), more than {most}"


def _cases(hazards: HazardTable, base: str) -> Sequence[tuple[str | None, str | None]]:
    if base.split(".")[0] not in ("warning", "all_clear", "part_clear", "downgrade"):
        return [(None, None)]
    found: list[tuple[str | None, str | None]] = [(None, None)]
    for key, hazard in hazards.hazards.items():
        found += [(key, level) for level in hazards.ordered if hazard.has_level(level)]
    return found


def _asks_for(text: str) -> str | None:
    """Return the word by which a sentence asks for money or codes; one that denies it is fine."""
    for one in _SENTENCE.split(text):
        asked = _MONEY.search(one)
        if asked and not _NEVER.search(one):
            return asked[0]
    return None

"""The people behind the phones: who answers, presses a key, replies, or cannot be reached.

What somebody does is a pure function of (seed, phone): the same night can be played twice. A test
or a drill may say what single phones do. `describe` prints the rules for the documentation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from alertcast.simulator.chance import between, chance


class Pickup(StrEnum):
    """What happens to one call."""

    ANSWER = "answer"  # a person picks up
    VOICEMAIL = "voicemail"  # a machine picks up; it hears everything and presses nothing
    BUSY = "busy"  # the line is engaged
    NO_ANSWER = "no-answer"  # it rings out
    FAILED = "failed"  # there is no such number


@dataclass(frozen=True, slots=True)
class Hearing:
    """What somebody does with one call."""

    pickup: Pickup = Pickup.ANSWER
    keys: tuple[str, ...] = ("1",)  # what is pressed at each menu in turn; "" and beyond: nothing
    ring: float = 6.0  # product seconds until it is picked up
    decide: float = 5.0  # product seconds into a menu until a key is pressed


@dataclass(frozen=True, slots=True)
class Reading:
    """What becomes of a text message, and whether its reader answers it."""

    refused: int | None = None  # the create is answered with this code and nothing is sent
    status: str = "delivered"  # the last receipt: delivered, undelivered, or sent (no more comes)
    code: int | None = None  # error code of an undelivered message
    after: float = 4.0  # product seconds from the create to the last receipt
    reply: str | None = None  # the text sent back
    reply_after: float = 60.0  # product seconds from the last receipt to the reply
    previews: bool = False  # the telephone fetches the links in a text by itself
    counts: tuple[int, int] | None = None  # households told and not told, where a page asks for it


@dataclass(frozen=True, slots=True)
class Behaviour:
    """All that one phone ever does."""

    kind: str = "presses_1"
    sms: Reading = Reading()
    calls: tuple[Hearing, ...] = (Hearing(),)  # first call, second call...; the last one repeats
    calls_back: Hearing | None = None  # what is done when calling back the first missed call
    calls_back_after: float = 120.0  # product seconds from the missed call to that

    def hearing(self, earlier: int) -> Hearing:
        """Return what is done with a call after `earlier` calls to the same phone."""
        return self.calls[min(earlier, len(self.calls) - 1)]


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of person: how many of a hundred, what they do in words, and what they do."""

    name: str
    weight: int  # of 100
    chinese: str
    english: str
    make: Callable[["_Phone"], Behaviour]


class People:
    """Everybody who owns a phone.

    Parameters
    ----------
    seed
        Another seed is another population.
    overrides
        Phone (E.164) to what it does instead.
    """

    def __init__(self, seed: int = 0, overrides: Mapping[str, Behaviour] | None = None) -> None:
        self.seed = seed
        self._overrides = dict(overrides or {})

    def of(self, phone: str) -> Behaviour:
        """Return what `phone` (E.164) does."""
        return self._overrides.get(phone) or behaviour(self.seed, phone)

    def let(self, phone: str, does: Behaviour) -> None:
        """From now on `phone` (E.164) does this."""
        self._overrides[phone] = does


def behaviour(seed: int, phone: str) -> Behaviour:
    """Return what `phone` (E.164) does in the population `seed`."""
    drawn = 100 * chance(seed, phone, "kind")
    kind = next(kind for kind, end in zip(KINDS, _ENDS, strict=True) if drawn < end)
    return kind.make(_Phone(seed, phone, kind.name))


def describe() -> str:
    """Return the rules as a Markdown table, Chinese and English, for the documentation."""
    rows = [
        "| kind | of 100 | 行为 | what they do |",
        "| --- | ---: | --- | --- |",
        *(f"| `{k.name}` | {k.weight} | {k.chinese} | {k.english} |" for k in KINDS),
    ]
    return "\n".join(rows) + "\n"


@dataclass(frozen=True, slots=True)
class _Phone:
    """One phone of one population, and the times that are its own."""

    seed: int
    number: str
    kind: str

    def seconds(self, what: str, low: float, high: float) -> float:
        return round(between(low, high, self.seed, self.number, what), 1)

    def is_one_in(self, many: int, what: str) -> bool:
        return chance(self.seed, self.number, what) < 1 / many

    def hearing(self, pickup: Pickup, *keys: str) -> Hearing:
        ring = self.seconds("ring", 20, 25) if pickup is Pickup.VOICEMAIL else self._ring
        return Hearing(pickup, keys, ring, self.seconds("decide", 3, 15))

    def reading(
        self,
        *,
        status: str = "delivered",
        code: int | None = None,
        refused: int | None = None,
        reply: str | None = None,
        counts: tuple[int, int] | None = None,
    ) -> Reading:
        return Reading(
            refused,
            status,
            code,
            self.seconds("sms", 2, 9),
            reply,
            self.seconds("reply", 40, 480),
            self.is_one_in(2, "preview"),
            counts,
        )

    def does(self, sms: Reading, *calls: Hearing) -> Behaviour:
        return Behaviour(self.kind, sms, calls)

    @property
    def _ring(self) -> float:
        return self.seconds("ring", 4, 20)


def _presses_1(phone: _Phone) -> Behaviour:
    status = "sent" if phone.is_one_in(20, "no receipt") else "delivered"
    return phone.does(phone.reading(status=status), phone.hearing(Pickup.ANSWER, "1"))


def _second_call(phone: _Phone) -> Behaviour:
    missed, taken = phone.hearing(Pickup.NO_ANSWER), phone.hearing(Pickup.ANSWER, "1")
    return phone.does(phone.reading(), missed, taken)


def _calls_back(phone: _Phone) -> Behaviour:
    missed, taken = phone.hearing(Pickup.NO_ANSWER), phone.hearing(Pickup.ANSWER, "1")
    after = phone.seconds("call back", 40, 240)
    return Behaviour(phone.kind, phone.reading(), (missed, missed, taken), taken, after)


def _replies(phone: _Phone) -> Behaviour:
    reply = "收到" if phone.is_one_in(3, "word") else "1"
    told, left = phone.seconds("told", 20, 200), phone.seconds("not told", 0, 30)
    counts = (int(told), int(left)) if phone.is_one_in(3, "counts") else None
    reading = phone.reading(reply=reply, counts=counts)
    return phone.does(reading, phone.hearing(Pickup.ANSWER, "1"))


def _busy_first(phone: _Phone) -> Behaviour:
    engaged, taken = phone.hearing(Pickup.BUSY), phone.hearing(Pickup.ANSWER, "1")
    return phone.does(phone.reading(), engaged, taken)


def _hears_again(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(), phone.hearing(Pickup.ANSWER, "3", "1"))


def _no_key(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(), phone.hearing(Pickup.ANSWER))


def _voicemail(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(), phone.hearing(Pickup.VOICEMAIL))


def _never(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(), phone.hearing(Pickup.NO_ANSWER))


def _switched_off(phone: _Phone) -> Behaviour:
    sms = phone.reading(status="undelivered", code=30003)
    return phone.does(sms, phone.hearing(Pickup.NO_ANSWER))


def _needs_help(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(), phone.hearing(Pickup.ANSWER, "2"))


def _wrong_number(phone: _Phone) -> Behaviour:
    if phone.is_one_in(2, "refused"):
        sms = phone.reading(refused=21211)
    else:
        sms = phone.reading(status="undelivered", code=30005)
    return phone.does(sms, phone.hearing(Pickup.FAILED))


def _landline(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(refused=21614), phone.hearing(Pickup.ANSWER, "1"))


def _opted_out(phone: _Phone) -> Behaviour:
    return phone.does(phone.reading(refused=21610), phone.hearing(Pickup.ANSWER, "1"))


KINDS: tuple[Kind, ...] = (
    Kind(
        "presses_1",
        56,
        "接起第一个电话，按 1 确认；二十人中有一人的短信没有最终回执",
        "answers the first call and presses 1; one in twenty never sends a final SMS receipt",
        _presses_1,
    ),
    Kind(
        "calls_back",
        2,
        "漏接电话，40 秒至 4 分钟后回拨，听完按 1",
        "misses the call, calls back after 40 s to 4 min and presses 1",
        _calls_back,
    ),
    Kind(
        "second_call",
        10,
        "漏接第一个电话，接起第二个并按 1",
        "misses the first call, answers the second and presses 1",
        _second_call,
    ),
    Kind(
        "replies",
        12,
        "40 秒至 8 分钟后回复短信“1”或“收到”；短信里有链接的改为打开链接按“收到”，"
        "三人中有一人上报户数；来电也按 1",
        "answers the SMS with “1” or “收到” after 40 s to 8 min; where it has a link, opens it and "
        "presses 收到, one in three with the households told; presses 1 in a call too",
        _replies,
    ),
    Kind(
        "busy_first",
        4,
        "第一个电话忙线，接起第二个并按 1",
        "is busy at the first call, answers the second and presses 1",
        _busy_first,
    ),
    Kind(
        "hears_again", 3, "先按 3 重听，再按 1", "presses 3 to hear it again, then 1", _hears_again
    ),
    Kind("no_key", 3, "接听但不按键", "listens and presses no key", _no_key),
    Kind("voicemail", 3, "转入语音信箱，从不按键", "voicemail answers; no key", _voicemail),
    Kind("never", 2, "短信送达，电话从不接听", "gets the SMS, never answers a call", _never),
    Kind(
        "switched_off",
        1,
        "关机：短信未送达（30003），电话无人接听",
        "is switched off: SMS undelivered (30003), calls ring out",
        _switched_off,
    ),
    Kind("needs_help", 1, "接听并按 2 求助", "answers and presses 2: needs help", _needs_help),
    Kind(
        "wrong_number",
        1,
        "空号：短信被拒（21211）或未送达（30005），呼叫失败",
        "does not exist: SMS refused (21211) or undelivered (30005), calls fail",
        _wrong_number,
    ),
    Kind(
        "landline",
        1,
        "座机：短信被拒（21614），来电按 1",
        "is a landline: SMS refused (21614), presses 1 in a call",
        _landline,
    ),
    Kind(
        "opted_out",
        1,
        "已退订短信（21610），来电按 1",
        "has opted out of SMS (21610), presses 1 in a call",
        _opted_out,
    ),
)
"""Everybody there is; the weights add up to 100."""

_ENDS = tuple(accumulate(kind.weight for kind in KINDS))

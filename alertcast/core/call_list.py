"""The offline call list (离线名单): whom to ring by hand in a county when all else is dead."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alertcast.core.phone import dialled
from alertcast.core.sheet import guarded

HEADERS = ("序号", "等级", "网格", "岗位", "姓名", "电话", "梯次", "应答", "呼叫结果")
"""Columns of the list, in Chinese; the last one is for a pen."""


class ListError(ValueError):
    """What was read is not the call list it should be."""


@dataclass(frozen=True, slots=True)
class Callee:
    """One telephone to ring, for all the grids and posts it stands for."""

    name: str
    phone: str  # E.164
    roles: tuple[str, ...]  # what pages call them
    places: tuple[str, ...]
    level: str  # what pages call the highest; "" for a notice
    rung: int  # the first on which the phone is told, from 1; 0: told once, no ladder
    counts: bool  # an answer answers for the grid
    answered: bool  # when the list was made


@dataclass(frozen=True, slots=True)
class CallList:
    """Whom to ring in one county of a broadcast, as it stood at `made_at`."""

    office: str
    check_number: str
    timezone: str  # IANA name
    broadcast_id: int
    title: str
    mode: str  # live or drill
    county_code: str
    county: str
    made_at: datetime
    words: tuple[str, ...]  # what to read out: the official words, unaltered
    callees: tuple[Callee, ...]

    def local(self, at: datetime) -> str:
        """Return a time as it is written on the list."""
        return f"{at.astimezone(ZoneInfo(self.timezone)):%Y-%m-%d %H:%M}"

    def watermark(self, fetched_by: str, at: datetime) -> str:
        """Return whose list this is, of what, made when, and who fetched it when."""
        drill = "演练 " if self.mode == "drill" else ""
        made, taken = self.local(self.made_at), self.local(at)
        what = f"{self.office} 下发{self.broadcast_id} {self.county}"
        return f"{drill}{what} 制于{made} 取用：{fetched_by} {taken}"

    def to_json(self) -> str:
        """Return the list as text, to be sealed."""
        kept = _facts(self) | {
            "made_at": self.made_at.isoformat(),
            "callees": [_facts(one) for one in self.callees],
        }
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "CallList":
        """Return the list that `to_json` wrote; raises ListError."""
        try:
            kept = json.loads(text)
            callees = tuple(
                Callee(**one | {"roles": tuple(one["roles"]), "places": tuple(one["places"])})
                for one in kept["callees"]
            )
            made_at = datetime.fromisoformat(kept["made_at"])
            more = {"callees": callees, "made_at": made_at, "words": tuple(kept["words"])}
            return cls(**kept | more)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"this is no call list ({type(error).__name__})"
            raise ListError(msg) from None


def lines(found: CallList) -> list[tuple[str, ...]]:
    """Return the rows of the list under `HEADERS`; the last cell is empty, for a pen."""
    return [
        (
            str(number),
            one.level,
            "、".join(one.places),
            "、".join(one.roles) + ("" if one.counts or not one.rung else "（不代答）"),
            one.name,
            dialled(one.phone),
            str(one.rung or ""),
            "已应答" if one.answered else "",
            "",
        )
        for number, one in enumerate(found.callees, 1)
    ]


def as_csv(found: CallList, fetched_by: str, at: datetime) -> str:
    """Return the list as CSV (UTF-8 with a mark, so that spreadsheets read Chinese).

    Each row carries the watermark. A cell that a spreadsheet would take for a formula is quoted.
    """
    mark = found.watermark(fetched_by, at)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["离线叫应名单", mark])
    writer.writerow([found.title, f"核实电话 {found.check_number}"])
    writer.writerows([word] for word in found.words)
    writer.writerow([*HEADERS, "水印"])
    writer.writerows([*(guarded(cell) for cell in row), mark] for row in lines(found))
    return "\ufeff" + out.getvalue()


def merged(found: Iterable[Callee]) -> tuple[Callee, ...]:
    """Return one callee per phone, in the order in which they are to be rung first.

    `found` is in the order of grids, the highest level first. Whoever shares a phone is named
    beside the other.
    """
    by_phone: dict[str, list[Callee]] = {}
    for one in found:
        by_phone.setdefault(one.phone, []).append(one)
    once = [same[0] if len(same) == 1 else _one(same) for same in by_phone.values()]
    return tuple(sorted(once, key=lambda one: (one.rung, not one.counts)))


def _one(same: Sequence[Callee]) -> Callee:
    return Callee(
        name="、".join(dict.fromkeys(one.name for one in same)),
        phone=same[0].phone,
        roles=tuple(dict.fromkeys(role for one in same for role in one.roles)),
        places=tuple(dict.fromkeys(place for one in same for place in one.places)),
        level=same[0].level,
        rung=min(one.rung for one in same),
        counts=any(one.counts for one in same),
        answered=all(one.answered for one in same),
    )


def _facts(one: Callee | CallList) -> dict[str, Any]:
    return {each.name: getattr(one, each.name) for each in fields(one)}

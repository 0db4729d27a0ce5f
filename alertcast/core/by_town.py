"""The areas of a Chinese warning by town: what its text says of towns, before grids are matched.

China's feeds give one code for a whole county or city; which towns a level holds for is said in the
text (分镇预警). Nothing of the alert is altered: the areas are made anew each time it is matched.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from alertcast.core.alert import Area, Info, Reason, ReasonKind
from alertcast.core.gazetteer import Gazetteer, Region
from alertcast.core.hazard import HazardTable
from alertcast.core.place import CHINA, china_code, codes_of
from alertcast.core.town_levels import Reading, TownReader
from alertcast.core.town_resolver import TownLevel

UNSURE = "unsure_towns"
"""The code of the reason that asks an officer to look at how towns were read."""

UNWRITTEN = "level_not_written"
"""The code of the reason that asks for it because a text lets a level go on without naming it."""

_SCHEME = "行政区划代码"
_CITY, _COUNTY = 4, 6  # digits of a code without its padding


@dataclass(frozen=True, slots=True)
class ByTown:
    """The infos of an alert with their areas by town, and what an officer should know of it."""

    infos: tuple[Info, ...]
    reasons: tuple[Reason, ...] = ()
    silent: frozenset[str] = frozenset()  # codes of towns that a text naming others leaves out
    presumed: frozenset[str] = frozenset()  # codes of towns that a lift of others leaves out
    was: str | None = None  # the level that the text says held before it
    lifted: frozenset[str] = frozenset()  # codes of towns in which the text ends the signal
    kept: Mapping[str, str | None] = field(default_factory=dict)
    """Code of a town where a level goes on that is not written -> the least that holds there."""
    had: Mapping[str, str] = field(default_factory=dict)  # town code -> what held, by the text

    def areas(self) -> list[tuple[Area, str | None]]:
        """Return every area with the level that holds there, as grids are matched."""
        return [(area, area.level or info.level) for info in self.infos for area in info.areas]

    @property
    def doubt(self) -> str | None:
        """One Chinese sentence: what could not be read, and how it was taken instead."""
        codes = (UNSURE, UNWRITTEN)
        return next((one.message for one in self.reasons if one.code in codes), None)

    def written(self) -> "ByTown":
        """Return it without the doubt about what is not written: the warnings before tell it."""
        message = "正文没有写明等级的镇街，按此前预警的等级处理。"
        told = [
            replace(one, code="level_before", message=message) if one.code == UNWRITTEN else one
            for one in self.reasons
        ]
        return replace(self, reasons=tuple(told))

    @property
    def is_partial_end(self) -> bool:
        """Say whether the texts end the signal in some towns while it holds in others."""
        return bool(self.lifted) and any(area.level for info in self.infos for area in info.areas)


@dataclass(frozen=True)
class Towns:
    """The towns of one layer, ready to be read out of texts."""

    gazetteer: Gazetteer
    table: HazardTable
    _readers: dict[tuple[str, ...], tuple[Region, TownReader] | None] = field(default_factory=dict)

    def by_town(self, infos: Sequence[Info]) -> ByTown:
        """Return the infos with areas by town. Doing it to its own result changes nothing.

        An area is read where it is a Chinese county or city by its code alone and has no level of
        its own; every other one stays as it is.
        """
        found = [self._read(info, f"info[{number}]") for number, info in enumerate(infos)]
        return ByTown(
            tuple(info for one in found for info in one.infos),
            tuple(reason for one in found for reason in one.reasons),
            frozenset[str]().union(*(one.silent for one in found)),
            frozenset[str]().union(*(one.presumed for one in found)),
            self.table.highest(one.was for one in found),
            frozenset[str]().union(*(one.lifted for one in found)),
            {code: level for one in found for code, level in one.kept.items()},
            {code: level for one in found for code, level in one.had.items()},
        )

    def _read(self, info: Info, where: str) -> ByTown:
        made = ByTown((replace(info, areas=()),))
        for number, area in enumerate(info.areas):
            codes = _whole_places(area) if _is_chinese(info) else ()
            known = self._reader(codes) if codes else None
            if known is None:
                made = _with(made, [area])
                continue
            region, reader = known
            texts = (info.description, info.headline, info.instruction)
            reading = reader.read(texts, hazard=info.hazard, level=info.level)
            made = self._split(made, area, region, reading, f"{where}/area[{number}]")
        return made

    def _split(
        self, made: ByTown, area: Area, region: Region, reading: Reading, where: str
    ) -> ByTown:
        doubt = [_note(UNSURE, where, reading.doubt)] if reading.doubt else []
        doubt += [_note(UNWRITTEN, where, reading.unwritten)] if reading.unwritten else []
        made = replace(made, kept={**made.kept, **reading.kept}, had={**made.had, **reading.had})
        if reading.is_whole or not reading.levels():
            level = reading.level if doubt else area.level
            return _with(made, [replace(area, level=level)], doubt)
        ordered = sorted(reading.towns.items(), key=lambda one: self._order(one[1]))
        areas, said = [], []
        for (level, sentence), group in groupby(ordered, lambda one: _held(one[1])):
            codes = [code for code, _ in group]
            if level is None:
                continue
            names = "、".join(region.towns[code] for code in codes)
            said.append(f"{self.table.level_name(level)}：{names}")
            if len(codes) == len(region.towns):
                areas.append(replace(area, level=level, sentence=sentence))
            elif here := [code for code in codes if self._has_grids(code)]:
                geocodes = tuple((_SCHEME, code) for code in here)
                areas.append(Area(names, level, geocodes=geocodes, sentence=sentence))
        notes = [_note("towns_read", where, f"按正文分镇：{'；'.join(said)}。"), *doubt]
        if reading.silent:
            count = len(reading.silent)
            message = f"正文没有提到其余{count}个镇街，那里按原有预警处理。"
            notes.append(_note("towns_not_named", where, message))
        lifted = frozenset(code for code, one in reading.towns.items() if one.level is None)
        made = _with(made, areas, notes)
        was = self.table.highest((made.was, reading.was))
        return replace(
            made,
            silent=made.silent | frozenset(reading.silent),
            presumed=made.presumed | reading.presumed,
            was=was,
            lifted=made.lifted | lifted,
        )

    def _reader(self, codes: tuple[str, ...]) -> tuple[Region, TownReader] | None:
        if codes not in self._readers:
            region = self.gazetteer.region(codes)
            is_known = region is not None and all(map(china_code, region.towns))
            made = (region, TownReader(region, self.table)) if region and is_known else None
            self._readers[codes] = made
        return self._readers[codes]

    def _order(self, said: TownLevel) -> tuple[int, str]:
        return -self.table.rank(said.level), said.sentence

    def _has_grids(self, code: str) -> bool:
        return self.gazetteer.in_layer is None or code in self.gazetteer.in_layer


def _is_chinese(info: Info) -> bool:
    return re.split("[-_]", info.language.lower())[0] == "zh"


def _whole_places(area: Area) -> tuple[str, ...]:
    """Return the codes of the counties and cities that an area is, if it is nothing else."""
    codes = codes_of(area, "", [])
    is_plain = not (area.polygons or area.circles or area.level)
    is_whole = all(c.scheme == CHINA and len(c.value) in (_CITY, _COUNTY) for c in codes)
    return tuple(sorted(code.value for code in codes)) if is_plain and is_whole else ()


def _held(said: TownLevel) -> tuple[str | None, str]:
    return said.level, said.sentence


def _note(code: str, where: str, message: str) -> Reason:
    return Reason(code, ReasonKind.NOTE, where, message)


def _with(made: ByTown, areas: Iterable[Area], notes: Iterable[Reason] = ()) -> ByTown:
    (info,) = made.infos
    info = replace(info, areas=(*info.areas, *areas))
    return replace(made, infos=(info,), reasons=(*made.reasons, *notes))

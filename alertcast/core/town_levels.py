"""Which level holds in which town, as the text of a Chinese warning says (分镇预警).

A county's warning is one message for all its towns: "将冷坑镇寒冷橙色预警信号升级为红色，
其余乡镇寒冷橙色预警信号继续生效". What can not be read is never guessed low: the whole place
is then taken at the highest level that the text names, and a person is asked to look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from alertcast.core.claim import Claim
from alertcast.core.folding import fold
from alertcast.core.gazetteer import Region
from alertcast.core.hazard import HazardTable
from alertcast.core.town_claims import claims_of
from alertcast.core.town_resolver import Resolver, TownLevel
from alertcast.core.town_title import split_title
from alertcast.core.town_tokens import Lexer

LONGEST = 10_000
"""Characters of a text that is read; no warning is nearly as long."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text says of the towns of its issuer's place."""

    towns: Mapping[str, TownLevel] = field(default_factory=dict)  # code -> what is said of it
    silent: tuple[str, ...] = ()  # codes of towns of which a text that names others says nothing
    presumed: frozenset[str] = frozenset()  # codes read only from what a lift leaves out
    was: str | None = None  # the level that the named towns had before: the silent ones may have it
    kept: Mapping[str, str | None] = field(default_factory=dict)
    """Code of a town where a level goes on that is not written -> the least that holds there."""
    had: Mapping[str, str] = field(default_factory=dict)  # code -> what held before, as it says
    unwritten: str | None = None  # one Chinese sentence on those that are `kept`
    doubt: str | None = None  # one Chinese sentence: why an officer has to look
    is_whole: bool = False  # all towns at `level`, because nothing was said of towns, or in doubt
    level: str | None = None  # the highest that holds in any town

    def levels(self) -> dict[str, str]:
        """Return the level of each town in which one holds."""
        return {code: said.level for code, said in self.towns.items() if said.level}


class TownReader:
    """Reads the towns and levels of texts; built once for a place."""

    def __init__(self, region: Region, table: HazardTable) -> None:
        words = {word: hazard.key for hazard in table.hazards.values() for word in hazard.words}
        colours = {
            word: level.key
            for level in table.levels.values()
            for word in (level.zh, *level.grades)
            if not word.isascii()
        }
        self._lexer = Lexer(region, words, colours)
        self._region, self._table = region, table

    def read(
        self, texts: Sequence[str | None], *, hazard: str | None, level: str | None
    ) -> Reading:
        """Return what `texts` say of signals for `hazard`, the first that names towns.

        Parameters
        ----------
        texts
            Description, headline, instruction: the most detailed first.
        hazard
            Of the alert, so that signals of other hazards are passed over; None: all count.
        level
            Of the headline: what holds where the texts name no towns.
        """
        if any(text and len(text) > LONGEST for text in texts):
            return self._whole(level, "正文过长，没有分镇辨认，按全部镇街处理。")
        said, titles = self._said(texts, hazard)
        level = self._table.highest((level, *(c.level for c in titles if not c.is_lift)))
        said += [titles] if titles else []
        all_levels = [level, *(one for claims in said for c in claims for one in c.levels)]
        highest = self._table.highest(all_levels)
        for number, claims in enumerate(said):
            if any(claim.scope.is_said for claim in claims) or _is_lowered(claims):
                others = [c for n, more in enumerate(said) if n != number for c in more]
                return self._resolve(claims, others, level, highest)
        return self._whole(level or highest, None)

    def _said(
        self, texts: Sequence[str | None], hazard: str | None
    ) -> tuple[list[list[Claim]], list[Claim]]:
        """Return what each text claims, and apart from it what titles at their heads do.

        A title is told apart only from a text that names places itself; else it is part of it.
        """
        said: list[list[Claim]] = []
        titles: list[Claim] = []
        for text in filter(None, texts):
            title, rest = split_title(text)
            claims = self._claims(rest, hazard)
            is_apart = title and any(claim.scope.is_said for claim in claims)
            said.append(claims if is_apart else self._claims(text, hazard))
            titles += self._claims(title, hazard) if is_apart else []
        return said, titles

    def _claims(self, text: str, hazard: str | None) -> list[Claim]:
        return [
            claim
            for claim in claims_of(fold(text), self._lexer)
            if hazard is None or not claim.hazards or hazard in claim.hazards
        ]

    def _resolve(
        self, claims: list[Claim], others: list[Claim], level: str | None, highest: str | None
    ) -> Reading:
        resolver = Resolver(self._region, self._table.rank, highest)
        found = resolver.resolved(claims)
        for claim in others:
            self._add_named(found, claim)
        doubt = self._doubt(claims, found, level)
        if doubt is not None:
            return self._whole(highest, doubt)
        silent = tuple(code for code in self._region.towns if code not in found)
        held = self._table.highest(one.level for one in found.values())
        open_ended = next((c for c in claims if not (c.level or c.is_lift or c.is_kept)), None)
        why = _not_written(open_ended.sentence) if open_ended else None
        if why is None and resolver.twice:
            names = "、".join(self._region.towns[code] for code in sorted(resolver.twice))
            why = f"正文对“{names}”的等级前后不一，按较高等级处理：{claims[-1].sentence}"
        kept = resolver.kept
        return Reading(
            found,
            silent,
            frozenset(resolver.presumed),
            was=self._was(claims) if silent else None,
            kept=kept,
            had=resolver.had,
            unwritten=_not_written(found[min(kept)].sentence) if kept else None,
            doubt=why,
            level=held,
        )

    def _add_named(self, found: dict[str, TownLevel], claim: Claim) -> None:
        """Let another text raise a town that it names, never lower it."""
        if claim.is_lift or claim.scope.unread or not claim.level:
            return
        for code in claim.scope.named:
            known = found.get(code)
            if known is None or self._table.rank(claim.level) > self._table.rank(known.level):
                found[code] = TownLevel(claim.level, claim.sentence)

    def _doubt(
        self, claims: list[Claim], found: Mapping[str, TownLevel], level: str | None
    ) -> str | None:
        rank = self._table.rank
        levels = [rank(found[c].level) if c in found else 0 for c in self._region.towns]
        lowest, most = min(levels), max(levels)
        for claim in claims:
            is_high = not claim.levels or max(map(rank, claim.levels)) > lowest
            if claim.scope.unread and is_high:
                words = "、".join(dict.fromkeys(claim.scope.unread))
                return f"不能确定“{words}”是哪些镇街，按全部镇街最高等级处理：{claim.sentence}"
        is_lowered = any(
            level in (*c.levels[:-1], *(c.levels if c.is_lift else ())) for c in claims
        )
        if rank(level) > most and not is_lowered:
            name = self._table.level_name(level or "")
            return f"标题为{name}，正文没有写明哪些镇街为{name}，按全部镇街最高等级处理。"
        return None

    def _was(self, claims: Iterable[Claim]) -> str | None:
        """Return the highest level that towns had before the text changed it."""
        return self._table.highest(
            one for c in claims for one in (c.levels if c.is_kept else c.levels[:-1])
        )

    def _whole(self, level: str | None, doubt: str | None) -> Reading:
        towns = {code: TownLevel(level, "") for code in self._region.towns}
        return Reading(towns, doubt=doubt, is_whole=True, level=level)


def _is_lowered(claims: Sequence[Claim]) -> bool:
    """Say whether a text without places lifts one level and keeps another."""
    return any(c.is_lift for c in claims) and any(c.levels and not c.is_lift for c in claims)


def _not_written(sentence: str) -> str:
    return f"没有写明等级，按最高等级处理：{sentence}"
